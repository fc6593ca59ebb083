import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { forwardRequest } from './registry-forward'

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

it('hands a request on as it came, marked so that it goes no further, and its answer back', async () => {
  const seen: unknown[] = []
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    let body = ''
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    incoming.on('end', () => {
      seen.push({
        method,
        url,
        body,
        type: headers['content-type'],
        authorization: headers.authorization,
        forward: headers['x-forward'],
        other: headers['x-other'],
      })
      outgoing
        .writeHead(409, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
        .end('{"error_code":40901,"message":"é"}')
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answer = await forwardRequest(`http://127.0.0.1:${port}`, {
    method: 'POST',
    target: '/subjects/%2E%2E/versions?normalize=true',
    headers: { 'content-type': 'application/json', 'x-other': 'kept here', authorization: 'Basic c2VjcmV0', host: 'elsewhere' },
    body: Buffer.from('{"schema":"é"}'),
  })
  expect(seen).toEqual([
    {
      method: 'POST',
      url: '/subjects/%2E%2E/versions?normalize=true',
      body: '{"schema":"é"}',
      type: 'application/json',
      authorization: undefined,
      forward: 'true',
      other: undefined,
    },
  ])
  expect(answer).toEqual({
    status: 409,
    contentType: 'application/vnd.schemaregistry.v1+json',
    body: '{"error_code":40901,"message":"é"}',
  })
})

const write = { method: 'POST', target: '/', headers: {}, body: Buffer.alloc(0) }

it.each([
  'https://evil.example',
  'http://192.168.0.7:8085',
  'http://127.0.0.1.evil.example',
  'http://[::ffff:127.0.0.1]:8081',
  'http://0.0.0.0:1',
])('sends nothing to %s, which is not this computer', async (url) => {
  await expect(forwardRequest(url, write)).rejects.toThrow('it is not on this computer')
})

it.each(['http://localhost:1', 'http://127.3.2.1:1', 'http://[::1]:1'])('tries %s', async (url) => {
  await expect(forwardRequest(url, write)).rejects.not.toThrow('it is not on this computer')
})

it('reads no more than so much, and no longer than so long, of an answer that trickles', async () => {
  const server = createServer((_incoming, outgoing) => {
    const timer = setInterval(() => outgoing.write('x'.repeat(100)), 10)
    outgoing.on('close', () => clearInterval(timer))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await expect(forwardRequest(url, write, { timeoutMs: 5_000, answerBytesMax: 250 })).rejects.toThrow('longer than 250 bytes')
  await expect(forwardRequest(url, write, { timeoutMs: 200, answerBytesMax: 1e9 })).rejects.toThrow('within 0.2 s')
})

it('says that nobody is there', async () => {
  await expect(forwardRequest('http://127.0.0.1:1', write)).rejects.toThrow('ECONNREFUSED')
})
