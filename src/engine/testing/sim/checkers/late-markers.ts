/**
 * The hole in version 1 of transactions, seen on the wire: a marker whose answer did not come is sent again, to the same broker; that one is answered, the transaction is
 * over, and the first is still on its way. The producer's next transaction has the same epoch, so the marker ends that one (KIP-890, KIP-1228). Of such a
 * producer Kafka promises nothing any more, and neither do we. A broker that has died since it was asked reads nothing any more; in version 2 it refuses.
 */
import { ErrorCode } from '../../../wire/errors'
import { WriteTxnMarkers } from '../../../wire/messages'
import type { RequestOf, ResponseOf } from '../../../wire/schema'
import type { World } from './checker'
import { exchangesOf } from './kafka-exchanges'

type Marker = RequestOf<typeof WriteTxnMarkers>['markers'][number]

/** A request that was sent, and that its broker has not answered. */
interface Attempt {
  /** A broker that was started anew has another. */
  readonly process: unknown
  readonly markers: readonly Marker[]
}

export class LateMarkers {
  private readonly open = new Set<Attempt>()
  private readonly late = new Set<bigint>()

  constructor(world: World) {
    exchangesOf(world).listen(WriteTxnMarkers, {
      onRequest: ({ process }, { markers }): Attempt => {
        const attempt = { process, markers }
        this.open.add(attempt)
        return attempt
      },
      onAnswer: (_broker, attempt, answer) => this.onAnswer(attempt, answer),
    })
  }

  /** Whether a transaction of the producer may have been ended by the marker of the one before. */
  isHaunted(producerId: bigint): boolean {
    return this.late.has(producerId)
  }

  private onAnswer(attempt: Attempt, { markers }: ResponseOf<typeof WriteTxnMarkers>): void {
    this.open.delete(attempt)
    for (const [index, { topics }] of markers.entries()) {
      const marker = attempt.markers[index]
      if (marker === undefined || marker.transactionVersion >= 2) continue
      const written = new Set(
        topics.flatMap(({ name, partitions }) =>
          partitions
            .filter(({ errorCode }) => errorCode === ErrorCode.NONE)
            .map(({ partitionIndex }) => `${name}-${partitionIndex}`),
        ),
      )
      for (const other of this.open) {
        if (other.process === attempt.process && other.markers.some((each) => isSame(each, marker, written)))
          this.late.add(marker.producerId)
      }
    }
  }
}

function isSame(other: Marker, marker: Marker, places: ReadonlySet<string>): boolean {
  return (
    other.producerId === marker.producerId &&
    other.producerEpoch === marker.producerEpoch &&
    // An older coordinator's is refused.
    other.coordinatorEpoch >= marker.coordinatorEpoch &&
    other.topics.some(({ name, partitionIndexes }) => partitionIndexes.some((index) => places.has(`${name}-${index}`)))
  )
}

const known = new WeakMap<World, LateMarkers>()

/** Has to be asked for before the world begins. */
export function lateMarkersOf(world: World): LateMarkers {
  let found = known.get(world)
  if (found === undefined) {
    found = new LateMarkers(world)
    known.set(world, found)
  }
  return found
}
