/** Logical types that readers ignore, told with what would make them count. Always warnings: the registry takes them all. */
import type { SchemaFix } from '../../format'
import { childPointer, type JsonMember, type JsonNode, type JsonObject, memberOf, removeMembers } from '../../json-text'
import { basesOf, digitsMax, isLogicalTypeName, logicalTypeNames, logicalTypeOf } from '../logical-types'
import { isPrimitiveKind, type LogicalType } from '../model'
import { nearestName } from '../names'
import { rangeOf } from './attributes'
import type { ProblemList } from './problems'

/** The logical type of a type's object, and warnings where it is ignored. */
export function checkLogicalType(
  node: JsonObject,
  kind: string,
  size: number | null,
  props: ReadonlyMap<string, JsonNode>,
  path: string,
  problems: ProblemList,
): LogicalType | null {
  const { logicalType, fault, attribute } = logicalTypeOf(kind, size, props)
  const member = memberOf(node, attribute) ?? memberOf(node, 'logicalType')
  if (!fault || !member) return logicalType
  problems.warning(member.value, childPointer(path, member.key.value), fault, {
    hint: `Readers get a plain ${kind}.`,
    fixes: fixesFor(node, member, kind, size, attribute),
  })
  return null
}

function fixesFor(
  node: JsonObject,
  member: JsonMember,
  kind: string,
  size: number | null,
  attribute: string,
): readonly SchemaFix[] {
  const change = (target: JsonNode, to: string, label = `Change to ${to}`): SchemaFix => ({
    label,
    edits: [{ ...rangeOf(target), insert: JSON.stringify(to) }],
  })
  if (attribute === 'precision' && size !== null)
    return [{ label: `Change to ${digitsMax(size)}`, edits: [{ ...rangeOf(member.value), insert: String(digitsMax(size)) }] }]
  if (attribute !== 'logicalType' || member.value.kind !== 'string') return []
  const name = member.value.value
  const fitting = logicalTypeNames.filter((candidate) =>
    basesOf(candidate).some((base) => base === kind || base === `${kind}(${size})`),
  )
  if (!isLogicalTypeName(name)) {
    const nearest = nearestLogicalType(name, fitting) ?? nearestLogicalType(name, logicalTypeNames)
    return nearest ? [change(member.value, nearest)] : []
  }
  if (name === 'decimal' && basesOf(name).includes(kind))
    return [
      { label: 'Add precision and scale', edits: [{ from: member.to, to: member.to, insert: ', "precision": 18, "scale": 2' }] },
    ]
  // Known, on the wrong type: the type is what is more likely meant otherwise.
  const base = basesOf(name).find(isPrimitiveKind)
  const type = memberOf(node, 'type')
  const fixes: SchemaFix[] = []
  if (base && type?.value.kind === 'string' && isPrimitiveKind(kind))
    fixes.push(change(type.value, base, `Change the type to ${base}`))
  const nearest = nearestLogicalType(name, fitting)
  if (nearest) fixes.push(change(member.value, nearest))
  return fixes
}

/** By spelling, and by what people write instead: timestamp, timestamp-ms, datetime. */
function nearestLogicalType(name: string, candidates: readonly string[]): string | null {
  const bare = name.toLowerCase().replace(/[^a-z]/g, '')
  const spoken: Readonly<Record<string, string>> = {
    timestamp: 'timestamp-millis',
    timestampms: 'timestamp-millis',
    timestampus: 'timestamp-micros',
    timestampns: 'timestamp-nanos',
    datetime: 'timestamp-millis',
    localtimestamp: 'local-timestamp-millis',
    time: 'time-millis',
    timems: 'time-millis',
    guid: 'uuid',
    bigdecimal: 'big-decimal',
    numeric: 'decimal',
  }
  const known = candidates.find((candidate) => candidate.replace(/-/g, '') === bare) ?? spoken[bare]
  return known && candidates.includes(known) ? known : nearestName(name, candidates)
}

/** On the field instead of in its type, where nobody looks for it (Java logs it and ignores it). */
export function warnOfMisplacedLogicalType(
  text: string,
  field: JsonObject,
  type: JsonMember,
  path: string,
  problems: ProblemList,
): void {
  const misplaced = memberOf(field, 'logicalType')
  if (misplaced?.value.kind !== 'string') return
  if (type.value.kind === 'object' && memberOf(type.value, 'logicalType')) return
  const moved = ['logicalType', 'precision', 'scale'].flatMap((key) => memberOf(field, key) ?? [])
  const attributes = moved.map((member) => text.slice(member.from, member.to)).join(', ')
  const fixes: SchemaFix[] = []
  if (type.value.kind === 'string')
    fixes.push({
      label: 'Move it into the type',
      edits: [
        { ...rangeOf(type.value), insert: `{ "type": ${text.slice(type.value.from, type.value.to)}, ${attributes} }` },
        ...removeMembers(field, moved),
      ],
    })
  problems.warning(
    misplaced.value,
    childPointer(path, 'logicalType'),
    `The logical type ${misplaced.value.value} stands on the field, where no reader looks for it.`,
    {
      hint: 'It belongs into the type: { "type": …, "logicalType": … }.',
      fixes,
    },
  )
}
