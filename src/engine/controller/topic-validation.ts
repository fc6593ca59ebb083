/**
 * Whether a topic can be made, or given more partitions, as asked: Kafka's rules (Topic.validate, AdminZkClient, ZkAdminManager) with
 * its error codes and sentences, which tools show to people. Pure; null means that there is nothing against it.
 */
import { ErrorCode } from '../wire/errors'

export interface Refusal {
  readonly errorCode: ErrorCode
  readonly message: string
}

const NAME_LENGTH_MAX = 249

export function validateTopicName(name: string): Refusal | null {
  const reason = reasonNameIsInvalid(name)
  return reason === null ? null : refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${reason}`)
}

function reasonNameIsInvalid(name: string): string | null {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.') return "'.' is not allowed"
  if (name === '..') return "'..' is not allowed"
  if (name.length > NAME_LENGTH_MAX) return `the length of '${name}' is longer than the max allowed length ${NAME_LENGTH_MAX}`
  if (!/^[a-zA-Z0-9._-]+$/.test(name))
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
  return null
}

/** Against topics that exist: the same name, or one that differs only in '.' against '_' (their metrics would be the same). */
export function validateTopicIsNew(
  name: string,
  existing: { has(topic: string): boolean; keys(): Iterable<string> },
): Refusal | null {
  if (existing.has(name)) return refusal(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  if (!name.includes('.') && !name.includes('_')) return null
  const unified = unifyCollisionCharacters(name)
  const colliding: string[] = []
  for (const other of existing.keys()) if (unifyCollisionCharacters(other) === unified) colliding.push(other)
  if (colliding.length === 0) return null
  return refusal(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topics: ${colliding.join(', ')}`)
}

function unifyCollisionCharacters(name: string): string {
  return name.replaceAll('.', '_')
}

/** What one request may add, as in KRaft (MAX_PARTITIONS_PER_BATCH): all of it is placed before anything is written, so a slip of a digit would take all memory. */
export const ADDED_PARTITIONS_MAX = 10_000

export function validateAddedCount(added: number): Refusal | null {
  if (added <= ADDED_PARTITIONS_MAX) return null
  return refusal(ErrorCode.POLICY_VIOLATION, 'Excessively large number of partitions per request.')
}

export function validateCounts(partitionCount: number, replicationFactor: number, liveBrokerCount: number): Refusal | null {
  if (partitionCount <= 0) return refusal(ErrorCode.INVALID_PARTITIONS, 'Number of partitions must be larger than 0.')
  if (replicationFactor <= 0) return refusal(ErrorCode.INVALID_REPLICATION_FACTOR, 'Replication factor must be larger than 0.')
  if (replicationFactor > liveBrokerCount) {
    return refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Replication factor: ${replicationFactor} larger than available brokers: ${liveBrokerCount}.`,
    )
  }
  return null
}

export interface ManualAssignment {
  readonly partition: number
  readonly brokerIds: readonly number[]
}

/**
 * A new topic's assignment, made by hand. Kafka takes brokers that it does not know here; we do not, for in a sandbox they are typing errors
 * that would leave the topic without a leader for ever.
 */
export function validateManualAssignment(
  assignments: readonly ManualAssignment[],
  liveBrokers: ReadonlySet<number>,
): Refusal | null {
  const invalid = (message: string) => refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
  if (new Set(assignments.map(({ brokerIds }) => brokerIds.length)).size !== 1) {
    return invalid('All partitions should have the same number of replicas')
  }
  for (const { partition, brokerIds } of assignments) {
    if (brokerIds.length === 0) return invalid(`Cannot have replication factor of 0 for partition id ${partition}.`)
    if (new Set(brokerIds).size !== brokerIds.length) {
      return invalid(`Duplicate replica assignment found: partition ${partition} on brokers ${brokerIds.join(', ')}`)
    }
  }
  const partitions = assignments.map(({ partition }) => partition).sort((a, b) => a - b)
  if (partitions.some((partition, index) => partition !== index)) {
    return invalid('partitions should be a consecutive 0-based integer sequence')
  }
  return unknownBrokers(
    assignments.map(({ brokerIds }) => brokerIds),
    liveBrokers,
  )
}

/** The new total, and the replicas of the added partitions where they were chosen by hand. */
export function validateMorePartitions(
  topic: string,
  currentCount: number,
  newCount: number,
  replicationFactor: number,
  manual: readonly (readonly number[])[] | null,
  liveBrokers: ReadonlySet<number>,
): Refusal | null {
  if (newCount < currentCount) {
    const message = `Topic currently has ${currentCount} partitions, which is higher than the requested ${newCount}.`
    return refusal(ErrorCode.INVALID_PARTITIONS, message)
  }
  if (newCount === currentCount) return refusal(ErrorCode.INVALID_PARTITIONS, `Topic already has ${currentCount} partitions.`)
  const invalid = (message: string) => refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, message)
  if (manual === null) {
    const excess = validateAddedCount(newCount - currentCount)
    if (excess !== null) return excess
    if (replicationFactor <= liveBrokers.size) return null
    return refusal(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      `Replication factor: ${replicationFactor} larger than available brokers: ${liveBrokers.size}.`,
    )
  }
  const unknown = unknownBrokers(manual, liveBrokers)
  if (unknown !== null) return unknown
  const added = newCount - currentCount
  if (manual.length !== added)
    return invalid(`Increasing the number of partitions by ${added} but ${manual.length} assignments provided.`)
  for (const [index, brokerIds] of manual.entries()) {
    const partition = currentCount + index
    if (brokerIds.length === 0) return invalid(`Cannot have replication factor of 0 for partition id ${partition}.`)
    if (new Set(brokerIds).size !== brokerIds.length) {
      return invalid(
        `Duplicate brokers not allowed in replica assignment: ${brokerIds.join(', ')} for partition id ${partition}.`,
      )
    }
    if (brokerIds.length !== replicationFactor) {
      return invalid(
        `Inconsistent replication factor between partitions, partition 0 of ${topic} has ${replicationFactor} ` +
          `while partition ${partition} has replication factor ${brokerIds.length}.`,
      )
    }
  }
  return null
}

function unknownBrokers(lists: readonly (readonly number[])[], liveBrokers: ReadonlySet<number>): Refusal | null {
  const unknown = [...new Set(lists.flat())].filter((id) => !liveBrokers.has(id))
  if (unknown.length === 0) return null
  return refusal(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `Unknown broker(s) in replica assignment: ${unknown.join(', ')}.`)
}

function refusal(errorCode: ErrorCode, message: string): Refusal {
  return { errorCode, message }
}
