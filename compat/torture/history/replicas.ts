/**
 * The replicas of a partition as they stand in the brokers' files, read from outside while nobody writes: all of them must hold the same bytes. And
 * where a record of interest stands, for the report of a failure.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { decodeRecords, forEachBatch } from '../../../src/engine/wire/records'
import { parseValue } from './values'

export interface ReplicaSum {
  readonly brokerId: number
  readonly bytes: number
  readonly hash: string
}

function segmentsOf(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => `${directory}/${name}`)
}

export function sumOf(brokerId: number, directory: string): ReplicaSum {
  const hash = createHash('sha1')
  let bytes = 0
  for (const path of segmentsOf(directory)) {
    const contents = readFileSync(path)
    bytes += contents.length
    hash.update(contents)
  }
  return { brokerId, bytes, hash: hash.digest('hex') }
}

/** null, or how the replicas differ. */
export function compareReplicas(topic: string, partition: number, brokers: ReadonlyMap<number, string>): string | null {
  const sums = [...brokers].map(([id, directory]) => sumOf(id, `${directory}/${topic}-${partition}`))
  if (new Set(sums.map(({ hash }) => hash)).size <= 1) return null
  return `the replicas of ${topic}-${partition} differ: ${sums.map(({ brokerId, bytes, hash }) => `broker ${brokerId} ${bytes} bytes ${hash.slice(0, 8)}`).join(', ')}`
}

/** Lines "broker 1: offset 17 (epoch 3), …" for one record; 'not there' where a broker has none. */
export function whereabouts(
  topic: string,
  partition: number,
  stream: number,
  sequence: number,
  brokers: ReadonlyMap<number, string>,
): string[] {
  return [...brokers].map(([id, directory]) => {
    const found: string[] = []
    let damage = ''
    for (const path of segmentsOf(`${directory}/${topic}-${partition}`)) {
      try {
        const contents = readFileSync(path)
        forEachBatch(contents, (header, position) => {
          for (const record of decodeRecords(contents.subarray(position, position + header.sizeInBytes))) {
            const [of, number] = parseValue(record.value)
            if (of !== stream || number !== sequence) continue
            const { partitionLeaderEpoch, producerId, producerEpoch, baseSequence } = header
            found.push(
              `offset ${record.offset} (leader epoch ${partitionLeaderEpoch}, producer ${producerId}, epoch ${producerEpoch}, batch from sequence ${baseSequence})`,
            )
          }
          return true
        })
      } catch (error) {
        damage = `; ${path} could not be read whole: ${(error as Error).message}`
      }
    }
    return `broker ${id}: ${found.join(', ') || 'not there'}${damage}`
  })
}
