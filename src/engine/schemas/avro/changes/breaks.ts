/**
 * Which changes break readers: every difference that the compatibility rules find between two versions is laid to the change that makes it, so
 * that list and verdict never disagree. One that no change accounts for becomes a change of its own. Pure.
 */
import type { SchemaChange } from '../../format'
import { compareSchemas } from '../compatibility/checker'
import { explain } from '../compatibility/explain'
import type { Finding } from '../compatibility/findings'
import type { AvroSchema } from '../model'
import { type ChangeType, collectChanges, type PlainChange } from './walk'

type Direction = SchemaChange['breaks'][number]

/** In the order of the walk: what was removed from a type, what was added, then what changed inside. */
export function avroChanges(older: AvroSchema, newer: AvroSchema): readonly SchemaChange[] {
  const changes = collectChanges(older.root, newer.root).map((change) => ({ ...change, breaks: new Set<Direction>() }))
  const extra: SchemaChange[] = []
  const lay = (finding: Finding, direction: Direction): boolean => {
    // A branch that is there and does not read breaks by what changed inside of it.
    const causes = finding.type === 'MISSING_UNION_BRANCH' ? finding.causes.filter((cause) => lay(cause, direction)) : []
    if (causes.length > 0) return true
    const culprits = culpritsOf(finding, direction, changes)
    for (const culprit of culprits) culprit.breaks.add(direction)
    return culprits.length > 0
  }
  const layAll = (findings: readonly Finding[], direction: Direction): void => {
    for (const finding of findings) {
      if (lay(finding, direction)) continue
      const [olderPath, newerPath] = sides(finding, direction)
      extra.push({
        kind: 'changed',
        type: finding.type,
        olderPath,
        newerPath,
        description: explain(finding).explanation,
        breaks: [direction],
      })
    }
  }
  layAll(compareSchemas(newer.root, older.root), 'BACKWARD')
  layAll(compareSchemas(older.root, newer.root), 'FORWARD')
  return [...changes.map((change) => ({ ...change, breaks: [...change.breaks] })), ...extra]
}

const typeChanges: readonly ChangeType[] = ['TYPE_CHANGED', 'TYPE_NARROWED', 'TYPE_WIDENED']

/** What kind of change makes a difference, seen from readers with the newer schema (BACKWARD) and with the older one. */
const makers: Readonly<Record<Finding['type'], Readonly<Record<Direction, readonly ChangeType[]>>>> = {
  NAME_MISMATCH: { BACKWARD: ['NAME_CHANGED'], FORWARD: ['NAME_CHANGED'] },
  FIXED_SIZE_MISMATCH: { BACKWARD: ['SIZE_CHANGED'], FORWARD: ['SIZE_CHANGED'] },
  MISSING_ENUM_SYMBOLS: { BACKWARD: ['SYMBOL_REMOVED'], FORWARD: ['SYMBOL_ADDED'] },
  READER_FIELD_MISSING_DEFAULT_VALUE: { BACKWARD: ['FIELD_ADDED'], FORWARD: ['FIELD_REMOVED', 'FIELD_RENAMED'] },
  TYPE_MISMATCH: {
    BACKWARD: [...typeChanges, 'BRANCH_REMOVED', 'FIELD_ADDED'],
    FORWARD: [...typeChanges, 'BRANCH_ADDED', 'FIELD_REMOVED', 'FIELD_RENAMED'],
  },
  MISSING_UNION_BRANCH: { BACKWARD: [...typeChanges, 'BRANCH_REMOVED'], FORWARD: [...typeChanges, 'BRANCH_ADDED'] },
  AMBIGUOUS_ALIAS: {
    BACKWARD: ['ALIASES_CHANGED', 'FIELD_RENAMED', 'FIELD_REMOVED'],
    FORWARD: ['ALIASES_CHANGED', 'FIELD_ADDED', 'FIELD_RENAMED'],
  },
}

/** Changes of the right kind at the finding's place; else inside of it; else around it. */
function culpritsOf<C extends PlainChange>(finding: Finding, direction: Direction, changes: readonly C[]): readonly C[] {
  const [olderPath, newerPath] = sides(finding, direction)
  const candidates = changes.filter((change) => makers[finding.type][direction].includes(change.type))
  const isAt = (path: string | null, place: string | null): boolean => path !== null && path === place
  const isIn = (path: string | null, place: string | null): boolean =>
    path !== null && place !== null && path.startsWith(`${place}/`)
  const exact = candidates.filter((change) => isAt(change.newerPath, newerPath) || isAt(change.olderPath, olderPath))
  if (exact.length > 0) return exact
  const inside = candidates.filter((change) => isIn(change.newerPath, newerPath) || isIn(change.olderPath, olderPath))
  if (inside.length > 0) return inside
  const around = candidates.filter((change) => isIn(newerPath, change.newerPath) || isIn(olderPath, change.olderPath))
  const depth = (change: C): number => Math.max(change.newerPath?.length ?? 0, change.olderPath?.length ?? 0)
  const deepest = Math.max(...around.map(depth))
  return around.filter((change) => depth(change) === deepest)
}

const sides = (finding: Finding, direction: Direction): readonly [older: string | null, newer: string | null] =>
  direction === 'BACKWARD' ? [finding.writerPath, finding.readerPath] : [finding.readerPath, finding.writerPath]
