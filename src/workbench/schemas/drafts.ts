/**
 * A draft of the editor as the formats take it: its language's type, with the texts of what it refers to. Ranges are always of the text that
 * the editor holds.
 */
import type { OutlineEntry, SchemaFormat, SchemaType, SourceRange } from '../../engine/schemas/format'
import { formatOf } from '../../engine/schemas/formats'
import type { SchemaDraft, SchemaLanguage } from '../../shared/model/schemas'
import type { SchemaTexts, WholeSchema } from './schema-texts'

export interface WholeDraft extends WholeSchema {
  /** '' while it has none yet. */
  readonly subject: string
  readonly language: SchemaLanguage
  /** What the editor holds; `text` is Avro's JSON where this is IDL. */
  readonly source: string
  locate(path: string): SourceRange | null
  outline(): readonly OutlineEntry[]
}

export function typeOf(language: SchemaLanguage): SchemaType {
  switch (language) {
    case 'avro':
    case 'avro-idl':
      return 'AVRO'
    case 'json-schema':
      return 'JSON'
    case 'protobuf':
      return 'PROTOBUF'
  }
}

export function formatOfLanguage(language: SchemaLanguage): SchemaFormat<unknown> {
  return formatOf(typeOf(language))
}

/** Rejects where a reference is not registered. */
export async function wholeDraft(draft: SchemaDraft, texts: SchemaTexts): Promise<WholeDraft> {
  const type = typeOf(draft.language)
  const format = formatOf(type)
  const whole = await texts.whole({ type, text: draft.text, references: draft.references })
  return {
    ...whole,
    subject: draft.subject,
    language: draft.language,
    source: draft.text,
    locate: (path) => format.locate(draft.text, path),
    outline: () => format.outline(draft.text),
  }
}
