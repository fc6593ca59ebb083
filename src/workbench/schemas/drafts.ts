/**
 * A draft of the editor, read: parsed as its language says, with what is wrong in it, and the text that would be registered. Ranges are always
 * of the text that the editor holds, also where that is IDL and what is compared is the Avro JSON it stands for.
 */
import {
  type AvroSchema,
  fixesOfIdl,
  formatAvroIdl,
  outlineOfIdl,
  parseAvro,
  parseAvroIdl,
  printAvroIdl,
} from '../../engine/schemas/avro'
import type { OutlineEntry, SchemaFix, SchemaProblem, SchemaType, SourceRange } from '../../engine/schemas/format'
import { formatOf } from '../../engine/schemas/formats'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { SchemaDraft, SchemaLanguage } from '../../shared/model/schemas'
import type { SchemaTexts, WholeSchema } from './schema-texts'

export interface WholeDraft extends WholeSchema {
  readonly language: SchemaLanguage
  /** '' while it has none yet. */
  readonly subject: string
  /** null: `problems` has errors, and `text` is what the editor holds. */
  readonly parsed: { readonly schema: unknown } | null
  /** Errors, or what is odd but allowed. */
  readonly problems: readonly SchemaProblem[]
  /** Fixes that are edits of `text`, as edits of what the editor holds; those that it has no edit for are left out. */
  fixesInEditor(fixes: readonly SchemaFix[]): readonly SchemaFix[]
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

export const languageOf = { AVRO: 'avro', JSON: 'json-schema', PROTOBUF: 'protobuf' } as const

/** Rejects where a reference is not registered; what is wrong in the text is in `problems`. */
export async function readDraft(draft: SchemaDraft, texts: SchemaTexts): Promise<WholeDraft> {
  const { subject, language, text, references } = draft
  const type = typeOf(language)
  const { referencedTexts } = await texts.whole({ type, text, references })
  const base = { type, text, references, referencedTexts, language, subject }
  return language === 'avro-idl' ? readIdl(base) : readText(base)
}

/** A draft without errors. Rejects with the first of them. */
export async function readGoodDraft(
  draft: SchemaDraft,
  texts: SchemaTexts,
): Promise<WholeDraft & { parsed: { schema: unknown } }> {
  const whole = await readDraft(draft, texts)
  if (whole.parsed !== null) return { ...whole, parsed: whole.parsed }
  const what = whole.problems[0]?.message ?? 'it has errors.'
  throw new WorkbenchError('expected', 'INVALID_SCHEMA', `The draft is no valid schema: ${what}`)
}

type Base = Pick<WholeDraft, 'type' | 'text' | 'references' | 'referencedTexts' | 'language' | 'subject'>

function readText(base: Base): WholeDraft {
  const { type, text, referencedTexts } = base
  const format = formatOf(type)
  const result = format.parse(text, referencedTexts, { isNew: true })
  return {
    ...base,
    parsed: result.ok ? { schema: result.value } : null,
    problems: result.ok ? format.warnings(text, result.value) : result.error,
    fixesInEditor: (fixes) => fixes,
    locate: (path) => format.locate(text, path),
    outline: () => format.outline(text),
  }
}

function readIdl(base: Base): WholeDraft {
  const idl = parseAvroIdl(base.text, base.referencedTexts, { isNew: true })
  const failed = (problems: readonly SchemaProblem[]): WholeDraft => ({
    ...base,
    parsed: null,
    problems,
    fixesInEditor: () => [],
    locate: () => null,
    outline: () => outlineOfIdl(base.text),
  })
  if (!idl.ok) return failed(idl.error)
  const { schemaText, warnings, locate, outline } = idl.value
  const parsed = parseAvro(schemaText, base.referencedTexts, { isNew: true })
  if (!parsed.ok) return failed(parsed.error)
  return {
    ...base,
    text: schemaText,
    parsed: { schema: parsed.value },
    problems: warnings,
    fixesInEditor: (fixes) => fixesOfIdl(base.text, schemaText, base.referencedTexts, fixes),
    locate: (path) => locate(path),
    outline: () => outline,
  }
}

/** From Avro's JSON to IDL and back. Rejects for what has no such form, or has errors. */
export async function convertDraft(draft: SchemaDraft, to: SchemaLanguage, texts: SchemaTexts): Promise<string> {
  if (draft.language === to) return draft.text
  if (typeOf(draft.language) !== 'AVRO' || typeOf(to) !== 'AVRO')
    throw new WorkbenchError(
      'expected',
      'NO_CONVERSION',
      'Only Avro has two forms, JSON and IDL. Infer a schema of the other kind from messages.',
    )
  const { text, parsed } = await readGoodDraft(draft, texts)
  return to === 'avro' ? text : printAvroIdl(parsed.schema as AvroSchema)
}

/** The text laid out. Rejects with the first problem where it is no text of its language. */
export function formatText(language: SchemaLanguage, text: string): string {
  const formatted = language === 'avro-idl' ? formatAvroIdl(text) : formatOf(typeOf(language)).format(text)
  if (formatted.ok) return formatted.value
  throw notFormatted(formatted.error)
}

function notFormatted(problems: readonly SchemaProblem[]): WorkbenchError {
  return new WorkbenchError('expected', 'INVALID_SCHEMA', `It cannot be formatted: ${problems[0]?.message ?? 'it has errors.'}`)
}
