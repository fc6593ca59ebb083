/**
 * `/contexts/{c}/…` is the same path with the subject qualified by the context (registry-and-coordination section 1.1). Rewritten before the
 * router sees it, so no handler knows. Pure.
 */
import { defaultContext, normalContext, parseSubject, qualify } from '../subject-name'

export interface Rewritten {
  readonly segments: readonly string[]
  /** Query parameters that the context decides, to be put before those that came. */
  readonly query: string
}

export function withoutContextPrefix(
  segments: readonly string[],
  askedSubject: string | null,
  askedPrefix: string | null,
): Rewritten {
  if (segments[0] !== 'contexts' || segments.length < 3) return { segments, query: '' }
  const context = normalContext(segments[1] ?? '')
  const [area = '', ...rest] = segments.slice(2)
  const scope = context === defaultContext ? ':.:' : `:${context}:`
  const inContext = (subject: string) => (subject.startsWith(':.') ? subject : qualify(context, subject))
  switch (area) {
    case 'subjects':
      if (rest.length === 0) return { segments: [area], query: parameter('subjectPrefix', prefixed(scope, askedPrefix)) }
      return { segments: [area, inContext(rest[0] ?? ''), ...rest.slice(1)], query: '' }
    case 'compatibility':
      return { segments: [area, rest[0] ?? '', inContext(rest[1] ?? ''), ...rest.slice(2)], query: '' }
    case 'config':
    case 'mode':
      return { segments: [area, rest[0] === undefined ? scope : inContext(rest[0])], query: '' }
    case 'schemas':
      return rest.length === 0
        ? { segments: [area], query: parameter('subjectPrefix', prefixed(scope, askedPrefix)) }
        : { segments: [area, ...rest], query: parameter('subject', askedSubject === null ? scope : inContext(askedSubject)) }
    default:
      return { segments: [area, ...rest], query: '' }
  }
}

function prefixed(scope: string, askedPrefix: string | null): string {
  return askedPrefix === null || askedPrefix.startsWith(':') ? scope : `${scope}${parseSubject(askedPrefix).subject}`
}

function parameter(name: string, value: string): string {
  return `${name}=${encodeURIComponent(value)}`
}
