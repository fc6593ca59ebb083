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
      seen.push({ method, url, body, type: headers['content-type'], forward: headers['x-forward'], other: headers['x-other'] })
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
    headers: { 'content-type': 'application/json', 'x-other': 'kept here', host: 'elsewhere' },
    body: Buffer.from('{"schema":"é"}'),
  })
  expect(seen).toEqual([
    {
      method: 'POST',
      url: '/subjects/%2E%2E/versions?normalize=true',
      body: '{"schema":"é"}',
      type: 'application/json',
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

it('says that nobody is there', async () => {
  const request = { method: 'DELETE', target: '/', headers: {}, body: Buffer.alloc(0) }
  await expect(forwardRequest('http://127.0.0.1:1', request)).rejects.toThrow('ECONNREFUSED')
})
