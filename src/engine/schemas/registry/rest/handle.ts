/**
 * From a request to an answer: the one place where what was thrown becomes a status and Confluent's error body. A refusal is told as it is;
 * anything else is a fault of ours: it is logged with its stack, answered with 500, and the registry goes on.
 */
import { MethodNotAllowed, RegistryError } from '../errors'
import type { RegistryPort } from '../schema-registry'
import { aboutRoutes } from './about'
import { associationRoutes } from './associations'
import { compatibilityRoutes } from './compatibility'
import { configAndModeRoutes } from './config-and-mode'
import { withoutContextPrefix } from './contexts'
import { contentTypeFor, pathSegments, Query, type RestRequest, type RestResponse } from './request'
import { type Call, match, noContent, RawText, type Route } from './router'
import { schemaRoutes } from './schemas'
import { subjectRoutes } from './subjects'

const routes: readonly Route[] = [
  ...subjectRoutes,
  ...schemaRoutes,
  ...compatibilityRoutes,
  ...configAndModeRoutes,
  ...associationRoutes,
  ...aboutRoutes,
]

/** Never rejects. */
export async function handleRequest(registry: RegistryPort, request: RestRequest): Promise<RestResponse> {
  const contentType = contentTypeFor(request.headers['accept'])
  try {
    const answer = await dispatch(registry, request)
    if (answer instanceof Forwarded) return answer.response
    if (answer === noContent) return { status: 204, contentType, body: null }
    return { status: 200, contentType, body: answer instanceof RawText ? answer.text : JSON.stringify(answer) }
  } catch (error) {
    const refusal = error instanceof RegistryError ? error : asFault(registry, request, error)
    return errorResponse(refusal, contentType)
  }
}

export function errorResponse(error: RegistryError, contentType: string): RestResponse {
  const { status, errorCode, message } = error
  const body = JSON.stringify({ error_code: errorCode, message })
  return error instanceof MethodNotAllowed
    ? { status, contentType, body, headers: { Allow: error.allowed.join(', ') } }
    : { status, contentType, body }
}

/** Another registry's answer, passed on as it is. */
class Forwarded {
  constructor(readonly response: RestResponse) {}
}

/** Look-ups and checks are asked with POST, and write nothing. */
function isWrite({ method, pattern }: Route): boolean {
  if (method === 'PUT' || method === 'DELETE') return true
  const [first] = pattern
  const isLookUp =
    first === 'compatibility' || first === 'associations:batchGet' || (first === 'subjects' && pattern.length === 2)
  return method === 'POST' && first !== undefined && !isLookUp
}

async function dispatch(registry: RegistryPort, request: RestRequest): Promise<unknown> {
  refuseStrangePages(request)
  const asked = new Query(request.target)
  const rewritten = withoutContextPrefix(pathSegments(request.target), asked.text('subject'), asked.text('subjectPrefix'))
  const { route, parameters } = match(routes, request.method, rewritten.segments)
  const query = rewritten.query === '' ? asked : new Query(`?${rewritten.query}&${queryOf(request.target)}`)
  if (isWrite(route) && request.headers['x-forward'] === undefined) {
    const response = await registry.forward(request)
    if (response !== null) return new Forwarded(response)
  }
  const call: Call = { registry, query, request, param: (name) => parameters.get(name) ?? '' }
  return route.handle(call)
}

/**
 * A page of the web that a browser on this machine shows could otherwise write schemas here: browsers say whose page asks. Where the page's own name is
 * made to lead to 127.0.0.1 it reads without an Origin, and only the name that it asked for tells.
 */
function refuseStrangePages({ headers }: RestRequest): void {
  const { origin, host = '' } = headers
  if (!isLocalName(host))
    throw new RegistryError(
      403,
      `Requests to '${host}' are not answered, since pages of the web can make their names lead here: ask 127.0.0.1 or localhost`,
    )
  if (origin === undefined || /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin)) return
  throw new RegistryError(
    403,
    `Requests of pages from ${origin} are not answered: only pages of this machine may use the registry`,
  )
}

/** An address, or a name that nobody can register: of one word, as containers have them, or under a top that is kept for local use. */
function isLocalName(host: string): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase()
  return /^\[[\da-f:.]+\]$|^\d{1,3}(\.\d{1,3}){3}$|^[^.]*$|\.(localhost|local|internal)$/.test(name)
}

function queryOf(target: string): string {
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start + 1)
}

function asFault(registry: RegistryPort, { method, target }: RestRequest, error: unknown): RegistryError {
  registry.logger.error('A request to the registry failed by a fault of ours', {
    request: `${method} ${target.slice(0, 300)}`,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  return new RegistryError(500, 'Internal Server Error')
}
