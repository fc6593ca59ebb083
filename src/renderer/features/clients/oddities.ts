/** What is odd about a client, in words, with what it leads to and what to do: only what its own requests show. Pure. */
import type { ConnectedClient } from '../../../shared/model/clients'
import { formatBytes, formatCount, formatRate, plural } from '../../ui'

export interface Oddity {
  readonly id:
    | 'acks-0'
    | 'not-acks-all'
    | 'tiny-batches'
    | 'no-compression'
    | 'old-versions'
    | 'metadata-storm'
    | 'empty-fetches'
    | 'errors'
    | 'many-connections'
    | 'commit-storm'
  readonly severity: 'warn' | 'info'
  readonly text: string
}

/** Fewer say nothing yet. */
const batchesMin = 20
const bytesWithoutCompressionMin = 16 * 1024
/** Versions that came with Kafka 0.11 and 1.0 are the first with today's record format; clients older than that are cut off by Kafka 4.0 (KIP-896). */
const firstModern: Readonly<Record<string, number>> = {
  Produce: 3,
  Fetch: 4,
  ListOffsets: 1,
  OffsetCommit: 2,
  OffsetFetch: 1,
  JoinGroup: 2,
  CreateTopics: 2,
}

export function odditiesOf(client: ConnectedClient): readonly Oddity[] {
  // Brokers and the window's own do what they do on purpose.
  if (client.kind !== 'foreign') return []
  const found: Oddity[] = []
  const { produced, fetched, apis, errorCount, lastError } = client
  const api = (name: string) => apis.find((each) => each.name === name)
  if (produced.acks.includes(0))
    found.push({
      id: 'acks-0',
      severity: 'warn',
      text: 'It writes with acks=0: what a broker refuses or loses it never hears of. acks=all costs little here.',
    })
  else if (produced.acks.includes(1))
    found.push({
      id: 'not-acks-all',
      severity: 'info',
      text: 'It writes with acks=1: what only the leader has is lost with that leader. acks=all waits for the replicas in sync.',
    })
  if (produced.batchCount >= batchesMin) {
    const records = produced.recordCount / produced.batchCount
    const bytes = produced.recordBytes / produced.batchCount
    if (records < 1.05)
      found.push({
        id: 'tiny-batches',
        severity: 'warn',
        text: `Each of its ${formatCount(produced.batchCount)} batches holds one record. It waits for each answer, or linger.ms is 0: 5 ms would gather more into one request.`,
      })
    if (bytes >= bytesWithoutCompressionMin && produced.compressions.every((each) => each === 'none'))
      found.push({
        id: 'no-compression',
        severity: 'info',
        text: `Its batches are ${formatBytes(bytes)} on average and not compressed. compression.type=lz4 or zstd saves network and disk.`,
      })
  }
  const old = apis
    .filter(({ name, maxVersion }) => maxVersion < (firstModern[name] ?? 0))
    .map(({ name, maxVersion }) => `${name} ${maxVersion}`)
  if (old.length > 0)
    found.push({
      id: 'old-versions',
      severity: 'warn',
      text: `It speaks ${old.join(', ')}, of before Kafka 1.0. Kafka 4.0 refuses these versions (KIP-896): a newer client is needed.`,
    })
  const metadata = api('Metadata')
  if (metadata !== undefined && metadata.perSecond > 2)
    found.push({
      id: 'metadata-storm',
      severity: 'warn',
      text: `It asks for metadata ${formatRate(metadata.perSecond)}. It makes a client for each message, or looks for a topic or a leader that is not there.`,
    })
  const commit = api('OffsetCommit')
  if (commit !== undefined && commit.perSecond > 20)
    found.push({
      id: 'commit-storm',
      severity: 'info',
      text: `It commits offsets ${formatRate(commit.perSecond)}: after each record, it seems. Committing each second is enough where records may be read twice.`,
    })
  const fetch = api('Fetch')
  if (
    fetch !== undefined &&
    fetch.perSecond > 50 &&
    fetched.responseCount > 500 &&
    fetched.emptyCount > 0.9 * fetched.responseCount
  )
    found.push({
      id: 'empty-fetches',
      severity: 'info',
      text: `${formatCount(fetched.emptyCount)} of ${formatCount(fetched.responseCount)} fetches brought nothing, ${formatRate(fetch.perSecond)}. A longer fetch.max.wait.ms asks less often for nothing.`,
    })
  if (client.connections.length > 40)
    found.push({
      id: 'many-connections',
      severity: 'warn',
      text: `It has ${plural(client.connections.length, 'connection')} open. One client is enough for a whole program.`,
    })
  if (lastError !== null && errorCount > 0)
    found.push({
      id: 'errors',
      severity: 'warn',
      text: `${plural(errorCount, 'error')} ${errorCount === 1 ? 'was' : 'were'} answered to it, the last to ${lastError.api}: ${lastError.error}. ${lastError.message}`,
    })
  return found
}
