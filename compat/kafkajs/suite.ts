/** kafkajs, which is among our own dependencies: its suite runs everywhere. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { CodecClient, CodecRecord, CompatSuite } from '../run/suite'
import { checkAdministration } from './administration'
import { Client, unique } from './client'
import { compressionTypes, registerCodecs } from './codecs'
import { checkGroups } from './groups'
import { checkRecords } from './records'

const { version } = createRequire(join(__dirname, 'suite.ts'))('kafkajs/package.json') as { version: string }

const quickChecks = [
  'writes with acks=-1',
  'writes and reads gzip',
  'tells null from empty in keys and values',
  'is told of a message that is too large',
  'reads in a group, commits, and goes on from there',
  'commits and aborts transactions, and readers see what is committed',
  'creates topics, and is refused twice the same and too many replicas',
]

export const suites: readonly CompatSuite[] = [
  {
    name: 'kafkajs',
    prepare: async () => ({ version }),
    async run(context) {
      const { bootstrapServers } = await context.serve()
      // A quick run fetches nothing.
      const whyNoCodecs = context.isQuick ? null : await registerCodecs(context)
      if (context.isQuick) context.checks.restrictTo(quickChecks)
      await checkRecords(context.checks, bootstrapServers, whyNoCodecs)
      await checkGroups(context.checks, bootstrapServers)
      await checkAdministration(context.checks, bootstrapServers)
    },
  },
]

const bytesOf = (text: string | null) => (text === null ? null : Buffer.from(text, 'base64'))
const textOf = (bytes: Buffer | string | null | undefined) =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64')

export const codecClients: readonly CodecClient[] = [
  {
    name: 'kafkajs',
    writes: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    reads: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    async prepare(tools) {
      const why = await registerCodecs(tools)
      return why === null ? { version } : { skipped: why }
    },
    write(_context, bootstrap, topic, codec, records) {
      const messages = records.map(({ key, value, headers }) => ({
        partition: 0,
        key: bytesOf(key),
        value: bytesOf(value),
        headers: Object.fromEntries(headers.map(([name, part]) => [name, Buffer.from(part ?? '', 'base64')])),
      }))
      return new Client(bootstrap).withProducer(async (producer) => {
        await producer.send({ topic, acks: -1, compression: compressionTypes[codec], messages })
      })
    },
    async read(_context, bootstrap, topic, count) {
      const messages = await new Client(bootstrap).read(topic, count, { groupId: unique('codecs') })
      return messages.map(
        ({ key, value, headers = {} }): CodecRecord => ({
          key: textOf(key),
          value: textOf(value),
          headers: Object.entries(headers).flatMap(([name, parts]) =>
            [parts].flat().map((part) => [name, textOf(part)] as const),
          ),
        }),
      )
    },
  },
]
