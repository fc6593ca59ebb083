/**
 * JSON over HTTP to a schema registry, any that speaks Confluent's REST API: connections are kept, every request has an end, and what the
 * registry refuses comes back with its own code. Knows no call by name: registry-client.ts does. Lives in the clients worker.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { WorkbenchError } from '../../shared/ipc/errors'

/** A registry waits up to half a minute for its brokers; one that says nothing at all is given up earlier by the socket. */
const requestTimeoutMs = 35_000
const answerBytesMax = 256 * 1024 * 1024
const contentType = 'application/vnd.schemaregistry.v1+json'

export type RegistryMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** The registry answered, and refused. `errorCode` is its own (40401, 42201, …), or the HTTP status where it gave none. */
export class RegistryRefusal extends WorkbenchError {
  constructor(
    readonly errorCode: number,
    readonly status: number,
    message: string,
  ) {
    super('protocol', refusalName(errorCode), sentence(message))
  }
}

/** Confluent's names of what a person meets; the rest goes by its number. */
const names: Readonly<Record<number, string>> = {
  40401: 'SUBJECT_NOT_FOUND',
  40402: 'VERSION_NOT_FOUND',
  40403: 'SCHEMA_NOT_FOUND',
  40404: 'SUBJECT_SOFT_DELETED',
  40405: 'SUBJECT_NOT_SOFT_DELETED',
  40406: 'SCHEMAVERSION_SOFT_DELETED',
  40407: 'SCHEMAVERSION_NOT_SOFT_DELETED',
  40408: 'SUBJECT_LEVEL_COMPATIBILITY_NOT_CONFIGURED',
  40409: 'SUBJECT_LEVEL_MODE_NOT_CONFIGURED',
  409: 'INCOMPATIBLE_SCHEMA',
  40901: 'INCOMPATIBLE_SCHEMA',
  42201: 'INVALID_SCHEMA',
  42202: 'INVALID_VERSION',
  42203: 'INVALID_COMPATIBILITY_LEVEL',
  42204: 'INVALID_MODE',
  42205: 'OPERATION_NOT_PERMITTED',
  42206: 'REFERENCE_EXISTS',
  42207: 'ID_DOES_NOT_MATCH',
  42208: 'INVALID_SUBJECT',
  42209: 'SCHEMA_TOO_LARGE',
  50001: 'STORE_ERROR',
  50002: 'OPERATION_TIMEOUT',
  50003: 'REQUEST_FORWARDING_FAILED',
  50004: 'UNKNOWN_LEADER',
}

function refusalName(errorCode: number): string {
  return names[errorCode] ?? `REGISTRY_${errorCode}`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

export class RegistryHttp {
  private base: URL | null = null
  private problem: string | null = 'The schema registry has not started yet.'
  private readonly httpAgent = new HttpAgent({ keepAlive: true, maxSockets: 8 })
  private readonly httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 8 })

  /** null: there is none now, and `problem` says why. */
  setAddress(url: string | null, problem: string | null): void {
    this.base = url === null ? null : new URL(url.endsWith('/') ? url : `${url}/`)
    this.problem = problem
  }

  get isAddressed(): boolean {
    return this.base !== null
  }

  /** `segments` are percent-encoded here; undefined query values are left out. Answers null where the body is empty. */
  async request(
    method: RegistryMethod,
    segments: readonly string[],
    query: Readonly<Record<string, string | number | boolean | undefined>> = {},
    body?: unknown,
  ): Promise<unknown> {
    if (this.base === null) throw unreachable(this.problem ?? 'There is no schema registry.', null)
    const url = new URL(segments.map(encodeURIComponent).join('/'), this.base)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
    const { status, text } = await this.exchange(method, url, body === undefined ? null : JSON.stringify(body))
    let answer: unknown = null
    if (text !== '') {
      try {
        answer = JSON.parse(text)
      } catch {
        throw new WorkbenchError(
          'expected',
          'NO_REGISTRY',
          `What listens at ${this.base.origin} answered ${method} ${url.pathname} with HTTP ${status} and no JSON. Is it a schema registry?`,
        )
      }
    }
    if (status >= 200 && status < 300) return answer
    const { error_code: errorCode, message } = (answer ?? {}) as { error_code?: unknown; message?: unknown }
    throw new RegistryRefusal(
      typeof errorCode === 'number' ? errorCode : status,
      status,
      typeof message === 'string' && message !== '' ? message : `The schema registry answered HTTP ${status}`,
    )
  }

  close(): void {
    this.httpAgent.destroy()
    this.httpsAgent.destroy()
  }

  private exchange(method: RegistryMethod, url: URL, body: string | null): Promise<{ status: number; text: string }> {
    const isTls = url.protocol === 'https:'
    const { origin } = url
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        const { code } = error as NodeJS.ErrnoException
        const why = code === 'ECONNREFUSED' ? 'nothing listens there' : error.message
        reject(unreachable(`The schema registry at ${origin} cannot be reached: ${why}.`, code ?? null))
      }
      const sent = (isTls ? httpsRequest : httpRequest)(
        url,
        {
          method,
          agent: isTls ? this.httpsAgent : this.httpAgent,
          timeout: requestTimeoutMs,
          headers: {
            Accept: contentType,
            ...(body === null ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }),
          },
        },
        (response) => collect(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), fail),
      )
      sent.on('timeout', () => sent.destroy(new Error(`it did not answer within ${requestTimeoutMs / 1_000} s`)))
      sent.on('error', fail)
      sent.end(body ?? undefined)
    })
  }
}

function unreachable(message: string, cause: string | null): WorkbenchError {
  return new WorkbenchError('expected', 'REGISTRY_UNREACHABLE', message, cause)
}

function collect(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > answerBytesMax) response.destroy(new Error(`its answer is longer than ${answerBytesMax} bytes`))
      else chunks.push(chunk)
    })
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    response.on('error', reject)
    response.on('aborted', () => reject(new Error('it broke off its answer')))
  })
}
