/**
 * The workbench's side of the exchange: reads what a client has serialized to a topic, decodes it with our codecs, holds the JSON against the one
 * that came with the record, encodes that JSON anew and writes it to a second topic under the same mark, where the client has to read it again.
 * Started by suite.ts for each client; knows no client and no case.
 */
import { type Consumer, type IHeaders, Kafka, type KafkaMessage, logLevel, type Producer } from 'kafkajs'
import type { ReferencedTexts, SchemaReference, SchemaType } from '../../src/engine/schemas/format'
import { messageAtIndexes, protobufFormat } from '../../src/engine/schemas/protobuf'
import {
  compileCodec,
  type HeaderView,
  type JsonValue,
  type MarkedPayload,
  type MessageIndexes,
  parseJson,
  printJson,
  readMark,
  readPrefixId,
  readProtobufPrefix,
  schemaIdHeaders,
  writeGuidHeader,
  writePrefix,
} from '../../src/engine/schemas/serde'
import type { Checks } from '../run/checks'

interface Stored {
  readonly schemaType?: SchemaType
  readonly schema: string
  readonly references?: readonly SchemaReference[]
}

export class Bridge {
  private constructor(
    private readonly registry: string,
    private readonly checks: Checks,
    private readonly consumer: Consumer,
    private readonly producer: Producer,
    private readonly back: string,
  ) {}

  /** Makes both topics, `name` and `name-back`, and works until `end` is called. Each record of the first has one in the second. */
  static async start(bootstrap: string, registry: string, name: string, checks: Checks): Promise<Bridge> {
    const kafka = new Kafka({ clientId: 'registry-serdes', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
    const back = `${name}-back`
    const admin = kafka.admin()
    await admin.connect()
    const topics = [name, back].map((topic) => ({ topic, numPartitions: 1, replicationFactor: 3 }))
    await admin.createTopics({ topics, waitForLeaders: true })
    await admin.disconnect()
    const bridge = new Bridge(registry, checks, kafka.consumer({ groupId: `${name}-bridge` }), kafka.producer(), back)
    await bridge.producer.connect()
    await bridge.consumer.connect()
    await bridge.consumer.subscribe({ topic: name, fromBeginning: true })
    await bridge.consumer.run({ eachMessage: ({ message }) => bridge.answer(message) })
    return bridge
  }

  async end(): Promise<void> {
    await this.consumer.disconnect()
    await this.producer.disconnect()
  }

  private async answer({ key, value, headers = {} }: KafkaMessage): Promise<void> {
    const name = String(key)
    const check = `${name}, what the client writes is read here`
    try {
      const { json, resend } = await this.translate(value ?? Buffer.alloc(0), headers)
      const expected = String(headers['expected'])
      const [is, shouldBe] = [sorted(json), sorted(expected)]
      if (is === shouldBe) this.checks.passed(check)
      else this.checks.failed(check, `${is} is not ${shouldBe}`)
      await this.send(name, ...resend(json))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.checks.failed(check, why)
      // The client waits for an answer to each record, and is told that this one has none.
      await this.send(name, value ?? Buffer.alloc(0), { problem: why })
    }
  }

  private async send(key: string, value: Buffer, headers: IHeaders): Promise<void> {
    await this.producer.send({ topic: this.back, acks: -1, messages: [{ key, value, headers }] })
  }

  private async translate(
    value: Buffer,
    headers: IHeaders,
  ): Promise<{ readonly json: string; resend(json: string): [Buffer, IHeaders] }> {
    const id = readPrefixId(value)
    const known = id === null ? null : await this.stored(`schemas/ids/${id}`)
    const marked =
      known?.schemaType === 'PROTOBUF'
        ? readProtobufPrefix(value, hasMessageOf(known.schema))
        : readMark('value', value, viewsOf(headers), () => false)
    if (marked === null) throw new Error('the record carries no mark of a schema')
    const { mark, payload } = marked
    const stored = mark.kind === 'guid' ? await this.stored(`schemas/guids/${mark.guid}`) : known!
    const references = new Map<string, string>()
    await this.collect(stored, references)
    const { messageIndexes } = mark
    const codec = compileCodec({
      type: stored.schemaType ?? 'AVRO',
      text: stored.schema,
      references,
      ...(messageIndexes === null ? {} : { messageIndexes }),
    })
    return { json: codec.decode(payload).json, resend: (json) => withMark(mark, Buffer.from(codec.encode(json))) }
  }

  private async stored(path: string): Promise<Stored> {
    const answer = await fetch(`${this.registry}/${path}`)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Stored
  }

  private async collect({ references = [] }: Stored, into: Map<string, string>): Promise<ReferencedTexts> {
    for (const { name, subject, version } of references) {
      const referenced = await this.stored(`subjects/${encodeURIComponent(subject)}/versions/${version}`)
      await this.collect(referenced, into)
      into.set(name, referenced.schema)
    }
    return into
  }
}

/** As the message view has it: src/workbench/schemas/codecs.ts. */
function hasMessageOf(text: string): (indexes: MessageIndexes) => boolean {
  const parsed = protobufFormat.parse(text, new Map(), { isNew: false })
  return (indexes) => !parsed.ok || messageAtIndexes(parsed.value.file, indexes) !== null
}

function withMark(mark: MarkedPayload['mark'], payload: Buffer): [Buffer, IHeaders] {
  if (mark.kind === 'id') return [writePrefix(mark.id, mark.messageIndexes, payload), {}]
  return [payload, { [schemaIdHeaders.value]: writeGuidHeader(mark.guid, mark.messageIndexes) }]
}

function viewsOf(headers: IHeaders): HeaderView[] {
  return Object.entries(headers).flatMap(([key, values]) =>
    [values ?? []].flat().map((value) => ({ key, value: Buffer.from(value) })),
  )
}

/** Names of objects in order: clients write JSON in an order of their own. */
function sorted(json: string): string {
  const sort = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(sort)
    if (value instanceof Map)
      return new Map([...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => [name, sort(of)]))
    return value
  }
  return printJson(sort(parseJson(json)))
}
