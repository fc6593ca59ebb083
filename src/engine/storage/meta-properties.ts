/**
 * `meta.properties` in a broker's data folder: whose data this is (MetaProperties.java, version 0 as with ZooKeeper's coordination).
 *
 *     #
 *     #Mon Nov 23 02:00:00 UTC 2026
 *     version=0
 *     broker.id=1
 *     cluster.id=Y2x1c3Rlci1vZi1vbmUtMQ
 *
 * A Java properties file. LogManager reads it at start and refuses a folder of another broker or cluster.
 */
import type { Disk } from '../platform/disk'
import { parseWhole } from './checkpoint-file'

export interface MetaProperties {
  readonly brokerId: number
  /** Null where the file does not name one. */
  readonly clusterId: string | null
}

const fileName = 'meta.properties'

/** Null where there is no file; 'corrupt' where it cannot be understood. */
export function readMetaProperties(disk: Disk, dataDirectory: string): MetaProperties | null | 'corrupt' {
  const contents = disk.readFile(`${dataDirectory}/${fileName}`)
  return contents === null ? null : parseMetaProperties(contents.toString('utf8'))
}

export function parseMetaProperties(text: string): MetaProperties | 'corrupt' {
  const properties = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*?)\s*$/.exec(line)
    if (match) properties.set(match[1]!, match[2]!.replace(/\\(.)/g, '$1'))
  }
  const version = properties.get('version')
  // Version 1 (KRaft) calls the same id node.id.
  const id = parseWhole(properties.get(version === '1' ? 'node.id' : 'broker.id') ?? '')
  if ((version !== '0' && version !== '1') || id === null || id < 0) return 'corrupt'
  return { brokerId: id, clusterId: properties.get('cluster.id') || null }
}

export function writeMetaProperties(disk: Disk, dataDirectory: string, properties: MetaProperties, nowMs: number): void {
  const lines = ['#', `#${new Date(nowMs).toUTCString()}`, 'version=0', `broker.id=${properties.brokerId}`]
  if (properties.clusterId !== null) lines.push(`cluster.id=${properties.clusterId.replace(/[\\=:#!]/g, '\\$&')}`)
  disk.writeFileAtomic(`${dataDirectory}/${fileName}`, Buffer.from(`${lines.join('\n')}\n`, 'utf8'))
}
