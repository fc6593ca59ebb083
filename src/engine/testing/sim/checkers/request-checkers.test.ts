import { beforeEach, describe, expect, it } from 'vitest'
import { ErrorCode } from '../../../wire/errors'
import { Fetch } from '../../../wire/messages/01-fetch'
import { LeaderAndIsr } from '../../../wire/messages/04-leader-and-isr'
import { StopReplica } from '../../../wire/messages/05-stop-replica'
import { UpdateMetadata } from '../../../wire/messages/06-update-metadata'
import { brokenBy, HandMadeWorld, TOPIC_ID } from './hand-made-world'
import { checkerFactories } from './index'
import { rules } from './rules'

let hand: HandMadeWorld

/** Broker 1 leads in epoch 2. */
beforeEach(() => {
  hand = new HandMadeWorld(checkerFactories)
  hand.createTopic()
  hand.writeState(1, 2, [1, 2, 3])
  lead(2)
})

function lead(leaderEpoch: number): void {
  hand.replica(1).lead(leaderEpoch, [1, 2, 3])
  hand.step(1)
}

describe('fetch epochs', () => {
  function ask(currentLeaderEpoch: number, version = 16): void {
    const partitions = [{ partition: 0, currentLeaderEpoch, fetchOffset: 0, partitionMaxBytes: 1 }]
    const topics = [version >= 13 ? { topicId: TOPIC_ID, partitions } : { topic: 't', partitions }]
    hand.ask(Fetch, version, { maxWaitMs: 0, minBytes: 1, topics, forgottenTopicsData: [] })
  }

  function answer(errorCode: number = ErrorCode.NONE, version = 16): void {
    const partitions = [{ partitionIndex: 0, errorCode, highWatermark: 0, abortedTransactions: null, records: null }]
    hand.answer(Fetch, version, { responses: [version >= 13 ? { topicId: TOPIC_ID, partitions } : { topic: 't', partitions }] })
  }

  it.each([
    ['older', 1, 16],
    ['newer', 3, 16],
    ['older, of a consumer that names the topic,', 1, 11],
  ])('find a fetch in an %s epoch that is served', (_, epoch, version) => {
    ask(epoch, version)
    answer(ErrorCode.NONE, version)
    expect(brokenBy(() => hand.step(1))).toBe(rules.fetchEpoch)
  })

  it('take a fetch that is refused, one that names no epoch, and one in the epoch of its broker', () => {
    ask(1)
    answer(ErrorCode.FENCED_LEADER_EPOCH)
    expect(brokenBy(() => hand.step(1))).toBeNull()
    for (const epoch of [-1, 2]) {
      ask(epoch)
      answer()
      expect(brokenBy(() => hand.step(1))).toBeNull()
    }
  })

  it('take a fetch in an epoch to which its broker comes, or from which it goes, while the fetch is under way', () => {
    ask(3)
    hand.writeState(1, 3, [1, 2, 3])
    lead(3)
    answer()
    expect(brokenBy(() => hand.step(1))).toBeNull()
    ask(3)
    hand.writeState(1, 4, [1, 2, 3])
    lead(4)
    answer()
    expect(brokenBy(() => hand.step(1))).toBeNull()
  })

  it('say nothing of a broker that was started anew since it was asked', () => {
    ask(1)
    hand.broker(1).restart(0)
    hand.writeState(1, 3, [1])
    lead(3)
    answer()
    expect(brokenBy(() => hand.step(1))).toBeNull()
  })
})

describe('controller requests', () => {
  const header = (controllerEpoch: number) => ({ controllerId: controllerEpoch, controllerEpoch, brokerEpoch: 9 })

  function leaderAndIsr(controllerEpoch: number, leaderEpoch: number, errors: { whole?: number; partition?: number } = {}): void {
    const state = { partitionIndex: 0, controllerEpoch, leader: 1, leaderEpoch, isr: [1], partitionEpoch: 9, replicas: [1] }
    const topicStates = [{ topicName: 't', topicId: TOPIC_ID, partitionStates: [state] }]
    hand.ask(LeaderAndIsr, 7, { ...header(controllerEpoch), type: 1, topicStates, liveLeaders: [] })
    const partitionErrors = [{ partitionIndex: 0, errorCode: errors.partition ?? ErrorCode.NONE }]
    hand.answer(LeaderAndIsr, 7, { errorCode: errors.whole ?? ErrorCode.NONE, topics: [{ topicId: TOPIC_ID, partitionErrors }] })
  }

  function stopReplica(controllerEpoch: number, errorCode: number = ErrorCode.NONE): void {
    hand.ask(StopReplica, 4, { ...header(controllerEpoch), topicStates: [] })
    hand.answer(StopReplica, 4, { errorCode, partitionErrors: [] })
  }

  function updateMetadata(controllerEpoch: number, errorCode: number = ErrorCode.NONE): void {
    hand.ask(UpdateMetadata, 8, { ...header(controllerEpoch), topicStates: [], liveBrokers: [] })
    hand.answer(UpdateMetadata, 8, { errorCode })
  }

  it.each([
    ['LeaderAndIsr', () => leaderAndIsr(4, 2)],
    ['StopReplica', () => stopReplica(4)],
    ['UpdateMetadata', () => updateMetadata(4)],
  ])('find a %s of a controller that is obeyed although a newer one was, by whichever request', (_, send) => {
    updateMetadata(5)
    expect(brokenBy(() => hand.step(1))).toBeNull()
    send()
    expect(brokenBy(() => hand.step(1))).toBe(rules.olderController)
  })

  it('take one that is refused, one of the same controller, and one at a broker that was started anew', () => {
    stopReplica(5)
    hand.step(1)
    leaderAndIsr(4, 2, { whole: ErrorCode.STALE_CONTROLLER_EPOCH })
    expect(brokenBy(() => hand.step(1))).toBeNull()
    updateMetadata(5)
    expect(brokenBy(() => hand.step(1))).toBeNull()
    hand.broker(1).restart(0)
    hand.step(1)
    updateMetadata(4)
    expect(brokenBy(() => hand.step(1))).toBeNull()
  })

  it('find a command in an older leader epoch that is obeyed, and take one that is not', () => {
    leaderAndIsr(4, 1, { partition: ErrorCode.STALE_CONTROLLER_EPOCH })
    expect(brokenBy(() => hand.step(1))).toBeNull()
    leaderAndIsr(4, 2)
    expect(brokenBy(() => hand.step(1))).toBeNull()
    leaderAndIsr(4, 1)
    expect(brokenBy(() => hand.step(1))).toBe(rules.olderLeaderEpoch)
  })
})
