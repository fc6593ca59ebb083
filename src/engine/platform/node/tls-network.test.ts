import net from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createAuthority, issueClientCertificate, issueServerCertificate } from '../../security/x509/authority'
import type { LogFields } from '../logger'
import type { Connection, Listener, TlsConnectOptions, TlsListenOptions } from '../network'
import { NodeNetwork } from './node-network'

const nowMs = Date.now()
const authority = createAuthority('the brokers', nowMs)
const stranger = createAuthority('somebody else', nowMs)
const server = issueServerCertificate(authority, 'broker-1', [], nowMs)
const alice = issueClientCertificate(authority, 'alice', nowMs)
const mallory = issueClientCertificate(stranger, 'alice', nowMs)

const warnings: { message: string; fields: LogFields | undefined }[] = []
const logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message: string, fields?: LogFields) => void warnings.push({ message, fields }),
  error: () => undefined,
}
const network = new NodeNetwork({ logger })
const listeners: Listener[] = []
afterEach(async () => {
  warnings.length = 0
  await Promise.all(listeners.splice(0).map((listener) => listener.close()))
})

/** Sends back what it gets; `peers` are the names of who came in. */
async function listen(clientAuthentication: TlsListenOptions['clientAuthentication'] = 'none') {
  const peers: (string | null | undefined)[] = []
  const tls = { ...server, clientAuthorities: authority.certificate, clientAuthentication }
  const listener = await network.listen({ host: '127.0.0.1', port: 0, tls }, (connection) => {
    peers.push(connection.peerName)
    connection.setHandler({
      receiveBuffer: () => Buffer.alloc(65_536),
      onData: (buffer, length) => connection.write([buffer.slice(0, length)]),
      onClose: () => undefined,
    })
  })
  listeners.push(listener)
  return { port: listener.port, peers }
}

/** What comes back of `bytes`, or why nothing does. */
function echo(port: number, tls: TlsConnectOptions, bytes: Buffer, host = '127.0.0.1'): Promise<Buffer | string> {
  return new Promise((resolve) => {
    const received: Buffer[] = []
    let total = 0
    const connection: Connection = network.connect(
      { host, port, timeoutMs: 5_000, tls },
      {
        onConnect: () => connection.write([bytes]),
        receiveBuffer: () => Buffer.alloc(10_000),
        onData: (buffer, length) => {
          received.push(Buffer.from(buffer.subarray(0, length)))
          total += length
          if (total < bytes.length) return
          resolve(Buffer.concat(received))
          connection.destroy()
        },
        onClose: (error) => resolve(error?.message ?? 'closed'),
      },
    )
  })
}

const trusting = { authorities: authority.certificate }
const hello = Buffer.from('hello')

describe('TLS over real sockets', () => {
  it('carries bytes both ways, also more than a read or a record holds', async () => {
    const { port, peers } = await listen()
    const much = Buffer.alloc(1_000_000, 'abcdefg')
    expect(much.equals(Buffer.from(await echo(port, trusting, much)))).toBe(true)
    expect(await echo(port, trusting, hello, 'localhost')).toEqual(hello)
    expect(peers).toEqual([null, null])
  })

  it('refuses a server that another authority has signed, or that is another host', async () => {
    const { port } = await listen()
    expect(await echo(port, { authorities: stranger.certificate }, hello)).toMatch(/certificate/)
    expect(await echo(port, {}, hello)).toMatch(/certificate/)
    const elsewhere = issueServerCertificate(authority, 'b', [], nowMs)
    expect(elsewhere.certificate).not.toBe(server.certificate)
    expect(await echo(port, trusting, hello, '127.0.0.2').catch(String)).toMatch(/refused|does not match|altnames/i)
  })

  it('names the client by its certificate where it asks for one', async () => {
    const { port, peers } = await listen('requested')
    expect(await echo(port, { ...trusting, ...alice }, hello)).toEqual(hello)
    expect(await echo(port, trusting, hello)).toEqual(hello)
    expect(peers).toEqual(['CN=alice,O=Broker Workbench', null])
  })

  it('lets nobody in without a certificate where one is required, nor with another authority’s', async () => {
    const { port, peers } = await listen('required')
    expect(await echo(port, { ...trusting, ...alice }, hello)).toEqual(hello)
    expect(typeof (await echo(port, trusting, hello))).toBe('string')
    expect(typeof (await echo(port, { ...trusting, ...mallory }, hello))).toBe('string')
    expect(peers).toEqual(['CN=alice,O=Broker Workbench'])
    const { port: asking, peers: known } = await listen('requested')
    expect(typeof (await echo(asking, { ...trusting, ...mallory }, hello))).toBe('string')
    expect(known).toEqual([])
  })

  it('survives who speaks no TLS, and closes while somebody stands in the door', async () => {
    const { port, peers } = await listen()
    const plain = net.connect({ host: '127.0.0.1', port })
    plain.on('error', () => undefined)
    const closed = new Promise<void>((resolve) => plain.once('close', () => resolve()))
    plain.write('GET / HTTP/1.1\r\n\r\n')
    await closed
    expect(warnings[0]?.message).toBe('A TLS handshake failed')
    const silent = net.connect({ host: '127.0.0.1', port })
    silent.on('error', () => undefined)
    await new Promise<void>((resolve) => silent.once('connect', () => resolve()))
    const gone = new Promise<void>((resolve) => silent.once('close', () => resolve()))
    await listeners.pop()!.close()
    await gone
    expect(peers).toEqual([])
  })
})
