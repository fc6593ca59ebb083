import { describe, expect, it } from 'vitest'
import { handleAsync } from '../../testing/handler-kit'
import { RecordingLogger } from '../../testing/storage-kit'
import { ErrorCode } from '../../wire/errors'
import type { ProducerIds } from '../producer-ids'
import { initProducerIdHandler } from './22-init-producer-id'

function createHandler(take: () => Promise<bigint>, ofCoordinator = ErrorCode.NONE as number) {
  const answer = { errorCode: ofCoordinator, producerId: 7n, producerEpoch: 3, decided: null }
  return initProducerIdHandler({
    producerIds: { take } as ProducerIds,
    logger: new RecordingLogger(),
    transactions: { coordinator: { initProducerId: () => Promise.resolve(answer) } },
  })
}

describe('InitProducerId', () => {
  it('gives every idempotent producer an id of its own, with epoch 0, also one that asks for a new epoch of the id it has', async () => {
    let next = 40n
    const handler = createHandler(() => Promise.resolve(next++))
    const ask = (producerId: bigint, producerEpoch: number) =>
      handleAsync(handler, { transactionalId: null, transactionTimeoutMs: 0, producerId, producerEpoch })
    expect(await ask(-1n, -1)).toMatchObject({ errorCode: ErrorCode.NONE, producerId: 40n, producerEpoch: 0 })
    expect(await ask(40n, 0)).toMatchObject({ errorCode: ErrorCode.NONE, producerId: 41n, producerEpoch: 0 })
    for (const half of [ask(40n, -1), ask(-1n, 3)]) {
      expect(await half).toMatchObject({ errorCode: ErrorCode.INVALID_REQUEST, producerId: -1n, producerEpoch: -1 })
    }
  })

  it('gives a transactional id what its coordinator says, with the error that the version knows', async () => {
    const ask = (errorCode: number, version: number) =>
      handleAsync(
        createHandler(() => Promise.resolve(1n), errorCode),
        { transactionalId: 'payments', transactionTimeoutMs: 1000 },
        version,
      )
    expect(await ask(ErrorCode.NONE, 4)).toMatchObject({ errorCode: ErrorCode.NONE, producerId: 7n, producerEpoch: 3 })
    expect(await ask(ErrorCode.PRODUCER_FENCED, 4)).toMatchObject({ errorCode: ErrorCode.PRODUCER_FENCED })
    expect(await ask(ErrorCode.PRODUCER_FENCED, 3)).toMatchObject({ errorCode: ErrorCode.INVALID_PRODUCER_EPOCH })
  })

  it('refuses an empty transactional id, and asks to come again while no ids can be had', async () => {
    const handler = createHandler(() => Promise.reject(new Error('coordination is away')))
    const ask = async (transactionalId: string | null) =>
      (await handleAsync(handler, { transactionalId, transactionTimeoutMs: 1000 }, 2)).errorCode
    expect(await ask('')).toBe(ErrorCode.INVALID_REQUEST)
    expect(await ask(null)).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  })
})
