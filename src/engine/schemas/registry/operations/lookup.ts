/** Finding schemas: by subject and version, by id, by content. Pure reading; each throws the registry's own 404 or 422. */
import { invalidVersion, schemaIdNotFound, subjectNotFound, versionNotFound } from '../errors'
import type { Metadata, StoredSchema } from '../model'
import type { RegistryState } from '../state'
import { contextOf, defaultContext, normalSubject, parseSubject, qualify } from '../subject-name'

/** 'latest' and -1 are null, else 1 to 2^31-1. */
export function parseVersion(given: string): number | null {
  const text = given.trim()
  if (text.toLowerCase() === 'latest' || text === '-1') return null
  const version = /^\+?\d{1,10}$/.test(text) ? Number(text) : 0
  if (version < 1 || version > 0x7fffffff) throw invalidVersion(given)
  return version
}

/**
 * The subject that a name stands for: its alias where it has one; a name without a context that is not in the default one is looked for
 * in all others.
 */
export function resolveSubject(state: RegistryState, given: string): string {
  const subject = aliased(state, given)
  if (contextOf(subject) !== defaultContext || state.versions(subject).length > 0) return subject
  const name = parseSubject(subject).subject
  for (const context of state.contextNames()) {
    const candidate = qualify(context, name)
    if (state.versions(candidate).length > 0) return candidate
  }
  return subject
}

/** Without the search through contexts: what is written goes where it was said. */
export function aliased(state: RegistryState, given: string): string {
  const subject = normalSubject(given)
  const alias = state.config(subject)?.alias
  return alias === undefined || alias === '' ? subject : normalSubject(alias)
}

export function liveVersions(state: RegistryState, subject: string): StoredSchema[] {
  return state.versions(subject).filter((schema) => !schema.isDeleted)
}

/** `version` null: the latest. Throws 40401 where the subject has nothing to show, 40402 where it has not this version. */
export function findVersion(state: RegistryState, subject: string, version: number | null, withDeleted: boolean): StoredSchema {
  const shown = withDeleted ? state.versions(subject) : liveVersions(state, subject)
  if (shown.length === 0) throw subjectNotFound(subject)
  const found = version === null ? shown[shown.length - 1] : shown.find((schema) => schema.version === version)
  if (found === undefined) throw versionNotFound(version ?? 'latest')
  return found
}

/** `subject` '' where none was asked for; with one, its place there if it has one. Throws 40403. */
export function findById(state: RegistryState, id: number, subject: string): StoredSchema {
  const wanted = subject === '' ? '' : normalSubject(subject)
  const context = wanted === '' ? defaultContext : contextOf(wanted)
  const entry = state.byId(context, id)
  if (entry !== undefined) {
    const schemas = state.schemasOf(entry)
    // A live place says more than a deleted one, for `deleted` and `ts`.
    const preferred =
      schemas.find((schema) => schema.subject === wanted) ?? schemas.find((schema) => !schema.isDeleted) ?? schemas[0]
    if (preferred !== undefined) return preferred
  }
  const name = parseSubject(wanted).subject
  if (context === defaultContext && name !== '') {
    for (const other of state.contextNames()) {
      const inOther = state.byId(other, id)
      const found =
        inOther === undefined ? undefined : state.schemasOf(inOther).find((schema) => schema.subject === qualify(other, name))
      if (found !== undefined) return found
    }
  }
  throw schemaIdNotFound(id)
}

/** Every place of an id in the context of `subject`, by subject and version. Throws 40403. */
export function placesOf(state: RegistryState, id: number, subject: string, withDeleted: boolean): StoredSchema[] {
  const anywhere = findById(state, id, subject)
  const entry = state.byId(contextOf(anywhere.subject), id)
  const wanted = parseSubject(subject === '' ? '' : normalSubject(subject)).subject
  return (entry === undefined ? [] : state.schemasOf(entry))
    .filter((schema) => (withDeleted || !schema.isDeleted) && (wanted === '' || parseSubject(schema.subject).subject === wanted))
    .sort((a, b) => (a.subject === b.subject ? a.version - b.version : a.subject < b.subject ? -1 : 1))
}

/** The newest version with all of these properties in its metadata. */
export function findWithProperties(
  state: RegistryState,
  subject: string,
  wanted: readonly (readonly [key: string, value: string])[],
  withDeleted: boolean,
): StoredSchema | undefined {
  const hasAll = (metadata: Metadata | null) => wanted.every(([key, value]) => metadata?.properties?.[key] === value)
  return state.versions(subject).findLast((schema) => (withDeleted || !schema.isDeleted) && hasAll(schema.metadata))
}
