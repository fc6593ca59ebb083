/**
 * What a cluster has once: its id, its standing znodes, and the counters that give out broker ids and producer ids. Called by brokers at their
 * start, before any of them is controller, so nothing here is fenced: creation and versions decide who was first.
 */
import type { Random } from '../platform'
import { ZERO_UUID } from '../wire/uuid'
import { type CoordinationSession, failureName, SteadyCoordination } from './coordination-port'
import {
  BROKER_SEQUENCE_ID,
  CLUSTER_ID,
  decodeClusterId,
  decodeProducerIdBlockEnd,
  encodeClusterId,
  encodeProducerIdBlock,
  PERSISTENT_PATHS,
  PRODUCER_ID_BLOCK,
} from './znodes'

/** A random (version 4) uuid as Kafka writes it: 22 characters of base64url, never with a '-' in front, for that looks like an option to tools. */
export function newUuid(random: Random): string {
  for (;;) {
    const bytes = random.bytes(16)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const text = bytes.toString('base64url')
    if (!text.startsWith('-') && text !== ZERO_UUID) return text
  }
}

/** Makes the standing znodes. Quick where they are there. */
export async function ensureClusterPaths(session: CoordinationSession): Promise<void> {
  const coordination = new SteadyCoordination(session)
  const found = await Promise.all(PERSISTENT_PATHS.map((path) => coordination.exists(path)))
  await Promise.all(PERSISTENT_PATHS.filter((_, index) => found[index] === null).map((path) => coordination.ensurePath(path)))
}

/** The cluster's id, made by the first broker that asks. `wanted`: the id in a data directory that is older than the znodes. */
export async function ensureClusterId(session: CoordinationSession, random: Random, wanted?: string): Promise<string> {
  const coordination = new SteadyCoordination(session)
  for (;;) {
    const found = await coordination.getData(CLUSTER_ID)
    const id = found === null ? null : decodeClusterId(found.data)
    if (id !== null) return id
    await coordination.ensurePath('/cluster')
    try {
      const data = encodeClusterId(wanted ?? newUuid(random))
      if (found === null) await coordination.create(CLUSTER_ID, data)
      else await coordination.setData(CLUSTER_ID, data, found.stat.version)
    } catch (error) {
      if (failureName(error) !== 'NODEEXISTS' && failureName(error) !== 'BADVERSION') throw error
    }
  }
}

/** A broker id above `reservedMax` that was never given out (Kafka's broker.id.generation): the version of /brokers/seqid counts. */
export async function nextBrokerId(session: CoordinationSession, reservedMax = 1000): Promise<number> {
  const coordination = new SteadyCoordination(session)
  await coordination.ensurePath(BROKER_SEQUENCE_ID)
  const { version } = await coordination.setData(BROKER_SEQUENCE_ID, '')
  return version + reservedMax
}

export interface ProducerIdBlock {
  readonly firstProducerId: bigint
  readonly size: number
}

const PRODUCER_ID_BLOCK_SIZE = 1000n
const PRODUCER_ID_MAX = 2n ** 63n - 1n

/** A block of producer ids that nobody else has. Some are wasted where an answer is lost; there are enough. */
export async function allocateProducerIds(session: CoordinationSession, brokerId: number): Promise<ProducerIdBlock> {
  const coordination = new SteadyCoordination(session)
  for (;;) {
    const found = await coordination.getData(PRODUCER_ID_BLOCK)
    const first = (found === null ? -1n : decodeProducerIdBlockEnd(found.data)) + 1n
    const last = first + PRODUCER_ID_BLOCK_SIZE - 1n
    if (last > PRODUCER_ID_MAX) throw new Error('All producer ids have been given out.')
    const data = encodeProducerIdBlock(brokerId, first, last)
    try {
      if (found === null) await coordination.create(PRODUCER_ID_BLOCK, data)
      else await coordination.setData(PRODUCER_ID_BLOCK, data, found.stat.version)
      return { firstProducerId: first, size: Number(PRODUCER_ID_BLOCK_SIZE) }
    } catch (error) {
      if (failureName(error) !== 'BADVERSION' && failureName(error) !== 'NODEEXISTS') throw error
    }
  }
}
