/**
 * What a schema format is to everything above it: the registry, the studio's live checks, the codecs. Each format (avro/, json-schema/,
 * protobuf/) implements SchemaFormat; nobody above asks which one it holds. Types only: nothing here runs.
 */
import type { Result } from '../../shared/lang/result'

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

/** A name used in a schema's text, and the registered version that it stands for. */
export interface SchemaReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** Texts of everything that a schema refers to, itself or through others, by reference name; a dependency stands before what needs it. */
export type ReferencedTexts = ReadonlyMap<string, string>

export interface SourceRange {
  /** UTF-16 offsets into the text, `to` behind the last character. */
  readonly from: number
  readonly to: number
}

/** Something that a person may do to the text with one key: "Keep REFUNDED", "Change to timestamp-millis". */
export interface SchemaFix {
  readonly label: string
  /** Do not overlap; all at once. */
  readonly edits: readonly (SourceRange & { readonly insert: string })[]
}

/** Something wrong with a text, at its place. A warning does not keep a schema from being registered. */
export interface SchemaProblem extends SourceRange {
  readonly severity: 'error' | 'warning'
  /** A sentence: what is wrong, with the name or the value. */
  readonly message: string
  /** What would mend it, a sentence, or null. */
  readonly hint: string | null
  /** JSON pointer (Avro, JSON Schema) or dotted name (Protobuf) of what is wrong, '' for the whole. */
  readonly path: string
  readonly fixes: readonly SchemaFix[]
}

export interface ParseOptions {
  /** New schemas are held to names and defaults; stored ones are taken as they are (registry-and-coordination section 2.1). */
  readonly isNew: boolean
}

export type CompatibilityPolicy = 'STRICT' | 'LENIENT'

/** One reason why a reader with one schema cannot read what a writer with another wrote. */
export interface Incompatibility {
  /** The registry's own name of the difference, such as READER_FIELD_MISSING_DEFAULT_VALUE. */
  readonly type: string
  /** Where in the reader's schema: a JSON pointer ('/fields/1'), JSON Schema '#/properties/a', or a dotted name. */
  readonly path: string
  /** The same place in the writer's schema, or null where it has none. */
  readonly writerPath: string | null
  /**
   * The registry's words, as its `messages` give them between the quotes of description. It writes them before it knows the direction: the
   * first %s stands for 'new' where the reader is the new schema (BACKWARD), for 'old' where it is the registered one; the second for the other.
   */
  readonly description: string
  /** Avro's additionalInfo, null where the format has none. */
  readonly additionalInfo: string | null
  /** In our words, for people: which field, what happens to which reader or writer. */
  readonly explanation: string
  /** What would mend it, a sentence; null when nothing but another name does. */
  readonly mend: string | null
}

/** A change between two versions as a person would tell it, breaking or not. */
export interface SchemaChange {
  /** 'added' and 'removed' speak of fields, symbols, branches, messages; 'changed' of everything else. */
  readonly kind: 'added' | 'removed' | 'changed'
  /** The registry's name where it has one, else ours. */
  readonly type: string
  /** In the older text and in the newer, null where it is not there. */
  readonly olderPath: string | null
  readonly newerPath: string | null
  /** One sentence: "Field 'email' (string) is added without a default." */
  readonly description: string
  /** BACKWARD: the newer schema cannot read what the older wrote. FORWARD: the older cannot read what the newer writes. */
  readonly breaks: readonly ('BACKWARD' | 'FORWARD')[]
}

/** An entry of the outline: fields, types, symbols, in the order of the text. */
export interface OutlineEntry extends SourceRange {
  readonly name: string
  /** The type in words: 'record', 'string', 'union of null, long', 'array of Order'. */
  readonly detail: string
  readonly path: string
  readonly children: readonly OutlineEntry[]
}

/** One format. `P` is its own parsed form, opaque to others; parsing is the only thing that fails. */
export interface SchemaFormat<P> {
  readonly type: SchemaType
  parse(text: string, references: ReferencedTexts, options: ParseOptions): Result<P, readonly SchemaProblem[]>
  /** What is odd but allowed: unknown logical types, attributes that nobody reads. With places in `text`, which parsed to `schema`. */
  warnings(text: string, schema: P): readonly SchemaProblem[]
  /** The text that is stored and compared for identity: whitespace and key order as section 3.3 says. */
  canonicalText(schema: P): string
  /** The text under `normalize=true`. */
  normalizedText(schema: P): string
  /** With references written out in place (`format=resolved`). */
  resolvedText(schema: P): string
  /** Under `format=serialized`: Protobuf's descriptor in base64. The others have none. */
  serializedText?(schema: P): string
  /** The name that RecordNameStrategy takes (full name, title, message name), or null. */
  recordName(schema: P): string | null
  /** Empty: everything that `writer` allows is read by `reader`. All reasons, not only the first. */
  incompatibilities(reader: P, writer: P, policy: CompatibilityPolicy): readonly Incompatibility[]
  /**
   * Edits of the draft that would mend one of its incompatibilities; `registeredText` is the version that it does not go with, `otherTexts` are
   * further registered versions, newest first, from which what was dropped may be taken back (a default that only v4 gave).
   */
  fixes(
    draftText: string,
    incompatibility: Incompatibility,
    registeredText: string,
    direction: 'BACKWARD' | 'FORWARD',
    otherTexts?: readonly string[],
  ): readonly SchemaFix[]
  changes(older: P, newer: P): readonly SchemaChange[]
  /** For pretty printing in an editor; keeps what canonicalText loses (order of keys, comments where the format has them). Fails as parse does when it is no text of this format at all. */
  format(text: string): Result<string, readonly SchemaProblem[]>
  outline(text: string): readonly OutlineEntry[]
  /** The place of a path of ours in a text, null where it is not there. */
  locate(text: string, path: string): SourceRange | null
}
