import { expect, it } from 'vitest'
import { refusedJoin } from '../../coordinator/group/classic-rebalance'
import { handle } from '../../testing/handler-kit'
import { ErrorCode } from '../../wire/errors'
import { MetadataCache } from '../metadata-cache'
import type { BrokerServices } from '../services'
import { joinGroupHandler } from './11-join-group'

it('JoinGroup waits until the broker knows what topics there are, for in a group of the new protocol it deals them out', () => {
  const metadata = new MetadataCache()
  let joins = 0
  const execute = (_partition: number, _operation: unknown, onAnswer: (answer: unknown) => void) => {
    joins++
    onAnswer(refusedJoin('m', ErrorCode.MEMBER_ID_REQUIRED))
  }
  const coordinators = { groups: { partitionFor: () => 0, execute }, uniqueId: () => 'id' }
  const handler = joinGroupHandler({ coordinators, metadata } as unknown as BrokerServices)
  const protocols = [{ name: 'range', metadata: new Uint8Array(0) }]
  const handled = handle(handler, {
    ...{ groupId: 'g', memberId: '', protocolType: 'consumer', protocols },
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
  })
  expect(joins).toBe(0)
  expect(handled.response).toBeNull()
  metadata.becomeReady()
  expect(joins).toBe(1)
  expect(handled.response).toMatchObject({ errorCode: ErrorCode.MEMBER_ID_REQUIRED, memberId: 'm' })
})
