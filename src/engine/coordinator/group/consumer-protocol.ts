/**
 * What members of protocol type "consumer" write for each other into the bytes of JoinGroup and SyncGroup (Kafka: ConsumerProtocolSubscription and
 * ConsumerProtocolAssignment, versions 0–3): what they read and own, and what they are given. The coordinator reads and writes it where a group goes from one
 * protocol to the other (group-migration.ts) and where members of both are in one group (consumer/classic-members.ts). Pure; never throws for what a client wrote.
 */
import { array, bytes, int32, string } from '../../wire/schema'
import { DecodeError } from '../../wire/wire-error'
import { defineRecord, recordVersion } from '../record-codec'

const NEVER_FLEXIBLE = Number.POSITIVE_INFINITY
const HIGHEST_VERSION = 3

const ConsumerProtocolSubscription = defineRecord({
  name: 'ConsumerProtocolSubscription',
  versions: [0, HIGHEST_VERSION],
  flexibleFrom: NEVER_FLEXIBLE,
  fields: {
    topics: array('0+', 'string'),
    userData: bytes('0+', { default: null, nullable: '0+' }),
    ownedPartitions: array('1+', { topic: string('1+'), partitions: array('1+', 'int32') }, { ignorable: true }),
    generationId: int32('2+', { default: -1, ignorable: true }),
    rackId: string('3+', { default: null, nullable: '3+', ignorable: true }),
  },
})

const ConsumerProtocolAssignment = defineRecord({
  name: 'ConsumerProtocolAssignment',
  versions: [0, HIGHEST_VERSION],
  flexibleFrom: NEVER_FLEXIBLE,
  fields: {
    assignedPartitions: array('0+', { topic: string('0+'), partitions: array('0+', 'int32') }),
    userData: bytes('0+', { default: null, nullable: '0+' }),
  },
})

export interface NamedPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

export interface ClassicSubscription {
  readonly version: number
  readonly topics: readonly string[]
  /** From version 1 on; who writes version 0 has given up everything before it joins. */
  readonly owned: readonly NamedPartitions[]
  readonly rackId: string | null
}

export interface ClassicAssignment {
  readonly partitions: readonly NamedPartitions[]
  /** An assignor of the client's own has written something that only its members understand. */
  readonly hasUserData: boolean
}

/** Null where it is of some other layout. */
export function readSubscription(metadata: Uint8Array): ClassicSubscription | null {
  return orNull(() => {
    const { version, data } = understood(metadata)
    const { topics, ownedPartitions, rackId } = ConsumerProtocolSubscription.decode(data)
    return { version, topics, owned: ownedPartitions, rackId }
  })
}

/** Null where it is of some other layout. No bytes at all are what a member has that was given nothing. */
export function readAssignment(assignment: Uint8Array): ClassicAssignment | null {
  if (assignment.length === 0) return { partitions: [], hasUserData: false }
  return orNull(() => {
    const { assignedPartitions, userData } = ConsumerProtocolAssignment.decode(understood(assignment).data)
    return { partitions: assignedPartitions, hasUserData: userData !== null && userData.length > 0 }
  })
}

/** As a member writes it. */
export function writeSubscription({ version, topics, owned, rackId }: ClassicSubscription): Uint8Array {
  const ownedPartitions = owned.map(({ topic, partitions }) => ({ topic, partitions: [...partitions] }))
  return ConsumerProtocolSubscription.encode({ topics: [...topics], userData: null, ownedPartitions, rackId }, version)
}

/** In the version that the member writes itself. */
export function writeAssignment(partitions: readonly NamedPartitions[], version: number): Uint8Array {
  const assignedPartitions = partitions.map(({ topic, partitions: numbers }) => ({ topic, partitions: [...numbers] }))
  return ConsumerProtocolAssignment.encode({ assignedPartitions, userData: null }, version)
}

/** Later versions append: of one that is not known yet what is known is read (ConsumerProtocol.checkSubscriptionVersion). */
function understood(data: Uint8Array): { readonly version: number; readonly data: Uint8Array } {
  const version = recordVersion(data)
  if (version <= HIGHEST_VERSION) return { version, data }
  const copy = Buffer.from(data)
  copy.writeInt16BE(HIGHEST_VERSION, 0)
  return { version: HIGHEST_VERSION, data: copy }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}
