/**
 * What the fake says of a draft: syntax, a few rules of Avro, and enough of them to draw every state of the studio. The true rules live in
 * the engine; nothing is proven with these.
 */
import type {
  DraftIncompatibility,
  OutlineEntryView,
  SchemaChangeView,
  SchemaDraft,
  SchemaProblemView,
  SourceRangeView,
} from '../../../shared/model/schemas'
import { checkJson } from '../../features/messages/json/json-check'

interface Field {
  readonly name: string
  readonly type: unknown
  readonly default?: unknown
}

const logicalTypes = ['decimal', 'uuid', 'date', 'time-millis', 'time-micros', 'timestamp-millis', 'timestamp-micros', 'duration']

export function problemsOf({ language, text }: Pick<SchemaDraft, 'language' | 'text'>): SchemaProblemView[] {
  if (language === 'protobuf' || language === 'avro-idl') {
    const open = text.split('{').length - text.split('}').length
    return open === 0
      ? []
      : [problem('error', text.length - 1, text.length, open > 0 ? 'A } is missing.' : 'A } is too much.', '')]
  }
  const syntax = checkJson(text)
  if (syntax) return [problem('error', syntax.position, Math.max(syntax.end, syntax.position + 1), `${syntax.message}.`, '')]
  const found: SchemaProblemView[] = []
  if (language === 'avro') {
    const schema = JSON.parse(text) as { type?: unknown; name?: unknown }
    if (typeof schema === 'object' && schema !== null && schema.type === 'record' && typeof schema.name !== 'string')
      found.push(problem('error', 0, 1, 'A record has no name.', '', 'Give it one: "name": "Order".'))
    for (const match of text.matchAll(/"logicalType"\s*:\s*"([^"]*)"/g)) {
      const name = match[1] ?? ''
      if (logicalTypes.includes(name)) continue
      const from = (match.index ?? 0) + match[0].length - name.length - 2
      const near = logicalTypes.find((known) => known.startsWith(name.slice(0, 6))) ?? 'timestamp-millis'
      found.push({
        ...problem(
          'warning',
          from,
          from + name.length + 2,
          `Logical type '${name}' is unknown. Readers get the plain type.`,
          '/fields',
        ),
        fixes: [{ label: `Change to ${near}`, edits: [{ from, to: from + name.length + 2, insert: `"${near}"` }] }],
      })
    }
  }
  return found
}

function problem(
  severity: 'error' | 'warning',
  from: number,
  to: number,
  message: string,
  path: string,
  hint: string | null = null,
): SchemaProblemView {
  return { severity, from, to, message, hint, path, fixes: [] }
}

export function fieldsOf(text: string): readonly Field[] {
  try {
    const schema = JSON.parse(text) as { fields?: readonly Field[]; properties?: Record<string, { type?: string }> }
    if (schema.properties)
      return Object.entries(schema.properties).map(([name, property]) => ({ name, type: property.type ?? 'any' }))
    return schema.fields ?? []
  } catch {
    return []
  }
}

const symbolsOf = (type: unknown): readonly string[] | null =>
  typeof type === 'object' && type !== null && 'symbols' in type ? (type.symbols as string[]) : null

const wordsOf = (type: unknown): string => {
  if (typeof type === 'string') return type.split('.').at(-1) ?? type
  if (Array.isArray(type)) return `union of ${type.map(wordsOf).join(', ')}`
  const { type: inner, logicalType, items } = type as { type?: string; logicalType?: string; items?: unknown }
  return logicalType ?? (inner === 'array' ? `array of ${wordsOf(items)}` : (inner ?? 'object'))
}

export function rangeOf(text: string, name: string): SourceRangeView | null {
  const match = new RegExp(`"name"\\s*:\\s*("${name}")|("${name}")\\s*:`).exec(text)
  if (!match) return null
  const token = match[1] ?? match[2] ?? ''
  const from = match.index + match[0].indexOf(token)
  return { from, to: from + token.length }
}

export function outlineOf(text: string): OutlineEntryView[] {
  return fieldsOf(text).map((field, index) => ({
    ...(rangeOf(text, field.name) ?? { from: 0, to: 1 }),
    name: field.name,
    detail: wordsOf(field.type),
    path: `/fields/${index}`,
    children: [],
  }))
}

export function incompatibilitiesOf(text: string, writer: string, version: number): DraftIncompatibility[] {
  const written = new Map(fieldsOf(writer).map((field) => [field.name, field]))
  const found: DraftIncompatibility[] = []
  for (const field of fieldsOf(text)) {
    const before = written.get(field.name)
    const range = rangeOf(text, field.name)
    if (!before) {
      if (field.default !== undefined) continue
      found.push({
        type: 'READER_FIELD_MISSING_DEFAULT_VALUE',
        direction: 'BACKWARD',
        versions: [version],
        subjectName: field.name,
        explanation: `Version ${version} has no field '${field.name}', and the draft gives it no default: what was written before cannot be read.`,
        mend: `Give '${field.name}' a default.`,
        fixes: range ? [{ label: 'Add default ""', edits: [{ from: range.to, to: range.to, insert: ', "default": ""' }] }] : [],
        range,
        path: `/fields/${field.name}`,
      })
      continue
    }
    const symbols = symbolsOf(field.type)
    const missing = symbols ? (symbolsOf(before.type) ?? []).filter((symbol) => !symbols.includes(symbol)) : []
    if (missing.length === 0) continue
    const place = /"symbols"\s*:\s*\[[^\]]*/.exec(text)
    const end = place ? place.index + place[0].trimEnd().length : 0
    found.push({
      type: 'MISSING_ENUM_SYMBOLS',
      direction: 'BACKWARD',
      versions: [version],
      subjectName: field.name,
      explanation: `The writer has the symbol ${missing.join(', ')}. The draft drops it and names no enum default, so a reader of the draft cannot decode it.`,
      mend: `Keep ${missing.join(', ')}.`,
      fixes: [
        {
          label: `Keep ${missing.join(', ')}`,
          edits: [{ from: end, to: end, insert: missing.map((each) => `, "${each}"`).join('') }],
        },
      ],
      range: place ? { from: place.index, to: place.index + 9 } : range,
      path: `/fields/${field.name}/type/symbols`,
    })
  }
  return found
}

export function changesOf(older: string, newer: string): SchemaChangeView[] {
  const before = new Map(fieldsOf(older).map((field) => [field.name, field]))
  const after = new Map(fieldsOf(newer).map((field) => [field.name, field]))
  const changes: SchemaChangeView[] = []
  const put = (kind: SchemaChangeView['kind'], name: string, description: string, isForbidden: boolean): void =>
    void changes.push({
      kind,
      type: `FIELD_${kind.toUpperCase()}`,
      name,
      description,
      breaks: isForbidden ? ['BACKWARD'] : kind === 'removed' ? ['FORWARD'] : [],
      isForbidden,
      range: rangeOf(newer, name),
    })
  for (const [name, field] of before)
    if (!after.has(name)) put('removed', name, `Field '${name}' (${wordsOf(field.type)}) is removed.`, false)
  for (const [name, field] of after) {
    const old = before.get(name)
    if (!old)
      put(
        'added',
        name,
        `Field '${name}' (${wordsOf(field.type)}) is added ${field.default === undefined ? 'without a default' : `with the default ${JSON.stringify(field.default)}`}.`,
        field.default === undefined,
      )
    else if (JSON.stringify(old) !== JSON.stringify(field)) {
      const gone = (symbolsOf(old.type) ?? []).filter((symbol) => !(symbolsOf(field.type) ?? []).includes(symbol))
      put(
        'changed',
        name,
        gone.length > 0 ? `Symbol ${gone.join(', ')} is removed.` : `Field '${name}' changes.`,
        gone.length > 0,
      )
    }
  }
  return changes
}

export function sampleOf(text: string, seed: number): string {
  const sample = Object.fromEntries(
    fieldsOf(text).map((field, index) => {
      const words = wordsOf(field.type)
      const symbols = symbolsOf(field.type)
      if (symbols) return [field.name, symbols[(seed + index) % symbols.length]]
      if (/long|int|timestamp|integer/.test(words)) return [field.name, (seed * 7919 + index * 104_729) % 1_000_000]
      if (words === 'decimal') return [field.name, `${seed * 12}.50`]
      if (words.startsWith('array')) return [field.name, []]
      return [field.name, `${field.name}-${seed}`]
    }),
  )
  return JSON.stringify(sample, null, 2)
}
