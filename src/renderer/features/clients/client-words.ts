/** How facts about clients are said. Pure. */
import type { ClientKind, ConnectedClient } from '../../../shared/model/clients'
import { formatBytes, formatCount } from '../../ui'

export const kindWords: Readonly<Record<ClientKind, string>> = {
  foreign: 'Program',
  workbench: 'This window',
  registry: 'Schema registry',
  broker: 'Broker to broker',
}

/** `apache-kafka-java 3.9.1`; clients from before Kafka 2.4 say nothing. */
export const softwareOf = ({ softwareName, softwareVersion }: ConnectedClient): string =>
  softwareName === null ? 'not told' : `${softwareName} ${softwareVersion ?? ''}`.trim()

const acksWord = (acks: number): string => (acks === -1 ? 'all' : String(acks))

/** `all`, `0, 1`; `–` where it has written nothing. */
export const acksOf = ({ produced: { acks } }: ConnectedClient): string =>
  acks.length === 0 ? '–' : [...acks].sort().map(acksWord).join(', ')

export const compressionOf = ({ produced: { compressions } }: ConnectedClient): string =>
  compressions.length === 0 ? '–' : compressions.join(', ')

/** `39.2 records, 14.3 KiB`. */
export function batchOf({ produced: { batchCount, recordCount, recordBytes } }: ConnectedClient): string {
  if (batchCount === 0) return '–'
  const records = recordCount / batchCount
  const shown = Number.isInteger(records) ? formatCount(records) : records.toFixed(1)
  return `${shown} ${shown === '1' ? 'record' : 'records'}, ${formatBytes(recordBytes / batchCount)}`
}

export const requestsPerSecond = ({ apis }: ConnectedClient): number => apis.reduce((sum, { perSecond }) => sum + perSecond, 0)

/** Of the brokers that it is connected to, each once. */
export const brokersOf = ({ connections }: ConnectedClient): readonly number[] =>
  [...new Set(connections.map(({ brokerId }) => brokerId))].sort((a, b) => a - b)
