import { describe, expect, it } from 'vitest'
import type { KafkaClient, ProducerRecord } from '../../engine/client'
import type { ProduceRequestInput } from '../../shared/model/producing'
import { TransactionOutlet, type Transactions } from './transaction-outlet'

interface Fault {
  readonly atPartition?: number
  readonly atCommit?: boolean
}

/** A producer whose second partition, or whose commit, fails. */
function failing({ atPartition, atCommit }: Fault): Transactions {
  let state: Transactions['state'] = 'ready'
  return {
    get state() {
      return state
    },
    init: async () => undefined,
    begin: () => {
      state = 'open'
    },
    send: async (_topic, partition, records) => {
      if (partition === atPartition) throw new Error('The leader is gone.')
      return records.map((_record, offset) => ({ partition, offset, timestamp: 0n }))
    },
    commit: async () => {
      if (atCommit) throw new Error('The coordinator is gone.')
      state = 'ready'
    },
    abort: async () => {
      state = 'ready'
    },
    close: () => undefined,
  } as Transactions
}

async function countsOf(fault: Fault, isIdleBetween = false) {
  const counts = { delivered: 0, failed: 0 }
  const known = { topics: new Map([['t', { partitions: [{}, {}] }]]) }
  const client = { known, platform: { clock: { monotonicMs: () => 0 } } } as unknown as KafkaClient
  const outlet = new TransactionOutlet(
    client,
    { topic: 't', seed: 1 } as ProduceRequestInput,
    { transactionalId: 'x', recordsPerTransaction: 4, abortPercent: 0 },
    { onDelivered: () => counts.delivered++, onFailed: () => counts.failed++, onRetry: () => undefined },
    failing(fault),
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
