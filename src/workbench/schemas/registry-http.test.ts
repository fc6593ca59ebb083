import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { RegistryClient } from './registry-client'
import { RegistryHttp } from './registry-http'

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

const started: { server: Server; http: RegistryHttp }[] = []

afterEach(async () => {
  for (const { server, http } of started.splice(0)) {
    http.close()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function registry(answer: Answer): Promise<RegistryHttp> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => answer(request, response, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const http = new RegistryHttp()
  http.setAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, null)
  started.push({ server, http })
  return http
}

describe('RegistryHttp', () => {
  it('encodes what stands in the path, leaves out what is not asked, and sends a body with its type', async () => {
    const seen: unknown[] = []
    const http = await registry(({ method, url, headers }, response, body) => {
      seen.push([method, url, headers['content-type'] ?? null, body])
      response.end('{"id":1}')
    })
    await http.request('GET', ['subjects', ':.ctx:a/b c'], { deleted: true, format: undefined })
    expect(await http.request('POST', ['subjects', 's', 'versions'], {}, { schema: '"long"' })).toEqual({ id: 1 })
    expect(seen).toEqual([
      ['GET', '/subjects/%3A.ctx%3Aa%2Fb%20c?deleted=true', null, ''],
      ['POST', '/subjects/s/versions', 'application/vnd.schemaregistry.v1+json', '{"schema":"\\"long\\""}'],
    ])
  })

  it("gives the registry's own code and words where it refuses", async () => {
    const http = await registry((_, response) => {
      response.statusCode = 404
      response.end('{"error_code":40401,"message":"Subject \'s\' not found."}')
    })
    await expect(http.request('GET', ['subjects', 's'])).rejects.toMatchObject({
      kind: 'protocol',
      code: 'SUBJECT_NOT_FOUND',
      errorCode: 40401,
      status: 404,
      message: "Subject 's' not found.",
    })
  })

  it('says so where there is no registry, where it is down, and where something else answers', async () => {
    const http = await registry((_, response) => response.end('<html>'))
    await expect(http.request('GET', ['subjects'])).rejects.toMatchObject({
      code: 'NO_REGISTRY',
      message: expect.stringContaining('Is it a schema registry?'),
    })
    http.setAddress('http://127.0.0.1:1', null)
    await expect(http.request('GET', ['subjects'])).rejects.toMatchObject({
      kind: 'expected',
      code: 'REGISTRY_UNREACHABLE',
      message: 'The schema registry at http://127.0.0.1:1 cannot be reached: nothing listens there.',
    })
    http.setAddress(null, 'It was turned off.')
    await expect(http.request('GET', ['subjects'])).rejects.toMatchObject({ message: 'It was turned off.' })
  })

  it('does not take half an answer for a whole one', async () => {
    const http = await registry((_, response) => {
      response.setHeader('Content-Length', '100')
      response.write('[1,2')
      setImmediate(() => response.destroy())
    })
    await expect(http.request('GET', ['subjects'])).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
  })
})

describe('RegistryClient', () => {
  it('reads all pages of schemas, with AVRO where the type is left out', async () => {
    const offsets: string[] = []
    const http = await registry(({ url }, response) => {
      const query = new URL(url ?? '', 'http://x').searchParams
      offsets.push(query.get('offset') ?? '')
      const from = Number(query.get('offset'))
      const page = Array.from({ length: Math.min(1_000, 1_500 - from) }, (_, at) => ({
        subject: `s${from + at}`,
        version: 1,
        id: from + at + 1,
        schema: '"long"',
        ...(at === 1 ? { schemaType: 'JSON', deleted: true, references: [{ name: 'n', subject: 'r', version: 2 }] } : {}),
      }))
      response.end(JSON.stringify(page))
    })
    const schemas = await new RegistryClient(http).schemas()
    expect(offsets).toEqual(['0', '1000'])
    expect(schemas).toHaveLength(1_500)
    expect(schemas[0]).toMatchObject({ subject: 's0', type: 'AVRO', isDeleted: false, references: [], registeredAtMs: null })
    expect(schemas[1]).toMatchObject({
      type: 'JSON',
      isDeleted: true,
      references: [{ name: 'n', subject: 'r', version: 2 }],
    })
  })

  it('takes "there is none of its own" for an answer and every other refusal for one', async () => {
    const http = await registry(({ url }, response) => {
      response.statusCode = 404
      response.end(JSON.stringify({ error_code: url?.startsWith('/config') ? 40408 : 40401, message: 'none' }))
    })
    const client = new RegistryClient(http)
    expect(await client.ownConfig('s')).toBeNull()
    expect(await client.versions('s')).toEqual([])
    expect(await client.lookUp('s', { type: 'AVRO', text: '"long"', references: [] }, false)).toBeNull()
    await expect(client.ownMode('s')).rejects.toMatchObject({ errorCode: 40401 })
  })
})
