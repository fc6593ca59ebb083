/**
 * Who fetches in another leader epoch than its broker holds is refused: FENCED_LEADER_EPOCH where the epoch is older, UNKNOWN_LEADER_EPOCH where it is
 * newer (KIP-320). Read from the wire, for followers and consumers. A broker may come to another epoch while a fetch is on its way or waits, and is
 * excused for every epoch from the one that it held when the fetch was sent to the one that it holds after the event of the answer.
 */
import { ErrorCode } from '../../../wire/errors'
import { Fetch } from '../../../wire/messages/01-fetch'
import { ZERO_UUID } from '../../../wire/uuid'
import type { SimEvent } from '../scheduler'
import { type Checker, require, type World } from './checker'
import { type BrokerSeen, type ReplicaSeen, viewOf } from './cluster-view'
import { exchangesOf } from './kafka-exchanges'
import { rules } from './rules'

/** A fetch of one partition in another epoch than its broker held when it was sent. */
interface Asked {
  readonly seen: BrokerSeen
  readonly replica: ReplicaSeen
  readonly epoch: number
  readonly epochWhenSent: number
}

const NO_EPOCH = -1

export function fetchEpochs(world: World): Checker {
  const view = viewOf(world)
  const served: Asked[] = []

  exchangesOf(world).listen(Fetch, {
    onRequest({ id }, { topics }) {
      const seen = view.brokers.get(id)
      if (seen === undefined) return null
      let asked: Map<string, Asked> | null = null
      for (const { topic, topicId, partitions } of topics) {
        for (const { partition, currentLeaderEpoch: epoch } of partitions) {
          if (epoch === NO_EPOCH) continue
          const replica = replicaOf(seen, topic, topicId, partition)
          if (replica === undefined || replica.facts.leaderEpoch === epoch) continue
          asked ??= new Map()
          asked.set(keyOf(topic, topicId, partition), { seen, replica, epoch, epochWhenSent: replica.facts.leaderEpoch })
        }
      }
      return asked
    },
    onAnswer(_broker, asked: ReadonlyMap<string, Asked>, { responses }) {
      for (const { topic, topicId, partitions } of responses) {
        for (const { partitionIndex, errorCode } of partitions) {
          const each = asked.get(keyOf(topic, topicId, partitionIndex))
          if (each !== undefined && errorCode === ErrorCode.NONE) served.push(each)
          else if (each !== undefined) world.count('fetches in another leader epoch refused')
        }
      }
    },
  })

  function judge({ seen, replica, epoch, epochWhenSent }: Asked): void {
    const { sight, facts } = replica
    // Another replica by now, of a broker or of a topic that was made anew.
    if (seen.replicas.get(`${sight.topic}-${sight.partition}`) !== replica) return
    require(epoch >= epochWhenSent && epoch <= facts.leaderEpoch, rules.fetchEpoch, () =>
      `broker ${seen.id} serves a fetch of ${sight.topic}-${sight.partition} in leader epoch ${epoch}, and has held ${epochWhenSent === facts.leaderEpoch ? `epoch ${epochWhenSent}` : `the epochs from ${epochWhenSent} to ${facts.leaderEpoch}`} since it was sent`)
  }

  return {
    name: 'fetch-epochs',
    afterEvent(event: SimEvent) {
      if (served.length === 0) return
      const noted = served.splice(0)
      if (event.process?.isAlive === false) return
      for (const each of noted) judge(each)
    },
  }
}

/** By its topic's id from version 13 on, by name before. */
function replicaOf(seen: BrokerSeen, topic: string, topicId: string, partition: number): ReplicaSeen | undefined {
  if (topicId === ZERO_UUID) return seen.replicas.get(`${topic}-${partition}`)
  for (const replica of seen.replicas.values())
    if (replica.sight.topicId === topicId && replica.sight.partition === partition) return replica
  return undefined
}

function keyOf(topic: string, topicId: string, partition: number): string {
  return `${topic}/${topicId}/${partition}`
}
