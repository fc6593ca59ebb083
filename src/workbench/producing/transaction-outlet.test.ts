import { describe, expect, it, vi } from 'vitest'
import type { KafkaClient, ProducerRecord } from '../../engine/client'
import type { ProduceRequestInput } from '../../shared/model/producing'
import { TransactionOutlet } from './transaction-outlet'

/** What the second partition, or the end, answers. */
const fault = vi.hoisted(() => ({ atPartition: -1, atCommit: false }))

vi.mock('../../engine/client', () => ({
  ClientError: class extends Error {},
  TransactionalProducer: class {
    state = 'ready'
    async init(): Promise<void> {
      this.state = 'ready'
    }
    begin(): void {
      this.state = 'open'
    }
    async send(_: string, partition: number, records: readonly unknown[]): Promise<unknown[]> {
      if (partition === fault.atPartition) throw new Error('The leader is gone.')
      return records.map((_, offset) => ({ partition, offset, timestamp: 0n }))
    }
    async commit(): Promise<void> {
      if (fault.atCommit) throw new Error('The coordinator is gone.')
      this.state = 'ready'
    }
    async abort(): Promise<void> {
      this.state = 'ready'
    }
    close(): void {}
  },
}))

async function countsOf(faultNow: Partial<typeof fault>, isIdleBetween = false) {
  Object.assign(fault, { atPartition: -1, atCommit: false }, faultNow)
  const counts = { delivered: 0, failed: 0 }
  const known = { topics: new Map([['t', { partitions: [{}, {}] }]]) }
  const client = { known, platform: { clock: { monotonicMs: () => 0 } } } as unknown as KafkaClient
  const outlet = new TransactionOutlet(
    client,
    { topic: 't', seed: 1 } as ProduceRequestInput,
    { transactionalId: 'x', recordsPerTransaction: 4, abortPercent: 0 },
    { onDelivered: () => counts.delivered++, onFailed: () => counts.failed++, onRetry: () => undefined },
  )
  for (const partition of [0, 0, 1, 1]) {
    await outlet.add({ topic: 't', partition, key: null, value: null, headers: [], timestamp: null } as ProducerRecord)
    if (isIdleBetween && partition === 0) await outlet.idle()
  }
  await outlet.finish()
  return counts
}

describe('what a transaction delivers', () => {
  it('is all of it once it is committed', async () => {
    expect(await countsOf({}, true)).toEqual({ delivered: 4, failed: 0 })
  })

  it('is nothing where a later partition or the commit fails, whatever was acknowledged before', async () => {
    expect(await countsOf({ atPartition: 1 })).toEqual({ delivered: 0, failed: 4 })
    expect(await countsOf({ atCommit: true })).toEqual({ delivered: 0, failed: 4 })
    expect(await countsOf({ atCommit: true }, true)).toEqual({ delivered: 0, failed: 4 })
  })
})
