/** What is wrong or odd about a field's default, and what mends it. Called when all types of the text are complete. */
import type { SchemaFix } from '../../format'
import { childPointer, type JsonNode, type JsonObject, memberOf, writeJson } from '../../json-text'
import { type AvroType, nullBranchIndex, type RecordField, typeInWords } from '../model'
import { nearestName } from '../names'
import { rangeOf } from './attributes'
import { defaultFault } from './defaults'
import type { ProblemList } from './problems'

/** `node` is the field's object, whose "default" is judged. A misfit is an error in new schemas only: stored ones are taken as they are. */
export function checkDefault(text: string, node: JsonObject, field: RecordField, isNew: boolean, problems: ProblemList): void {
  const member = memberOf(node, 'default')!
  const path = childPointer(field.path, 'default')
  const value = asJavaReadsIt(field.type, member.value)
  const fault = defaultFault(field.type, value)
  if (fault) {
    const place = fault.node === value ? member.value : fault.node
    const details = { hint: hintFor(field.type, value), fixes: fixesFor(text, node, field.type, member.value) }
    const message = `The default of "${field.name}" does not fit its type: ${fault.reason}.`
    if (isNew) problems.error(place, path, message, details)
    else problems.warning(place, path, message, details)
    return
  }
  warnOfUnusable(text, node, field, member.value, path, problems)
}

/** A float or double may have its default in quotes (Schema.parseField). */
function asJavaReadsIt(type: AvroType, node: JsonNode): JsonNode {
  if ((type.kind !== 'float' && type.kind !== 'double') || node.kind !== 'string' || node.value.trim() === '') return node
  const isNumber = !Number.isNaN(Number(node.value)) || node.value === 'NaN'
  return isNumber ? { kind: 'number', text: node.value, from: node.from, to: node.to } : node
}

function hintFor(type: AvroType, value: JsonNode): string {
  if (value.kind === 'null') return `Make the type ["null", …], or give a default of type ${typeInWords(type)}.`
  return `A default is a JSON value of type ${typeInWords(type)}.`
}

function fixesFor(text: string, node: JsonObject, type: AvroType, value: JsonNode): readonly SchemaFix[] {
  const fixes: SchemaFix[] = []
  const typeNode = memberOf(node, 'type')?.value
  if (value.kind === 'null' && typeNode) {
    const written = text.slice(typeNode.from, typeNode.to)
    const insert =
      typeNode.kind === 'array' ? `["null"${typeNode.items.length > 0 ? ', ' : ''}${written.slice(1)}` : `["null", ${written}]`
    fixes.push({ label: 'Allow null', edits: [{ ...rangeOf(typeNode), insert }] })
  }
  const converted = converts(type, value)
  if (converted !== null) fixes.push({ label: `Change to ${converted}`, edits: [{ ...rangeOf(value), insert: converted }] })
  return fixes
}

/** The value that a text, number or boolean of the wrong kind stands for: "5" for 5. null where there is none. */
function converts(type: AvroType, value: JsonNode): string | null {
  const branches = type.kind === 'union' ? type.branches : [type]
  const candidates =
    value.kind === 'string'
      ? [value.value]
      : value.kind === 'number' || value.kind === 'boolean'
        ? [JSON.stringify(writeJson(value))]
        : []
  if (value.kind === 'number' && /^-?\d+\.0+$/.test(value.text)) candidates.push(value.text.replace(/\..*/, ''))
  for (const candidate of candidates) {
    const node = literal(candidate)
    if (node && branches.some((branch) => defaultFault(branch, node) === null)) return candidate
  }
  return null
}

function literal(text: string): JsonNode | null {
  const place = { from: 0, to: 0 }
  if (text === 'true' || text === 'false') return { kind: 'boolean', value: text === 'true', ...place }
  if (text === 'null') return { kind: 'null', ...place }
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return { kind: 'number', text, ...place }
  return text.startsWith('"') ? { kind: 'string', value: JSON.parse(text) as string, ...place } : null
}

/** Defaults that the registry takes and that fail or differ elsewhere. */
function warnOfUnusable(
  text: string,
  node: JsonObject,
  field: RecordField,
  value: JsonNode,
  path: string,
  problems: ProblemList,
): void {
  const { type } = field
  if (type.kind === 'union') {
    const first = type.branches[0]
    if (!first || defaultFault(first, value) === null) return
    const fits = type.branches.findIndex((branch) => defaultFault(branch, value) === null)
    const typeNode = memberOf(node, 'type')?.value
    const fixes: SchemaFix[] = []
    if (typeNode?.kind === 'array') {
      const [from, to] = [typeNode.items[0]!, typeNode.items[fits]!]
      fixes.push({
        label: nullBranchIndex(type) === fits ? 'Put null first' : `Put ${typeInWords(type.branches[fits]!)} first`,
        edits: [
          { ...rangeOf(from), insert: text.slice(to.from, to.to) },
          { ...rangeOf(to), insert: text.slice(from.from, from.to) },
        ],
      })
    }
    problems.warning(value, path, `The default of "${field.name}" is of the union's ${ordinal(fits)} branch.`, {
      hint: "The registry takes any branch; many clients take the first one's defaults only.",
      fixes,
    })
  }
  if (type.kind === 'enum' && value.kind === 'string' && !type.symbols.includes(value.value)) {
    const nearest = nearestName(value.value, type.symbols)
    problems.warning(value, path, `The default ${value.value} is no symbol of ${type.name.name}.`, {
      hint: 'The registry takes it, and readers fail when they need it.',
      fixes: nearest ? [{ label: `Change to ${nearest}`, edits: [{ ...rangeOf(value), insert: JSON.stringify(nearest) }] }] : [],
    })
  }
  if ((type.kind === 'bytes' || type.kind === 'fixed') && value.kind === 'string') {
    if (/[\u0100-\uffff]/.test(value.value))
      problems.warning(value, path, `The default of "${field.name}" has characters beyond \\u00ff.`, {
        hint: 'Each character stands for one byte.',
      })
    else if (type.kind === 'fixed' && value.value.length !== type.size)
      problems.warning(
        value,
        path,
        `The default of "${field.name}" has ${value.value.length} bytes, and ${type.name.name} has ${type.size}.`,
      )
  }
}

const ordinal = (index: number): string => ['first', 'second', 'third'][index] ?? `${index + 1}th`
