/**
 * What happens to a partition's folder as a whole, beside the segments in it. Called by PartitionLog.
 */
import type { Clock } from '../platform/clock'
import type { Disk } from '../platform/disk'
import { deletedDirectoryName } from './file-names'

/** Renames the folder to `…-delete`, durably, so that the partition is gone at once and for good; then removes it. A start finishes what a crash interrupts. */
export function removePartitionDirectory(disk: Disk, clock: Clock, directory: string, topic: string, partition: number): void {
  const parent = directory.slice(0, directory.lastIndexOf('/'))
  let unique = Math.max(1, Math.floor(clock.nowMs()))
  let target: string
  do target = `${parent}/${deletedDirectoryName(topic, partition, (unique++).toString(16).padStart(32, '0'))}`
  while (disk.exists(target))
  disk.rename(directory, target)
  disk.syncDirectory(parent)
  disk.removeTree(target)
}
