/**
 * Which level and mode hold for a subject: its own, else its context's or the global one, else those of `:.__GLOBAL:`, else BACKWARD and
 * READWRITE (registry-and-coordination section 1.4). Pure reading.
 */
import { notPermitted } from '../errors'
import type { CompatibilityLevel, ConfigValue, Mode } from '../model'
import type { RegistryState } from '../state'
import { contextOf, defaultContext, globalContext, parseSubject, qualify } from '../subject-name'

export const defaultLevel: CompatibilityLevel = 'BACKWARD'
export const defaultMode: Mode = 'READWRITE'

/** From the nearest to the farthest; null is the global setting. */
function scopesOf(subject: string | null): (string | null)[] {
  if (subject === null) return [null, globalContext]
  const context = contextOf(subject)
  const isContext = parseSubject(subject).subject === '' && context !== defaultContext
  const around = context === defaultContext ? null : qualify(context, '')
  return [...(isContext ? [] : [subject]), around, globalContext]
}

/** Field by field, the nearest that says something; always with a level. */
export function effectiveConfig(
  state: RegistryState,
  subject: string | null,
): ConfigValue & { compatibilityLevel: CompatibilityLevel } {
  const values = scopesOf(subject).flatMap((scope) => state.config(scope) ?? [])
  return Object.assign({ compatibilityLevel: defaultLevel }, ...values.reverse())
}

export function effectiveMode(state: RegistryState, subject: string | null): Mode {
  const scopes = scopesOf(subject)
  // Said of a context or globally, it overrides what its subjects say.
  for (const scope of scopes.slice(subject === null ? 0 : 1))
    if (state.mode(scope) === 'READONLY_OVERRIDE') return 'READONLY_OVERRIDE'
  for (const scope of scopes) {
    const mode = state.mode(scope)
    if (mode !== undefined) return mode
  }
  return defaultMode
}

export function requireWritable(state: RegistryState, subject: string | null): void {
  const mode = effectiveMode(state, subject)
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE')
    throw notPermitted(subject === null ? 'The registry is in read-only mode' : `Subject ${subject} is in read-only mode`)
}
