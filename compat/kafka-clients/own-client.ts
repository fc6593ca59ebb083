/** The engine's own producer among the clients under test: always idempotent. Reading and creating is left to kafkajs: nobody judges himself. */
import { KafkaClient, Producer } from '../../src/engine/client'
import { createNodePlatform } from '../../src/engine/platform/node'
import { type ClientUnderTest, kafkajs } from './clients'
import type { Acknowledged } from './history'

const outstandingMax = 300
const padding = ` ${'x'.repeat(100)}`
const ignore = () => undefined

export const workbench: ClientUnderTest = {
  name: 'workbench-idempotent',
  isIdempotent: true,
  keepsOrder: true,
  unavailable: () => null,
  create: kafkajs.create,
  consume: kafkajs.consume,
  produce(bootstrap, topic, partitions) {
    const failures: string[] = []
    const acknowledged: Acknowledged[] = []
    const platform = createNodePlatform({
      logger: { debug: ignore, info: ignore, warn: ignore, error: (line) => failures.push(line) },
    })
    const addresses = bootstrap.split(',').map((address) => {
      const [host = '', port = ''] = address.split(':')
      return { host, port: Number(port) }
    })
    const client = new KafkaClient({ platform, bootstrap: addresses, clientId: 'compat' })
    const producer = new Producer({ client, acks: -1, isIdempotent: true, lingerMs: 2, deliveryTimeoutMs: 60_000 })
    let isStopping = false
    const running = (async () => {
      for (await client.refresh(); client.known?.topics.get(topic)?.errorCode !== 0; await client.refresh()) await pause(50)
      for (let sequence = 0; !isStopping; await pause(2)) {
        if (producer.outstandingCount >= outstandingMax) continue
        for (let partition = 0; partition < partitions; partition++) {
          const number = sequence
          const record = { topic, partition, key: null, value: Buffer.from(`${number}${padding}`), headers: [], timestamp: null }
          producer.append(record, (delivery, error) => {
            if (delivery === null) failures.push(String(error))
            else acknowledged.push({ partition, sequence: number, atMs: Date.now() })
          })
        }
        sequence++
      }
      await producer.flush()
    })()
    return {
      failures,
      async stop() {
        isStopping = true
        await running
        producer.close()
        client.close()
        return acknowledged
      },
    }
  },
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
