/**
 * Hands a request to another registry as it came, and its answer back: to the one that registries of Confluent's have elected to write. The path is sent raw,
 * since what URL parsers fold away may be part of a subject's name.
 *
 * Whoever reaches the brokers can join that group and name any host, and what is written here may be nobody else's business: nothing is sent to another
 * computer, and who asked proves himself (`authorization`) to this registry, not to whoever was named.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { RestRequest, RestResponse } from '../../engine'

const passedOn = ['accept', 'content-type'] as const

export interface ForwardLimits {
  /** For the whole answer, not only for its beginning. */
  readonly timeoutMs: number
  readonly answerBytesMax: number
}

const usualLimits: ForwardLimits = { timeoutMs: 30_000, answerBytesMax: 16 * 1024 * 1024 }

/** Rejects where it is not on this computer, cannot be reached, does not answer in time, or answers with more than is read. */
export async function forwardRequest(
  url: string,
  { method, target, headers, body }: RestRequest,
  { timeoutMs, answerBytesMax }: ForwardLimits = usualLimits,
): Promise<RestResponse> {
  const { protocol, hostname, port } = new URL(url)
  if (!isThisComputer(hostname))
    throw new Error(
      'it is not on this computer, and nothing is sent to another. Write through that registry itself, or end all members of the consumer group ' +
        'schema-registry: this registry then writes itself',
    )
  const isTls = protocol === 'https:'
  return new Promise((resolve, reject) => {
    const given = passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]))
    const sent = (isTls ? httpsRequest : httpRequest)(
      {
        // Sockets take addresses of IPv6 without the brackets.
        host: hostname.replace(/^\[|\]$/g, ''),
        port: port === '' ? (isTls ? 443 : 80) : Number(port),
        method,
        path: target,
        // So that it does not come back, should the two disagree on who writes.
        headers: { ...Object.fromEntries(given), 'content-length': body.length, 'x-forward': 'true' },
      },
      (response) => {
        read(response, answerBytesMax).then((text) => {
          clearTimeout(timer)
          const contentType = response.headers['content-type'] ?? 'application/json'
          resolve({ status: response.statusCode ?? 502, contentType, body: text === '' ? null : text })
        }, fail)
      },
    )
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
      sent.destroy()
    }
    const timer = setTimeout(() => fail(new Error(`it did not answer within ${timeoutMs / 1_000} s`)), timeoutMs)
    sent.on('error', fail)
    sent.end(body)
  })
}

/** As URLs are parsed: in lower case, addresses in their shortest form. */
function isThisComputer(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

async function read(response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > bytesMax) throw new Error(`its answer is longer than ${bytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
