/** Which fields of two versions of a record are the same ones, and which of them moved. Pure. */
import type { RecordField, RecordType } from '../model'

/** By name first; then what is left, by aliases of the newer field. */
export function pairFields(older: RecordType, newer: RecordType): readonly (readonly [RecordField, RecordField])[] {
  const left = new Set(older.fields)
  const pairs = new Map<RecordField, RecordField>()
  const take = (field: RecordField, matches: (candidate: RecordField) => boolean): void => {
    const match = pairs.has(field) ? undefined : [...left].find(matches)
    if (!match) return
    left.delete(match)
    pairs.set(field, match)
  }
  for (const field of newer.fields) take(field, (candidate) => candidate.name === field.name)
  for (const field of newer.fields) take(field, (candidate) => field.aliases.includes(candidate.name))
  return newer.fields.flatMap((field) => (pairs.has(field) ? [[pairs.get(field)!, field] as const] : []))
}

/** Indexes of the fewest entries that must move for the rest to keep its order: those outside of a longest ascending run. */
export function movedFields(positions: readonly number[]): ReadonlySet<number> {
  const lengths: number[] = []
  const previous: number[] = []
  let last = -1
  positions.forEach((position, index) => {
    lengths[index] = 1
    previous[index] = -1
    for (let before = 0; before < index; before++)
      if (positions[before]! < position && lengths[before]! + 1 > lengths[index]!) {
        lengths[index] = lengths[before]! + 1
        previous[index] = before
      }
    if (last < 0 || lengths[index]! > lengths[last]!) last = index
  })
  const moved = new Set(positions.keys())
  for (let index = last; index >= 0; index = previous[index]!) moved.delete(index)
  return moved
}
