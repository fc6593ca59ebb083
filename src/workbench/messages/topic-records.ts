/** The newest records of a topic, whole, for what looks at many of them at once: evolution checks and inference. */
import type { KafkaClient } from '../../engine/client'
import type { DecodedRecord } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ReadProgress } from '../../shared/model/messages'
import { ReadSession } from './read-session'

export interface TopicRecord {
  readonly partition: number
  readonly record: DecodedRecord
}

/** At most `count`, oldest first; batches that cannot be decoded are left out. Rejects where the topic cannot be read. */
export async function readNewest(client: KafkaClient, topic: string, count: number): Promise<TopicRecord[]> {
  let last: ReadProgress | null = null
  const request = { topic, partitions: null, start: { kind: 'newest', count }, limit: count } as const
  const session = new ReadSession(0, client, request, (progress) => {
    last = progress
  })
  await session.run()
  const end = last as ReadProgress | null
  if (end?.state === 'failed') throw new WorkbenchError('expected', 'NOT_READ', end.error ?? `${topic} could not be read.`)
  const records: TopicRecord[] = []
  for (const { batch, record } of session.rows(0, count))
    if (record !== null) records.push({ partition: batch.partition, record })
  return records.reverse()
}
