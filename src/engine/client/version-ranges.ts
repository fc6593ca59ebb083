/**
 * Which version of an API two sides that may differ in age speak: the answer to ApiVersions as a table, and the choice from it.
 * Used by BrokerConnection where it negotiates; knows no sockets.
 */
import { ClientError } from './errors'

export interface VersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}

/** By API key; a key that is missing is one that the broker does not have. */
export type VersionRanges = ReadonlyMap<number, VersionRange>

export function versionRangesOf(apiKeys: Iterable<VersionRange & { readonly apiKey: number }>): VersionRanges {
  return new Map(Array.from(apiKeys, ({ apiKey, minVersion, maxVersion }) => [apiKey, { minVersion, maxVersion }]))
}

/**
 * The version to send: `requested`, or the highest that both know. `ranges` is null where the broker was not asked; then our own range alone decides.
 * Throws {@link ClientError} of kind 'version' where there is none.
 */
export function chooseVersion(
  api: VersionRange & { readonly key: number; readonly name: string },
  ranges: VersionRanges | null,
  requested: number | null,
): number {
  if (ranges === null) return requested ?? api.maxVersion
  const theirs = ranges.get(api.key)
  if (theirs === undefined) throw new ClientError('version', `the broker does not have ${api.name}`, false)
  const lowest = Math.max(api.minVersion, theirs.minVersion)
  const highest = Math.min(api.maxVersion, theirs.maxVersion)
  const version = requested ?? highest
  if (version < lowest || version > highest) {
    const wanted = requested === null ? `${api.minVersion}-${api.maxVersion}` : String(requested)
    throw new ClientError(
      'version',
      `the broker has ${api.name} versions ${theirs.minVersion}-${theirs.maxVersion}, this client wants ${wanted}`,
      false,
    )
  }
  return version
}
