/**
 * DescribeLogDirs (key 35), versions 1–4: the one data folder that a broker here has, what each of its replicas takes there, and from 4 on what the volume holds.
 * Each broker tells of itself. The lag is how far a replica's log ends behind what is known to be committed. There are no future replicas: nothing moves
 * between folders.
 */
import { ErrorCode } from '../../wire/errors'
import { DescribeLogDirs } from '../../wire/messages/35-describe-log-dirs'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'replicas' | 'configs' | 'volumeSpace'>
type Request = RequestOf<typeof DescribeLogDirs>

export function describeLogDirsHandler({
  replicas,
  configs,
  volumeSpace,
}: Services): Handler<Request, ResponseOf<typeof DescribeLogDirs>> {
  return {
    api: DescribeLogDirs,
    minVersion: 1,
    maxVersion: 4,
    handle(context) {
      const wanted = wantedOf(context.request)
      const topics = new Map<string, ReturnType<typeof sizeOf>[]>()
      for (const status of replicas.partitionStates()) {
        if (!wanted(status.topic, status.partition)) continue
        const partitions = topics.get(status.topic) ?? []
        partitions.push(sizeOf(status))
        topics.set(status.topic, partitions)
      }
      const space = context.version >= 4 ? volumeSpace() : null
      context.respond({
        throttleTimeMs: 0,
        errorCode: ErrorCode.NONE,
        results: [
          {
            errorCode: ErrorCode.NONE,
            logDir: configs.brokerValue('log.dirs'),
            topics: [...topics].map(([name, partitions]) => ({ name, partitions })),
            totalBytes: space?.totalBytes ?? -1,
            usableBytes: space?.usableBytes ?? -1,
          },
        ],
      })
    },
  }
}

/** Null asks for everything. */
function wantedOf({ topics }: Request): (topic: string, partition: number) => boolean {
  if (topics === null) return () => true
  const partitionsByTopic = new Map<string, Set<number>>()
  for (const { topic, partitions } of topics) {
    partitionsByTopic.set(topic, new Set([...(partitionsByTopic.get(topic) ?? []), ...partitions]))
  }
  return (topic, partition) => partitionsByTopic.get(topic)?.has(partition) === true
}

function sizeOf(status: { partition: number; sizeInBytes: number; highWatermark: number; logEndOffset: number }) {
  return {
    partitionIndex: status.partition,
    partitionSize: status.sizeInBytes,
    offsetLag: Math.max(0, status.highWatermark - status.logEndOffset),
    isFutureKey: false,
  }
}
