/**
 * Hands a request to another registry as it came, and its answer back: to the one that registries of Confluent's have elected to write. The path is sent raw,
 * since what URL parsers fold away may be part of a subject's name.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { RestRequest, RestResponse } from '../../engine'

const timeoutMs = 30_000
const passedOn = ['accept', 'authorization', 'content-type'] as const

/** Rejects where it cannot be reached, or does not answer in time. */
export function forwardRequest(url: string, { method, target, headers, body }: RestRequest): Promise<RestResponse> {
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'https:'
  return new Promise((resolve, reject) => {
    const given = passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]))
    const sent = (isTls ? httpsRequest : httpRequest)(
      {
        host: hostname,
        port: port === '' ? (isTls ? 443 : 80) : Number(port),
        method,
        path: target,
        timeout: timeoutMs,
        // So that it does not come back, should the two disagree on who writes.
        headers: { ...Object.fromEntries(given), 'content-length': body.length, 'x-forward': 'true' },
      },
      (response) => {
        read(response).then((text) => {
          const contentType = response.headers['content-type'] ?? 'application/json'
          resolve({ status: response.statusCode ?? 502, contentType, body: text === '' ? null : text })
        }, reject)
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`it did not answer within ${timeoutMs / 1_000} s`)))
    sent.on('error', reject)
    sent.end(body)
  })
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
