/**
 * What serializers and registry clients send, in the order in which they send it, and what they have to be answered so that they go on: written down from the
 * sources and the traffic of each. Where the recordings themselves are at hand, beside the repository, they are replayed, too.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Answer, MemoryRegistry } from '../../../testing/memory-registry'

const v1 = 'application/vnd.schemaregistry.v1+json'
const record = '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":"int"}]}'

interface Exchange {
  readonly request: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly status: number
  readonly answer: unknown
}

const javascript = {
  'content-type': v1,
  accept: 'application/json, text/plain, */*',
  'confluent-accept-unknown-properties': 'true',
  'confluent-client-version': 'javascript/1.10.1',
}
const python = { 'content-type': v1, accept: '*/*' }
const pythonGet = { accept: `${v1}, application/vnd.schemaregistry+json, application/json` }
const java = { 'content-type': v1, 'confluent-client-version': 'java/8.1.0', 'confluent-accept-unknown-properties': 'true' }
const associations = '/associations/resources/-/t?resourceType=topic&associationType=value'

const traffic: Readonly<Record<string, readonly Exchange[]>> = {
  'the serializer of @kafkajs/confluent-schema-registry': [
    // It goes on only where this is 404, and sets the level itself then.
    { request: 'GET /config/t-value', headers: { 'content-type': v1 }, status: 404, answer: { error_code: 40408 } },
    {
      request: 'POST /subjects/t-value/versions',
      headers: { 'content-type': v1 },
      body: { schema: record },
      status: 200,
      answer: { id: 1 },
    },
    {
      request: 'PUT /config/t-value',
      headers: { 'content-type': v1 },
      body: { compatibility: 'BACKWARD' },
      status: 200,
      answer: { compatibility: 'BACKWARD' },
    },
    { request: 'GET /schemas/ids/1', headers: { 'content-type': v1 }, status: 200, answer: { schema: record } },
    {
      request: 'GET /subjects/t-value/versions/latest',
      headers: { 'content-type': v1 },
      status: 200,
      answer: { id: 1, version: 1 },
    },
    { request: 'GET /config/t-value', headers: { 'content-type': v1 }, status: 200, answer: { compatibilityLevel: 'BACKWARD' } },
    {
      request: 'POST /subjects/t-value',
      headers: { 'content-type': v1 },
      body: { schema: record },
      status: 200,
      answer: { id: 1 },
    },
  ],
  'the serializers of @confluentinc/schemaregistry': [
    { request: `GET ${associations}`, headers: javascript, status: 200, answer: [] },
    {
      request: 'POST /subjects/t-value/versions?normalize=false',
      headers: javascript,
      body: { schemaType: 'AVRO', schema: record },
      status: 200,
      answer: { id: 1, version: 1, schemaType: 'AVRO', schema: record },
    },
    {
      request: 'GET /schemas/ids/1?subject=t-value',
      headers: javascript,
      status: 200,
      answer: { schema: record, subject: 't-value', version: 1 },
    },
    { request: 'GET /subjects/t-value/versions/latest', headers: javascript, status: 200, answer: { id: 1, schema: record } },
    {
      request: 'POST /compatibility/subjects/t-value/versions/1',
      headers: javascript,
      body: { schema: record },
      status: 200,
      answer: { is_compatible: true },
    },
    {
      request: 'GET /subjects/t-value/metadata?deleted=false&&key=a&value=b',
      headers: javascript,
      status: 404,
      answer: { error_code: 40403 },
    },
    { request: 'DELETE /subjects/t-value?permanent=false', headers: javascript, status: 200, answer: [1] },
    { request: 'DELETE /subjects/t-value?permanent=true', headers: javascript, status: 200, answer: [1] },
  ],
  'confluent-kafka-python 1.7': [
    { request: 'POST /subjects/t-value/versions', headers: python, body: { schema: '"string"' }, status: 200, answer: { id: 1 } },
    {
      request: 'GET /subjects/t-value/versions/latest',
      headers: pythonGet,
      status: 200,
      answer: { id: 1, version: 1, subject: 't-value', schema: '"string"' },
    },
    {
      request: 'PUT /config/t-value',
      headers: python,
      body: { compatibility: 'FULL' },
      status: 200,
      answer: { compatibility: 'FULL' },
    },
    { request: 'GET /config/t-value', headers: pythonGet, status: 200, answer: { compatibilityLevel: 'FULL' } },
  ],
  'confluent-kafka-python 2, which writes booleans in capitals and sends names that no server knows': [
    { request: `GET ${associations}`, headers: pythonGet, status: 200, answer: [] },
    {
      request: 'POST /subjects/t-value/versions?normalize=False',
      headers: { 'content-type': v1 },
      body: { schema: record, schemaType: 'AVRO', references: [] },
      status: 200,
      answer: { id: 1 },
    },
    {
      request: 'POST /subjects/t-value?normalize=True&deleted=False',
      headers: { 'content-type': v1 },
      body: { schema: '"int"' },
      status: 404,
      answer: { error_code: 40403 },
    },
    {
      request: 'GET /subjects?subject=&deleted=False&deleted_only=False&offset=0&limit=-1',
      headers: pythonGet,
      status: 200,
      answer: ['t-value'],
    },
    {
      request: 'GET /schemas/ids/1?subject=t-value&reference_format=',
      headers: pythonGet,
      status: 200,
      answer: { schema: record },
    },
    {
      request: 'GET /schemas/ids/1/versions?offset=0&limit=-1',
      headers: pythonGet,
      status: 200,
      answer: [{ subject: 't-value', version: 1 }],
    },
    {
      request: 'POST /compatibility/subjects/t-value/versions/latest?normalize=False&verbose=False',
      headers: { 'content-type': v1 },
      body: { schema: record },
      status: 200,
      answer: { is_compatible: true },
    },
    {
      request: 'PUT /mode/t-value?force=False',
      headers: { 'content-type': v1 },
      body: { mode: 'READONLY' },
      status: 200,
      answer: { mode: 'READONLY' },
    },
    { request: 'DELETE /mode/t-value', headers: { 'content-type': v1 }, status: 200, answer: { mode: 'READONLY' } },
    { request: 'DELETE /subjects/t-value', headers: { 'content-type': v1 }, status: 200, answer: [1] },
    { request: 'DELETE /subjects/t-value?permanent=true', headers: { 'content-type': v1 }, status: 200, answer: [1] },
  ],
  'Java’s KafkaAvroSerializer and deserializer': [
    {
      request: 'GET /associations/resources/MkU3OEVBNTcwNTJENDM2Qg/t?resourceType=topic&associationType=value',
      headers: java,
      status: 200,
      answer: [],
    },
    {
      request: 'POST /subjects/t-value/versions?normalize=false',
      headers: java,
      body: { schema: record, schemaType: 'AVRO', ruleset: null },
      status: 200,
      answer: { id: 1, schema: record },
    },
    { request: 'GET /schemas/ids/1?fetchMaxId=false&subject=t-value', headers: java, status: 200, answer: { schema: record } },
    {
      request: 'POST /subjects/t-value?normalize=false&deleted=false',
      headers: java,
      body: { schema: record },
      status: 200,
      answer: { version: 1 },
    },
    {
      request: 'POST /compatibility/subjects/t-value/versions/?normalize=false&verbose=true',
      headers: java,
      body: { schema: record },
      status: 200,
      answer: { is_compatible: true, messages: [] },
    },
  ],
}

async function replay(
  registry: MemoryRegistry,
  request: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Answer> {
  const separator = request.indexOf(' ')
  return registry.ask(request.slice(0, separator), request.slice(separator + 1), body, headers)
}

describe('what clients send is answered so that they go on', () => {
  for (const [client, exchanges] of Object.entries(traffic)) {
    it(client, async () => {
      const registry = new MemoryRegistry()
      for (const { request, headers = {}, body = null, status, answer } of exchanges) {
        const got = await replay(registry, request, headers, body)
        expect(got.status, `${request}: ${JSON.stringify(got.body)}`).toBe(status)
        if (Array.isArray(answer)) expect(got.body, request).toEqual(answer)
        else expect(got.body, request).toMatchObject(answer as object)
      }
    })
  }
})

const recordings = join(__dirname, '../../../../../../shared/reference/client-traffic')

describe('recorded requests', () => {
  if (!existsSync(recordings)) {
    console.log(
      'skipped: the recordings of clients are not beside the repository; what is written down above was asked all the same',
    )
    it.skip('are answered (no recordings beside the repository)')
    return
  }
  for (const file of readdirSync(recordings).filter((name) => name.endsWith('.txt'))) {
    it(`of ${file.replace('.txt', '')} are answered`, async () => {
      const registry = new MemoryRegistry()
      const lines = readFileSync(join(recordings, file), 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
      expect(lines.length).toBeGreaterThan(3)
      for (const line of lines) {
        const [request = '', headerText = '', ...rest] = line.split(' | ')
        const headers = Object.fromEntries(
          headerText.split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
        )
        const body = rest.join(' | ').trim()
        const answer = await replay(registry, request, headers, body === '' ? null : body)
        // The one that has to be refused: a subject without a level of its own.
        const isExpectedToFail = request === 'GET /config/t-value' && lines.indexOf(line) === 0
        expect(answer.status, `${request}: ${JSON.stringify(answer.body)}`).toBe(isExpectedToFail ? 404 : 200)
        expect(answer.contentType).toBe(v1)
      }
      expect(registry.faults).toEqual([])
    })
  }
})
