/**
 * The changes between two versions with whom they break. What there is to tell comes from walk.ts; what breaks from the comparison in both
 * directions, each of whose incompatibilities is put on the change that it comes from. One that comes from none is told of by itself, so nothing
 * that breaks is left out. Called by the format's index.ts. Pure.
 */
import type { SchemaChange } from '../../format'
import { compareShapes, type Difference, isCompatibleChange } from '../compare'
import { explain, pinpoint, segmentsOf, writerSegmentsOf } from '../explain'
import { pathOf } from '../incompatibilities'
import type { JsonSchema } from '../parse'
import { Places } from './places'
import { type Told, walk } from './walk'

type Direction = 'BACKWARD' | 'FORWARD'

/** A difference with its places in the older and the newer text. */
interface Placed {
  readonly type: string
  readonly older: readonly string[]
  readonly newer: readonly string[]
  readonly isBreaking: boolean
  readonly difference: Difference
}

export function changes(older: JsonSchema, newer: JsonSchema): readonly SchemaChange[] {
  const told = walk(older.graph, newer.graph)
  const found: Readonly<Record<Direction, readonly Placed[]>> = {
    BACKWARD: compareShapes(older.shapes.root(), newer.shapes.root(), 'STRICT').map((each) => placed(each, true)),
    FORWARD: compareShapes(newer.shapes.root(), older.shapes.root(), 'STRICT').map((each) => placed(each, false)),
  }
  const breaks = new Map<Told, Map<Direction, Placed>>(told.map((each) => [each, new Map()]))
  const [places, backward] = [new Places(told), new Places(found.BACKWARD)]
  const left: { readonly direction: Direction; readonly placed: Placed }[] = []
  for (const direction of ['BACKWARD', 'FORWARD'] as const) {
    for (const each of found[direction]) {
      if (!each.isBreaking) continue
      const owners = ownersOf(each, places, direction)
      if (owners.length === 0) left.push({ direction, placed: each })
      for (const owner of owners) breaks.get(owner)!.set(direction, each)
    }
  }
  return [
    ...told.map((each): SchemaChange => {
      const broken = breaks.get(each)!
      return {
        kind: each.kind,
        type: broken.get('BACKWARD')?.type ?? typeOf(each, backward) ?? each.type,
        olderPath: each.older === null ? null : pathOf(each.older),
        newerPath: each.newer === null ? null : pathOf(each.newer),
        description: each.description,
        breaks: [...broken.keys()],
      }
    }),
    ...orphans(left),
  ]
}

/** The reader of a BACKWARD comparison is the newer schema. */
function placed(difference: Difference, isBackward: boolean): Placed {
  const place = pinpoint(difference)
  const [reader, writer] = [segmentsOf(place), writerSegmentsOf(place)]
  return {
    type: place.type,
    older: isBackward ? writer : reader,
    newer: isBackward ? reader : writer,
    isBreaking: !isCompatibleChange(difference.type, 'STRICT'),
    difference,
  }
}

/**
 * The change that a difference comes from: one at its place or the nearest around it; else all that are inside of it. What is added breaks
 * those who read with the older schema, what is removed those who read with the newer, where both stand inside of one difference.
 */
function ownersOf(each: Placed, told: Places, direction: Direction): readonly Told[] {
  const around = told.around(each)
  if (around.length > 0) {
    const nearest = Math.max(...around.map(lengthOf))
    return around.filter((change) => lengthOf(change) === nearest)
  }
  const inside = told.inside(each).filter((change) => !silent.test(change.type))
  // Types are told of at the schema; the keyword says what people changed.
  const typing = /^TYPE_/.test(each.type) ? inside.filter((change) => change.type.startsWith('TYPE_')) : []
  if (typing.length > 0) return typing
  const wanted = direction === 'BACKWARD' ? 'removed' : 'added'
  const pointed = inside.filter((change) => change.kind === wanted)
  const isSum = /^(ENUM|SUM)/.test(inside[0]?.type ?? '')
  return isSum && pointed.length > 0 ? pointed : inside
}

/** Changes that never break anybody. */
const silent = /^(TITLE|DESCRIPTION|DEFAULT|EXAMPLES|\$?COMMENT|FORMAT|READ_ONLY|WRITE_ONLY|DEPRECATED|ENUM_ORDER)/

const lengthOf = (change: Told): number => (change.newer ?? change.older ?? []).length

/** The registry's name for a change that breaks nobody. */
function typeOf(change: Told, found: Places<Placed>): string | null {
  const same = found.at(change)
  return (same.find((each) => !silent.test(each.type)) ?? same[0])?.type ?? null
}

/** Differences that no change accounts for, both directions of one place in one. */
function orphans(left: readonly { readonly direction: Direction; readonly placed: Placed }[]): readonly SchemaChange[] {
  const byPlace = new Map<string, SchemaChange>()
  for (const { direction, placed: each } of left) {
    const [olderPath, newerPath] = [pathOf(each.older), pathOf(each.newer)]
    const key = `${olderPath} ${newerPath}`
    const known = byPlace.get(key)
    const breaks = [...new Set([...(known?.breaks ?? []), direction])]
    const description = known?.description ?? explain(each.difference).explanation
    byPlace.set(key, { kind: 'changed', type: known?.type ?? each.type, olderPath, newerPath, description, breaks })
  }
  return [...byPlace.values()]
}
