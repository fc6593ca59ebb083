/** Which handler a request is for. A table of patterns, the first that fits; `:name` takes one segment, whatever is in it. Pure. */
import { MethodNotAllowed, notFound } from '../errors'
import type { RegistryPort } from '../schema-registry'
import type { Query, RestRequest } from './request'

export interface Call {
  readonly registry: RegistryPort
  readonly query: Query
  readonly request: RestRequest
  /** A segment of the path, decoded. */
  param(name: string): string
}

/** The text is the whole answer, not wrapped. */
export class RawText {
  constructor(readonly text: string) {}
}

/** 204. */
export const noContent = Symbol('no content')

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly pattern: readonly string[]
  /** Answers what becomes the body. */
  readonly handle: (call: Call) => unknown
}

export function route(method: Route['method'], pattern: string, handle: Route['handle']): Route {
  return { method, pattern: pattern === '' ? [] : pattern.split('/'), handle }
}

export interface Match {
  readonly route: Route
  readonly parameters: ReadonlyMap<string, string>
}

/** Throws 404 where no pattern fits, 405 where one does for another method. */
export function match(routes: readonly Route[], method: string, segments: readonly string[]): Match {
  const others = new Set<string>()
  for (const candidate of routes) {
    const parameters = parametersOf(candidate.pattern, segments)
    if (parameters === null) continue
    // HEAD is GET whose body nobody sends.
    if (candidate.method === (method === 'HEAD' ? 'GET' : method)) return { route: candidate, parameters }
    others.add(candidate.method)
  }
  if (others.has('GET')) others.add('HEAD')
  throw others.size > 0 ? new MethodNotAllowed([...others].sort()) : notFound()
}

function parametersOf(pattern: readonly string[], segments: readonly string[]): Map<string, string> | null {
  if (pattern.length !== segments.length) return null
  const parameters = new Map<string, string>()
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (part.startsWith(':')) {
      if (segment === '') return null
      parameters.set(part.slice(1), segment)
    } else if (part !== segment) return null
  }
  return parameters
}
