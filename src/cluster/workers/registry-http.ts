/**
 * The registry's HTTP server: Node's own, since paths have to arrive as they were sent (frameworks that parse URLs fold `%2E%2E` away, which
 * may be part of a subject's name). Bounds what a client may send and hold open; what an answer says is not its business.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  registryContentTypeFor as contentTypeFor,
  registryErrorResponse as errorResponse,
  NetworkError,
  RegistryError,
  type RestRequest,
  type RestResponse,
} from '../../engine'

/** Brokers take records of 1 MB; the rest is escapes, references and metadata around one. */
const bodyBytesMax = 8 << 20
const headerBytesMax = 64 << 10
const connectionsMax = 2_000
const requestTimeoutMs = 60_000
const headersTimeoutMs = 20_000
/** Longer than the keep-alive of usual clients, so that they close first and no request meets a closing connection. */
const keepAliveTimeoutMs = 75_000
const closeTimeoutMs = 2_000

export class RegistryHttpServer {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  /** `handle` never rejects. Rejects with NetworkError where the port is taken. */
  static async listen(
    host: string,
    port: number,
    handle: (request: RestRequest) => Promise<RestResponse>,
  ): Promise<RegistryHttpServer> {
    const server = createServer({
      maxHeaderSize: headerBytesMax,
      requestTimeout: requestTimeoutMs,
      headersTimeout: headersTimeoutMs,
    })
    server.maxConnections = connectionsMax
    server.keepAliveTimeout = keepAliveTimeoutMs
    server.on('request', (incoming, outgoing) => {
      // A client that goes away in the middle is nobody's fault.
      incoming.on('error', () => undefined)
      outgoing.on('error', () => undefined)
      void answer(incoming, outgoing, handle)
    })
    // What is no HTTP at all; without a listener of ours, Node answers bytes that are no JSON.
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy()
      const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW'
      const status = isTooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
      const body = JSON.stringify({ error_code: isTooLarge ? 431 : 400, message: `HTTP ${status}` })
      socket.end(
        `HTTP/1.1 ${status}\r\nContent-Type: ${contentTypeFor(undefined)}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      )
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === 'EADDRINUSE'
        reject(
          new NetworkError(isTaken ? 'address-in-use' : 'other', `cannot listen on ${host}:${port}: ${error.message}`, {
            cause: error,
          }),
        )
      })
      server.listen({ host, port, exclusive: true }, resolve)
    })
    server.on('error', () => undefined)
    return new RegistryHttpServer(server, (server.address() as AddressInfo).port)
  }

  /** Answers what is under way, for a while, and takes nothing new. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()))
    this.server.closeIdleConnections()
    const timer = setTimeout(() => this.server.closeAllConnections(), closeTimeoutMs)
    await closed
    clearTimeout(timer)
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: (request: RestRequest) => Promise<RestResponse>,
): Promise<void> {
  const { method = 'GET', url: target = '/' } = incoming
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
  let body: Buffer | null
  try {
    body = await readBody(incoming)
  } catch {
    outgoing.destroy()
    return
  }
  const response =
    body === null
      ? errorResponse(new RegistryError(413, `The body has more than ${bodyBytesMax} bytes`), contentTypeFor(headers['accept']))
      : await handle({ method, target, headers, body })
  // The rest of a body that is too large is not waited for.
  if (body === null) outgoing.setHeader('Connection', 'close')
  const bytes = response.body === null ? null : Buffer.from(response.body, 'utf8')
  if (bytes === null) {
    outgoing.writeHead(response.status).end()
    return
  }
  outgoing.writeHead(response.status, {
    'Content-Type': response.contentType,
    'Content-Length': bytes.length,
    Vary: 'Accept',
    'X-Content-Type-Options': 'nosniff',
    ...response.headers,
  })
  outgoing.end(method === 'HEAD' ? undefined : bytes)
}

/** null: it is too large. Rejects where the client goes away before its end. */
function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let sizeInBytes = 0
    incoming.on('data', (chunk: Buffer) => {
      sizeInBytes += chunk.length
      if (sizeInBytes > bodyBytesMax) {
        incoming.pause()
        resolve(null)
      } else chunks.push(chunk)
    })
    incoming.on('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)))
    incoming.on('error', reject)
    incoming.on('close', () => reject(new Error('the client went away')))
  })
}
