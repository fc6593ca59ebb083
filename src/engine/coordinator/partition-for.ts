/** Which partition of an internal topic a group or a transactional id belongs to. Every broker and every client tool must come to the same answer. */

/** Java's String.hashCode over UTF-16 units, its sign bit cleared as Utils.abs does, modulo the number of partitions. */
export function partitionFor(key: string, partitionCount: number): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0
  return (hash & 0x7fffffff) % partitionCount
}
