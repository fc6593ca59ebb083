/**
 * Soft and permanent deletion (registry-and-coordination section 1.4). Softly deleted, a version is hidden and its id still readable;
 * permanently, its record gets a tombstone, and with the last one go the subject's level and mode. Pure.
 */
import {
  contextNotEmpty,
  referenceExists,
  subjectNotFound,
  subjectNotSoftDeleted,
  subjectSoftDeleted,
  versionNotFound,
  versionNotSoftDeleted,
  versionSoftDeleted,
} from '../errors'
import type { StoredSchema } from '../model'
import type { RegistryRecord } from '../records'
import type { RegistryState } from '../state'
import { contextOf, defaultContext, normalContext } from '../subject-name'
import { aliased, findVersion, liveVersions } from './lookup'
import type { Decision, OperationContext } from './operation'
import { schemaRecord } from './register'
import { requireWritable } from './scopes'

/** Answers the versions that are deleted by this. */
export function deleteSubject({ state }: OperationContext, given: string, permanent: boolean): Decision<number[]> {
  const subject = aliased(state, given)
  requireWritable(state, subject)
  const versions = state.versions(subject)
  const live = liveVersions(state, subject)
  if (versions.length === 0) throw subjectNotFound(subject)
  if (live.length === 0 && !permanent) throw subjectSoftDeleted(subject)
  if (live.length > 0 && permanent) throw subjectNotSoftDeleted(subject)
  // A list of its own: what the state lists is gone when the answer is made.
  const doomed = permanent ? [...versions] : live
  for (const schema of doomed) requireUnreferenced(state, schema, permanent, subject)
  const last = doomed[doomed.length - 1]?.version ?? 0
  return {
    records: permanent ? removal(state, subject, doomed) : [{ kind: 'delete-subject', subject, value: { version: last } }],
    answer: () => doomed.map(({ version }) => version),
  }
}

/** `version` null: the latest. Answers which it was. */
export function deleteVersion(
  { state }: OperationContext,
  given: string,
  version: number | null,
  permanent: boolean,
): Decision<number> {
  const subject = aliased(state, given)
  requireWritable(state, subject)
  if (state.versions(subject).length === 0) throw subjectNotFound(subject)
  const schema = findDoomed(state, subject, version, permanent)
  if (schema.isDeleted && !permanent) throw versionSoftDeleted(subject, schema.version)
  if (!schema.isDeleted && permanent) throw versionNotSoftDeleted(subject, schema.version)
  requireUnreferenced(state, schema, permanent, null)
  return {
    records: permanent ? removal(state, subject, [schema]) : [schemaRecord(subject, schema.version, schema.id, schema, true)],
    answer: () => schema.version,
  }
}

/** The latest is the latest that is live, or, to be deleted for good where none is, the latest of all. */
function findDoomed(state: RegistryState, subject: string, version: number | null, permanent: boolean): StoredSchema {
  if (version === null) {
    const hasLive = liveVersions(state, subject).length > 0
    return findVersion(state, subject, null, permanent && !hasLive)
  }
  const found = state.version(subject, version)
  if (found === undefined) throw versionNotFound(version)
  return found
}

/** `within`: references from this subject to itself do not hold it, since all of it goes. */
function requireUnreferenced(state: RegistryState, schema: StoredSchema, permanent: boolean, within: string | null): void {
  const holders = state
    .referrersOf(schema.subject, schema.version)
    .filter((referrer) => (permanent || !referrer.isDeleted) && referrer.subject !== within)
  if (holders.length > 0) throw referenceExists(schema.subject, schema.version)
}

function removal(state: RegistryState, subject: string, doomed: readonly StoredSchema[]): RegistryRecord[] {
  const isWhole = doomed.length === state.versions(subject).length
  const context = contextOf(subject)
  // From the newest to the oldest: of thousands a part may be all that is written (Decision), and what is left then refers to nothing that is gone.
  const tombstones = [...doomed]
    .reverse()
    .map(({ version }): RegistryRecord => ({ kind: 'schema', subject, version, value: null }))
  return [
    // Once the tombstones are compacted away nothing else would say that these ids were given.
    { kind: 'noop', value: { maxIds: { [context]: state.maxId(context), ...otherMaxIds(state, context) } } },
    ...tombstones,
    ...(isWhole && state.mode(subject) !== undefined ? [{ kind: 'mode', subject, value: null } satisfies RegistryRecord] : []),
    ...(isWhole && state.config(subject) !== undefined
      ? [{ kind: 'config', subject, value: null } satisfies RegistryRecord]
      : []),
  ]
}

/** The record has one key for all contexts, so each says what the one before it said. */
function otherMaxIds(state: RegistryState, context: string): Record<string, number> {
  return Object.fromEntries(
    state
      .knownContexts()
      .filter((name) => name !== context)
      .map((name) => [name, state.maxId(name)]),
  )
}

export function deleteContext({ state }: OperationContext, given: string): Decision<null> {
  const context = normalContext(given)
  if (state.subjects().some((subject) => contextOf(subject) === context)) throw contextNotEmpty(context)
  const isThere = context !== defaultContext && state.hasContext(context)
  return { records: isThere ? [{ kind: 'context', context, value: null }] : [], answer: () => null }
}
