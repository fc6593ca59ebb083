/** Levels and modes of a subject, a context, or globally (null): reading, changing, and giving them up. Pure. */
import { invalidLevel, invalidMode, noSubjectLevel, noSubjectMode, notPermitted, subjectNotFound } from '../errors'
import { type ConfigValue, type Mode, modes, type StoredSchema } from '../model'
import type { RegistryRecord } from '../records'
import type { RegistryState } from '../state'
import { contextOf, matchesPrefix, normalSubject, parseSubject } from '../subject-name'
import { levelOf, policyOf, readConfigValue } from '../values'
import type { Decision, OperationContext } from './operation'
import { effectiveConfig, effectiveMode, requireWritable } from './scopes'

/** A scope as it is kept: ':.:' and '' are the global one. */
export function scopeOf(given: string | null): string | null {
  if (given === null) return null
  const scope = normalSubject(given)
  return scope === '' ? null : scope
}

export function configOf(state: RegistryState, scope: string | null, defaultToGlobal: boolean): ConfigValue {
  if (scope === null || defaultToGlobal) return effectiveConfig(state, scope)
  const own = state.config(scope)
  if (own === undefined) throw noSubjectLevel(scope)
  return own
}

export function modeOf(state: RegistryState, scope: string | null, defaultToGlobal: boolean): Mode {
  if (scope === null || defaultToGlobal) return effectiveMode(state, scope)
  const own = state.mode(scope)
  if (own === undefined) throw noSubjectMode(scope)
  return own
}

/** `body` as it came: a field that is absent keeps what was said, one that is null takes it back. Throws 42203. */
export function updateConfig(
  { state }: OperationContext,
  scope: string | null,
  body: Record<string, unknown>,
): Decision<ConfigValue> {
  requireWritable(state, scope)
  const { compatibility = body['compatibilityLevel'], compatibilityPolicy: policy } = body
  if (compatibility !== undefined && compatibility !== null && levelOf(compatibility) === undefined) throw invalidLevel()
  if (policy !== undefined && policy !== null && policyOf(policy) === undefined) throw invalidLevel()
  const given: Record<string, unknown> = {
    ...body,
    ...(compatibility === undefined ? {} : { compatibilityLevel: compatibility }),
  }
  const said = state.config(scope) ?? {}
  const kept = Object.fromEntries(Object.entries(said).filter(([name]) => given[name] === undefined))
  const value: ConfigValue = { ...kept, ...readConfigValue(given) }
  return { records: [{ kind: 'config', subject: scope, value }], answer: () => value }
}

/** Answers what it was. */
export function deleteConfig({ state }: OperationContext, scope: string | null): Decision<ConfigValue> {
  requireWritable(state, scope)
  const own = state.config(scope)
  if (own === undefined && scope !== null) throw subjectNotFound(scope)
  const before = own ?? effectiveConfig(state, scope)
  return { records: own === undefined ? [] : [{ kind: 'config', subject: scope, value: null }], answer: () => before }
}

/** To IMPORT only where nothing live would be mixed with what is imported; what is softly deleted there goes. `force` asks nothing and leaves all. */
export function updateMode({ state }: OperationContext, scope: string | null, given: unknown, force: boolean): Decision<Mode> {
  const mode = modes.find((known) => typeof given === 'string' && known === given.toUpperCase())
  if (mode === undefined) throw invalidMode()
  const change: RegistryRecord = { kind: 'mode', subject: scope, value: { mode } }
  if (mode !== 'IMPORT' || force || effectiveMode(state, scope) === 'IMPORT') return { records: [change], answer: () => mode }
  const affected = schemasUnder(state, scope)
  if (affected.some((schema) => !schema.isDeleted)) throw notPermitted('Cannot import since found existing subjects')
  const leftovers: RegistryRecord[] = affected.map(({ subject, version }) => ({ kind: 'schema', subject, version, value: null }))
  const maxIds = Object.fromEntries(state.knownContexts().map((context) => [context, state.maxId(context)]))
  return {
    records: [
      ...(leftovers.length === 0 ? [] : [{ kind: 'noop', value: { maxIds } } satisfies RegistryRecord]),
      ...leftovers,
      { kind: 'clear-subject', subject: scope, value: {} },
      change,
    ],
    answer: () => mode,
  }
}

/** `recursive`: of all subjects under the scope, too. Answers what it was. */
export function deleteMode({ state }: OperationContext, scope: string | null, recursive: boolean): Decision<Mode> {
  const own = state.mode(scope)
  const others = recursive
    ? subjectsUnder(state, scope).filter((subject) => subject !== scope && state.mode(subject) !== undefined)
    : []
  if (own === undefined && scope !== null && others.length === 0) throw subjectNotFound(scope)
  const before = own ?? effectiveMode(state, scope)
  const scopes = [...(own === undefined ? [] : [scope]), ...others]
  return { records: scopes.map((subject) => ({ kind: 'mode', subject, value: null })), answer: () => before }
}

function schemasUnder(state: RegistryState, scope: string | null): StoredSchema[] {
  return subjectsUnder(state, scope).flatMap((subject) => state.versions(subject))
}

/** The global setting is that of the default context; a context's that of its subjects. */
function subjectsUnder(state: RegistryState, scope: string | null): readonly string[] {
  if (scope !== null && parseSubject(scope).subject !== '') return [scope]
  const prefix = scope === null ? '' : `:${contextOf(scope)}:`
  return state.subjects().filter((subject) => matchesPrefix(subject, prefix))
}
