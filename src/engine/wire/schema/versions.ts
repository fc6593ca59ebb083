/** Version ranges as Kafka's message definitions write them: `0+`, `3-11`, `7`, or `none`. Parsed once, when a codec is compiled. */
import { AssertionError } from '../../../shared/lang/assert'

export type Versions = `${number}+` | `${number}-${number}` | `${number}` | 'none'

export interface VersionRange {
  readonly lowest: number
  readonly highest: number
}

const NONE: VersionRange = { lowest: Number.POSITIVE_INFINITY, highest: Number.NEGATIVE_INFINITY }

export function parseVersions(text: Versions): VersionRange {
  if (text === 'none') return NONE
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text)
  if (match === null) throw new AssertionError(`'${text}' is a range of versions`)
  const lowest = Number(match[1])
  if (match[2] !== undefined) return { lowest, highest: Number.POSITIVE_INFINITY }
  return { lowest, highest: match[3] === undefined ? lowest : Number(match[3]) }
}

export function includesVersion(text: Versions | undefined, version: number): boolean {
  if (text === undefined) return false
  const range = parseVersions(text)
  return version >= range.lowest && version <= range.highest
}
