/**
 * TxnOffsetCommit (key 28), versions 0–4, and 5 where transaction.version is 2: offsets of a group that count once the producer's transaction is committed.
 * Until then readers that ask for stable offsets are told to wait. From version 3 on the member of the group says who it is, and is fenced where its
 * generation is over (KIP-447).
 *
 * Whether the group is part of the transaction its coordinator is asked, before the first offsets (KIP-890); with version 5 that makes it a part.
 */
import type { TopicErrors } from '../../coordinator/group/group-shard'
import { ErrorCode } from '../../wire/errors'
import { TxnOffsetCommit } from '../../wire/messages/28-txn-offset-commit'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { isTransactionVersion2 } from '../features'
import { CONSUMER_OFFSETS } from '../internal-topics'
import type { Handler, RequestContext } from '../registry'
import type { BrokerServices } from '../services'
import { atGroup, commitError, offsetsToCommit } from './group-requests'
import { abortableBefore, producerKey } from './transaction-requests'

type Request = RequestOf<typeof TxnOffsetCommit>
type Context = RequestContext<Request, ResponseOf<typeof TxnOffsetCommit>>
type Services = Pick<BrokerServices, 'coordinators' | 'metadata' | 'replicas' | 'transactions' | 'configs'>
type Guard = ReturnType<Services['replicas']['startVerification']>

const IMPLICIT_VERSION = 5
const ABORTABLE_VERSION = 4

export function txnOffsetCommitHandler(services: Services): Handler<Request, ResponseOf<typeof TxnOffsetCommit>> {
  const { transactions, configs } = services
  return {
    api: TxnOffsetCommit,
    minVersion: 0,
    maxVersion: isTransactionVersion2(configs) ? IMPLICIT_VERSION : IMPLICIT_VERSION - 1,
    handle(context) {
      if (context.request.groupId === '') return refuseAll(context, ErrorCode.INVALID_GROUP_ID)
      if (context.version < IMPLICIT_VERSION && !transactions.isVerifying) return commit(services, context, undefined)
      verifyAndCommit(services, context, guardFor(services, context), 1)
    },
  }
}

const NO_SEQUENCE = -1
/** A marker that comes while the coordinator is asked takes the guard back, and it is asked again: but not for ever. */
const ROUNDS_MAX = 3

/** Null where its transaction is open there already, or this broker does not lead it, which the group will say. */
function guardFor({ coordinators, replicas }: Services, { request }: Context): Guard {
  const { groupId, producerId, producerEpoch } = request
  const partition = coordinators.groups.partitionFor(groupId)
  return replicas.startVerification(CONSUMER_OFFSETS, partition, producerKey(producerId), producerEpoch, NO_SEQUENCE)
}

function verifyAndCommit(services: Services, context: Context, guard: Guard, round: number): void {
  if (guard === null) return commit(services, context, null)
  const { transactionalId, groupId, producerId, producerEpoch } = context.request
  const partition = services.coordinators.groups.partitionFor(groupId)
  const mode = context.version >= IMPLICIT_VERSION ? 'add' : 'verify'
  const partitions = [{ topic: CONSUMER_OFFSETS, partition }]
  services.transactions.verifier.verify({ transactionalId, producerId, producerEpoch, mode, partitions }, (errors) => {
    const errorCode = toldToClient(errors(CONSUMER_OFFSETS, partition), context.version)
    if (errorCode !== ErrorCode.NONE) return refuseAll(context, errorCode)
    const present = round < ROUNDS_MAX ? guardFor(services, context) : guard
    if (present === null || present === guard) commit(services, context, guard)
    else verifyAndCommit(services, context, present, round + 1)
  })
}

function toldToClient(errorCode: number, version: number): number {
  // What a producer tries again on is another thing for offsets.
  if (errorCode === ErrorCode.NOT_ENOUGH_REPLICAS) return ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  return abortableBefore(ABORTABLE_VERSION, version, errorCode)
}

function commit(services: Services, context: Context, guard: Guard | undefined): void {
  const { groupId, memberId, groupInstanceId, generationId, producerId, producerEpoch, topics } = context.request
  const isKnown = (topic: string, partition: number) => services.metadata.partition(topic, partition) !== undefined
  const known = offsetsToCommit(topics, isKnown)
  const request = { groupId, memberId, groupInstanceId, generationId, retentionTimeMs: -1n, topics: known }
  const producer = { producerId, producerEpoch, ...(guard === undefined ? {} : { guard }) }
  atGroup<{ errorCode: number; topics: TopicErrors }>(
    services,
    groupId,
    (shard, step, slot, at) => step.answer(slot, shard.commit(request, producer, step, at)),
    ({ errorCode, topics: committed }) => answer(context, errorCode, committed),
    (errorCode) => answer(context, commitError(errorCode), []),
  )
}

const refuseAll = (context: Context, errorCode: number): void => answer(context, errorCode, [])

function answer(context: Context, errorCode: number, committed: TopicErrors): void {
  const codes = new Map<string, number>()
  for (const { topic, partitions } of committed) {
    for (const { partition, errorCode: code } of partitions) codes.set(`${topic}/${partition}`, code)
  }
  const otherwise = errorCode === ErrorCode.NONE ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : errorCode
  context.respond({
    throttleTimeMs: 0,
    topics: context.request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codes.get(`${name}/${partitionIndex}`) ?? otherwise,
      })),
    })),
  })
}
