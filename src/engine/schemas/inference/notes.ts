/** What inference says of each decision: on how many samples it rests, and what else would fit. */
import type { SchemaFix } from '../format'
import type { NumberDecision } from './decide'
import type { NumbersSeen, Seen } from './observe'
import type { Place } from './schema-text'

export interface InferenceNote {
  /** Where in the data: `items[].price`, `prices{}` for the values of a map, '' for the message itself. */
  readonly path: string
  /** JSON pointer of the type in the schema's text, for its line. */
  readonly schemaPath: string
  /** What was decided and why, a phrase: "long: whole numbers from 1 to 5000000000". */
  readonly decision: string
  /** In how many of the samples (or objects, items) of this place a value other than null was. */
  readonly sampleCount: number
  readonly ofCount: number
  /** Would fit as well and is not taken: an enum, a format, a logical type. */
  readonly suggestion: SchemaFix | null
}

/** A note whose place in the text is known once that is printed. */
export interface PendingNote {
  readonly path: string
  readonly mark: object
  readonly decision: string
  readonly sampleCount: number
  readonly ofCount: number
  readonly suggest: Suggest | null
}

/** Makes the edit from where the mark came to stand. */
export type Suggest = (place: Place) => SchemaFix

/** In the order of the text. */
export function finishNotes(pending: readonly PendingNote[], places: ReadonlyMap<object, Place>): readonly InferenceNote[] {
  const placed = pending.map((note) => ({ note, place: places.get(note.mark)! })).sort((a, b) => a.place.from - b.place.from)
  return placed.map(({ note: { mark: _, suggest, ...note }, place }) => ({
    ...note,
    schemaPath: place.pointer,
    suggestion: suggest === null ? null : suggest(place),
  }))
}

/** ", null in 2, missing in 3"; '' where neither came. `ofCount` is how often the place could have been there. */
export function absences(seen: Seen, ofCount: number): string {
  const parts: string[] = []
  if (seen.nulls > 0) parts.push(`null in ${seen.nulls}`)
  if (ofCount > seen.count) parts.push(`missing in ${ofCount - seen.count}`)
  return parts.length === 0 ? '' : `, ${parts.join(', ')}`
}

export function numberWords(decision: NumberDecision, numbers: NumbersSeen): string {
  const range = numbers.min === numbers.max ? `all ${numbers.min}` : `from ${numbers.min} to ${numbers.max}`
  switch (decision.kind) {
    case 'int':
    case 'long':
      return `whole numbers, ${range}`
    case 'double':
      return numbers.wholeCount === 0
        ? 'numbers with fractions'
        : `numbers, ${numbers.count - numbers.wholeCount} of ${numbers.count} with fractions`
    case 'decimal':
      return `${decision.precision} digits, ${decision.scale} behind the point: numbers that a double or 64 bits would change`
  }
}

export const fieldPath = (parent: string, name: string): string => {
  const step = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) ? name : `[${JSON.stringify(name)}]`
  return parent === '' ? step : step.startsWith('[') ? parent + step : `${parent}.${step}`
}
