/**
 * Schemas as the window shows them. Texts cross whole; places are UTF-16 offsets into the text that was sent. Names of differences, levels
 * and modes are the registry's own.
 */

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'
/** What an editor holds; IDL is turned into AVRO when it is checked or registered. */
export type SchemaLanguage = 'avro' | 'avro-idl' | 'json-schema' | 'protobuf'

export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type CompatibilityLevel = (typeof compatibilityLevels)[number]

export const registryModes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT', 'FORWARD'] as const
export type RegistryMode = (typeof registryModes)[number]

export interface SchemaReferenceView {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A line of the list. One call answers all subjects. */
export interface SubjectSummary {
  readonly subject: string
  readonly type: SchemaType
  readonly latestVersion: number
  readonly latestId: number
  readonly versionCount: number
  /** All its versions are softly deleted; only listed when asked for. */
  readonly isDeleted: boolean
}

export interface SchemaVersionView {
  readonly subject: string
  readonly version: number
  readonly id: number
  readonly guid: string
  readonly type: SchemaType
  /** As registered. */
  readonly text: string
  readonly references: readonly SchemaReferenceView[]
  readonly isDeleted: boolean
  /** When its record was written, ms; null where the registry does not know. */
  readonly registeredAtMs: number | null
  /** Ids of schemas that refer to this version. */
  readonly referencedBy: readonly { readonly subject: string; readonly version: number; readonly id: number }[]
}

export interface SubjectView {
  readonly subject: string
  /** Ascending, softly deleted ones included. */
  readonly versions: readonly SchemaVersionView[]
  /** Its own, null where the global one holds. */
  readonly level: CompatibilityLevel | null
  readonly effectiveLevel: CompatibilityLevel
  readonly mode: RegistryMode | null
  readonly effectiveMode: RegistryMode
}

export interface RegistryView {
  /** null: it is not up, `problem` says why. */
  readonly url: string | null
  readonly problem: string | null
  readonly level: CompatibilityLevel
  readonly mode: RegistryMode
  readonly subjectCount: number
  /** Moves with every write; the window reads its lists anew when it has. */
  readonly revision: number
}

/** A reference from one version to another, for the graph. */
export interface ReferenceEdge {
  readonly from: { readonly subject: string; readonly version: number }
  readonly to: { readonly subject: string; readonly version: number }
  readonly name: string
}

export interface SourceRangeView {
  readonly from: number
  readonly to: number
}

export interface SchemaFixView {
  readonly label: string
  readonly edits: readonly (SourceRangeView & { readonly insert: string })[]
}

export interface SchemaProblemView extends SourceRangeView {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly hint: string | null
  readonly path: string
  readonly fixes: readonly SchemaFixView[]
}

export interface OutlineEntryView extends SourceRangeView {
  readonly name: string
  readonly detail: string
  readonly path: string
  readonly children: readonly OutlineEntryView[]
}

export interface SchemaDraft {
  /** '' while it has none yet. */
  readonly subject: string
  readonly language: SchemaLanguage
  readonly text: string
  readonly references: readonly SchemaReferenceView[]
}

/** One reason why the draft does not go with a version. Equal reasons of several versions are one, with all of them in `versions`. */
export interface DraftIncompatibility {
  readonly type: string
  /** What breaks: readers with the draft (BACKWARD) or readers with the old version (FORWARD). */
  readonly direction: 'BACKWARD' | 'FORWARD'
  readonly versions: readonly number[]
  /** The name of the field, symbol or type, for the head of the entry. */
  readonly subjectName: string
  readonly explanation: string
  readonly mend: string | null
  readonly fixes: readonly SchemaFixView[]
  /** Where in the draft, null where it stands in the older text only. */
  readonly range: SourceRangeView | null
  readonly path: string
}

export interface SchemaChangeView {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly type: string
  readonly name: string
  readonly description: string
  readonly breaks: readonly ('BACKWARD' | 'FORWARD')[]
  /** Of those, what the subject's level forbids. */
  readonly isForbidden: boolean
  readonly range: SourceRangeView | null
}

/** What the panel beside the editor shows; asked for anew at every pause of typing. */
export interface DraftAnalysis {
  readonly problems: readonly SchemaProblemView[]
  readonly outline: readonly OutlineEntryView[]
  /** null while the text has errors. */
  readonly verdict: {
    /** The version that has this schema already: registering says its id again and writes nothing. */
    readonly unchangedVersion: number | null
    readonly level: CompatibilityLevel
    readonly isAllowed: boolean
    /** Of every undeleted version under this level's direction, ascending, whether the level asks for it or not. */
    readonly versions: readonly { readonly version: number; readonly isCompatible: boolean; readonly isCompared: boolean }[]
    readonly incompatibilities: readonly DraftIncompatibility[]
    readonly nextVersion: number
    readonly elapsedMs: number
  } | null
  /** A message of the draft as JSON, repeatable by seed; null while the text has errors. */
  readonly sample: string | null
}

export interface EvolutionFailure {
  readonly partition: number
  readonly offset: number
  /** null: it carries none. */
  readonly writtenWith: { readonly subject: string; readonly version: number; readonly id: number } | null
  readonly field: string
  readonly reason: string
}

export interface EvolutionCheck {
  readonly topic: string
  readonly checkedCount: number
  readonly okCount: number
  readonly failedCount: number
  /** Of each record in the order read, true for ok; at most the first 2,000. */
  readonly verdicts: readonly boolean[]
  readonly firstFailures: readonly EvolutionFailure[]
  readonly elapsedMs: number
}

/** Where a field's type comes from, shown beside it. */
export interface InferenceNote {
  readonly path: string
  readonly decision: string
  readonly sampleCount: number
  readonly ofCount: number
  /** An enum, a format, a logical type that would fit and is not taken unless chosen. */
  readonly suggestion: { readonly label: string; readonly edits: SchemaFixView['edits'] } | null
}

export interface InferredSchema {
  readonly language: SchemaLanguage
  readonly text: string
  readonly sampleCount: number
  readonly skipped: readonly { readonly index: number; readonly reason: string }[]
  readonly notes: readonly InferenceNote[]
}

/** A payload seen through a schema. */
export type DecodedPayload =
  | {
      readonly kind: 'decoded'
      readonly json: string
      readonly type: SchemaType
      readonly id: number
      readonly subject: string | null
      readonly version: number | null
      readonly recordName: string | null
    }
  /** What was tried and why it failed. */
  | { readonly kind: 'failed'; readonly decoder: string; readonly reason: string; readonly id: number | null }
  /** Carries no schema id. */
  | { readonly kind: 'plain' }
