/**
 * `partition.metadata` in a partition's folder: which incarnation of the topic the data belongs to (PartitionMetadataFile.java).
 *
 *     version: 0
 *     topic_id: 3Lx5mLbTQQq1qBXHfHLtVQ
 *
 * The id is Kafka's base64url form of the UUID, 22 characters. Written once, when the folder or the id is new. Owned by PartitionLog.
 */
import type { Disk } from '../platform/disk'

const fileName = 'partition.metadata'

/** The topic id, or null where there is no file or none that can be read: the controller's LeaderAndIsr then brings the id again. */
export function readPartitionMetadata(disk: Disk, directory: string): string | null {
  const contents = disk.readFile(`${directory}/${fileName}`)
  return contents === null ? null : parsePartitionMetadata(contents.toString('utf8'))
}

export function parsePartitionMetadata(text: string): string | null {
  const [versionLine = '', idLine = ''] = text.split('\n')
  if (!/^version:\s*0\s*$/.test(versionLine)) return null
  return /^topic_id:\s*([A-Za-z0-9_-]{22})\s*$/.exec(idLine)?.[1] ?? null
}

export function writePartitionMetadata(disk: Disk, directory: string, topicId: string): void {
  disk.writeFileAtomic(`${directory}/${fileName}`, encode(topicId))
}

/**
 * The same without waiting for the disk, for a folder that is new: topics of many partitions are made in one go, and until the first flush a crash
 * may take the whole folder anyway. The first flush then writes it for good.
 */
export function draftPartitionMetadata(disk: Disk, directory: string, topicId: string): void {
  const file = disk.open(`${directory}/${fileName}`, 'create')
  try {
    file.write(encode(topicId), 0)
  } finally {
    file.close()
  }
}

const encode = (topicId: string): Buffer => Buffer.from(`version: 0\ntopic_id: ${topicId}`, 'utf8')
