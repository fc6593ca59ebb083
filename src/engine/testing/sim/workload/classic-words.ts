/**
 * What classic members of the workload write for each other into the bytes of JoinGroup and SyncGroup. In most groups that is a language of their own, which no
 * coordinator understands; in one that is to go over to the new protocol it is that of Kafka's consumers. Used by ClassicMember.
 */
import {
  readAssignment,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from '../../../coordinator/group/consumer-protocol'

export interface ClassicWords {
  readonly protocolType: string
  readonly protocolName: string
  metadata(owned: readonly number[]): Uint8Array
  /** What the member that wrote it owns. */
  ownedIn(metadata: Uint8Array): readonly number[]
  assignment(partitions: readonly number[]): Uint8Array
  partitionsIn(assignment: Uint8Array): number[]
}

export const wordsOfTheirOwn: ClassicWords = {
  protocolType: 'sim',
  protocolName: 'deal',
  metadata: () => Buffer.alloc(0),
  ownedIn: () => [],
  assignment: (partitions) => Buffer.from(partitions.join(',')),
  partitionsIn(assignment) {
    const text = Buffer.from(assignment).toString()
    return text === '' ? [] : text.split(',').map(Number)
  },
}

export function wordsOfConsumers(topic: string, isCooperative: boolean): ClassicWords {
  const version = isCooperative ? 1 : 0
  const named = (partitions: readonly number[]) => (partitions.length === 0 ? [] : [{ topic, partitions }])
  const numbersIn = (found: readonly { readonly partitions: readonly number[] }[] | undefined) =>
    (found ?? []).flatMap(({ partitions }) => partitions)
  return {
    protocolType: 'consumer',
    protocolName: isCooperative ? 'cooperative-sticky' : 'range',
    metadata: (owned) => writeSubscription({ version, topics: [topic], owned: named(owned), rackId: null }),
    ownedIn: (metadata) => numbersIn(readSubscription(metadata)?.owned),
    assignment: (partitions) => writeAssignment(named(partitions), version),
    partitionsIn: (assignment) => numbersIn(readAssignment(assignment)?.partitions),
  }
}
