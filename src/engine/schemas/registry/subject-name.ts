/**
 * Subjects and contexts. A subject outside of the default context is written `:.context:subject`; `:.context:` alone is the context
 * itself, `:*:` all of them. What this folder keeps are normal forms: the default context is never written. Pure.
 */
import { invalidSubject } from './errors'

export const defaultContext = '.'
/** As a prefix of subjects: those of all contexts. */
export const allContexts = ':*:'
/** Levels and modes of this context hold where neither subject, nor context, nor the global setting says otherwise. */
export const globalContext = ':.__GLOBAL:'

export interface SubjectName {
  readonly context: string
  /** '' for the context itself. */
  readonly subject: string
}

/** `:x:y` without the dot is a plain name. */
export function parseSubject(name: string): SubjectName {
  if (!name.startsWith(':.')) return { context: defaultContext, subject: name }
  const end = name.indexOf(':', 1)
  return end === -1 ? { context: name.slice(1), subject: '' } : { context: name.slice(1, end), subject: name.slice(end + 1) }
}

export function qualify(context: string, subject: string): string {
  return context === defaultContext ? subject : `:${context}:${subject}`
}

/** The form in which a subject is kept. */
export function normalSubject(name: string): string {
  const { context, subject } = parseSubject(name)
  return qualify(context, subject)
}

export const contextOf = (name: string): string => parseSubject(name).context

/** `ctx`, `.ctx` and `:.ctx:` are the same context; '' is the default one. */
export function normalContext(given: string): string {
  const bare = given.startsWith(':') ? given.slice(1).replace(/:$/, '') : given
  const context = bare.startsWith('.') ? bare : `.${bare}`
  if (context.includes(':') || hasControlCharacter(context)) throw invalidSubject(given)
  return context
}

/** A name without a context is taken for one of `parent`'s context: so references inherit it. */
export function inContextOf(parent: string, name: string): string {
  return name.startsWith(':.') ? normalSubject(name) : qualify(contextOf(parent), name)
}

/** Throws 42208 for what no schema may be registered under. */
export function requireValidSubject(name: string): void {
  const { context, subject } = parseSubject(name)
  if (subject === '' || subject === '__GLOBAL' || subject === '__EMPTY' || hasControlCharacter(subject))
    throw invalidSubject(name)
  if (hasControlCharacter(context)) throw invalidSubject(name)
}

/** Throws 42208 for what no level or mode may be said of; of a context it may, and of a subject that has no schema yet. */
export function requireValidScope(name: string): void {
  const { context, subject } = parseSubject(name)
  if (hasControlCharacter(subject) || hasControlCharacter(context)) throw invalidSubject(name)
}

/** Whether a kept subject is asked for by `subjectPrefix`. */
export function matchesPrefix(subject: string, prefix: string): boolean {
  if (prefix.startsWith(allContexts)) return parseSubject(subject).subject.startsWith(prefix.slice(allContexts.length))
  const wanted = parseSubject(prefix)
  const name = parseSubject(subject)
  return name.context === wanted.context && name.subject.startsWith(wanted.subject)
}

/** C0, DEL and C1, as Character.isISOControl. */
function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true
  }
  return false
}
