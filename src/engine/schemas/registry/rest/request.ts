/**
 * A request as the rules of REST see it (registry-and-coordination section 1.0): raw path taken apart before it is decoded, query parameters
 * of which unknown ones are ignored, booleans in any letter case, JSON bodies of which unknown fields are ignored. Pure.
 */
import { badRequest, notFound, RegistryError } from '../errors'
import { isObject } from '../values'

export interface RestRequest {
  readonly method: string
  /** Path and query as they came, still encoded. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Empty where there was none. */
  readonly body: Uint8Array
}

export interface RestResponse {
  readonly status: number
  readonly contentType: string
  /** Further ones; absent: none. */
  readonly headers?: Readonly<Record<string, string>>
  /** null: no body at all (204). */
  readonly body: string | null
}

/** Decoded segments; slashes at the end are nothing. `/subjects/a%2Fb` has two: a slash that was encoded is part of a name. */
export function pathSegments(target: string): string[] {
  const end = target.indexOf('?')
  const path = (end === -1 ? target : target.slice(0, end)).replace(/\/+$/, '')
  return path
    .split('/')
    .slice(1)
    .map((segment) => decode(segment))
}

export class Query {
  private readonly values: readonly (readonly [name: string, value: string])[]

  /** Takes empty parts as they come from clients that double the `&`. */
  constructor(target: string) {
    const start = target.indexOf('?')
    const text = start === -1 ? '' : target.slice(start + 1)
    this.values = text.split('&').flatMap((part): [string, string][] => {
      if (part === '') return []
      const equals = part.indexOf('=')
      const [name, value] = equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return [[decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))]]
    })
  }

  text(name: string): string | null {
    return this.values.find(([known]) => known === name)?.[1] ?? null
  }

  all(name: string): string[] {
    return this.values.filter(([known]) => known === name).map(([, value]) => value)
  }

  /** As Java's Boolean.valueOf: "true" in any letter case, and nothing else, is true. */
  flag(name: string, otherwise = false): boolean {
    const value = this.text(name)
    return value === null ? otherwise : value.toLowerCase() === 'true'
  }

  /** A number that is none is a path that is not there, as JAX-RS has it. */
  integer(name: string, otherwise: number): number {
    const value = this.text(name)
    if (value === null || value === '') return otherwise
    return parseInteger(value)
  }
}

export function parseInteger(text: string): number {
  const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(Math.abs(value) <= 0x7fffffff)) throw notFound()
  return value
}

/** The part of a list that offset and limit ask for; a negative limit is all. */
export function page<T>(list: readonly T[], query: Query, limitMax = Number.POSITIVE_INFINITY): readonly T[] {
  const offset = Math.max(0, query.integer('offset', 0))
  const asked = query.integer('limit', -1)
  const limit = Math.min(asked < 0 ? Number.POSITIVE_INFINITY : asked, limitMax)
  return offset === 0 && limit >= list.length ? list : list.slice(offset, offset + limit)
}

const mediaTypesTaken = new Set([
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
  'application/octet-stream',
])

/** Throws 415 for another type, 400 for what is no JSON object, 422 for nothing. */
export function jsonBody({ headers, body }: RestRequest): Record<string, unknown> {
  const mediaType = (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
  if (!mediaTypesTaken.has(mediaType)) throw new RegistryError(415, 'HTTP 415 Unsupported Media Type')
  if (isDeeperThan(body, bodyDepthMax)) throw badRequest(`The body is nested more than ${bodyDepthMax} deep`)
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8') || 'null')
  } catch (error) {
    throw badRequest(`The body is no JSON: ${(error as Error).message}`)
  }
  if (value === null) throw new RegistryError(422, 'The body must not be null')
  if (!isObject(value)) throw badRequest('The body must be a JSON object')
  return value
}

/** As deep as Jackson reads. JSON.parse takes any depth and JSON.stringify ends with the stack: what was taken could not be written, or not given back. */
const bodyDepthMax = 1_000

/** UTF-8 has these bytes nowhere but as themselves. */
function isDeeperThan(json: Uint8Array, depthMax: number): boolean {
  let depth = 0
  let isInText = false
  for (let index = 0; index < json.length; index++) {
    const byte = json[index]
    if (isInText) {
      if (byte === BACKSLASH) index++
      else if (byte === QUOTE) isInText = false
    } else if (byte === QUOTE) isInText = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > depthMax) return true
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
  }
  return false
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

const mediaTypesGiven = [
  ['application/vnd.schemaregistry.v1+json', 1],
  ['application/vnd.schemaregistry+json', 0.9],
  ['application/json', 0.5],
] as const

/** What Accept likes best, then what we do; ours where it likes none of it, since a client that asks for HTML is better off with JSON than with nothing. */
export function contentTypeFor(accept: string | undefined): string {
  let best: string = mediaTypesGiven[0][0]
  let bestRank = [0, 0]
  const ranges = (accept ?? '*/*').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1')
    return { type, quality: Number.isNaN(quality) ? 1 : quality }
  })
  for (const [type, ours] of mediaTypesGiven) {
    const fitting = ranges.filter((range) => range.type === type || range.type === 'application/*' || range.type === '*/*')
    const quality = Math.max(0, ...fitting.map((range) => range.quality))
    if (quality > (bestRank[0] ?? 0) || (quality === bestRank[0] && quality > 0 && ours > (bestRank[1] ?? 0))) {
      best = type
      bestRank = [quality, ours]
    }
  }
  return best
}

/** A percent sign that encodes nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
