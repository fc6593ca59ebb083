import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { RestRequest } from '../../engine'
import { RegistryHttpServer } from './registry-http'

const servers: RegistryHttpServer[] = []
const seen: RestRequest[] = []

afterEach(async () => {
  seen.length = 0
  for (const server of servers.splice(0)) await server.close()
})

async function listen(): Promise<number> {
  const server = await RegistryHttpServer.listen('127.0.0.1', 0, async (request) => {
    seen.push(request)
    if (request.method === 'PATCH')
      return { status: 405, contentType: 'application/json', body: '{}', headers: { Allow: 'GET, HEAD' } }
    return request.method === 'DELETE'
      ? { status: 204, contentType: 'application/json', body: null }
      : { status: 200, contentType: 'application/json', body: '"é"' }
  })
  servers.push(server)
  return server.port
}

/** What comes back for these bytes until the server closes or has answered whole. */
function raw(port: number, ...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part)
    })
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('close', () => resolve(text))
    // A server that has answered need not read the rest of what it refused.
    socket.on('error', () => (text === '' ? reject(new Error('nothing was answered')) : resolve(text)))
  })
}

describe('the registry’s HTTP server', () => {
  it('hands paths on as they came', async () => {
    const port = await listen()
    await raw(port, 'GET /subjects/%2E%2E/a%2Fb/../x?y=%41 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(seen[0]).toMatchObject({ method: 'GET', target: '/subjects/%2E%2E/a%2Fb/../x?y=%41' })
  })

  it('says the length of its answers in bytes, and none at all for an empty one', async () => {
    const port = await listen()
    const answer = await raw(port, 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}')
    expect(answer).toContain('Content-Length: 4\r\n')
    expect(answer.endsWith('"é"')).toBe(true)
    expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe('{}')
    const empty = await raw(port, 'DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(empty).toMatch(/^HTTP\/1.1 204 No Content\r\n/)
  })

  it('passes on headers that belong to an answer', async () => {
    const answer = await raw(await listen(), 'PATCH / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(answer).toContain('HTTP/1.1 405 Method Not Allowed\r\n')
    expect(answer).toContain('Allow: GET, HEAD\r\n')
  })

  it('refuses a body that is too large without reading it to its end', async () => {
    const port = await listen()
    const megabyte = 'x'.repeat(1 << 20)
    const answer = await raw(
      port,
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n',
      ...Array<string>(9).fill(megabyte),
    )
    expect(answer).toContain('413')
    expect(answer).toContain('"error_code":413')
    expect(seen).toEqual([])
  })

  it('refuses what is no HTTP, and headers without end, with the error body', async () => {
    const port = await listen()
    expect(await raw(port, 'nonsense\r\n\r\n')).toContain('"error_code":400')
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`)).toContain('"error_code":431')
  })

  it('goes on after a client that went away in the middle of a body', async () => {
    const port = await listen()
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{')
        socket.destroy()
      })
      socket.on('close', () => resolve())
    })
    expect(await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toContain('200 OK')
  })

  it('says so where its port is taken', async () => {
    const port = await listen()
    await expect(RegistryHttpServer.listen('127.0.0.1', port, async () => expect.fail('nobody asks'))).rejects.toMatchObject({
      kind: 'address-in-use',
    })
  })
})
