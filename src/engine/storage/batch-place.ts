/** Where a batch stands in a segment's file, for look-ups. Made by LogSegment from a header that a scan has read. */
import { baseOffsetAt, lastOffsetAt } from './batch-fields'

export interface BatchPlace {
  readonly position: number
  readonly sizeInBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
}

/** `at` is where the header stands in `bytes`, `position` where it stands in the file. */
export function toBatchPlace(bytes: Uint8Array, at: number, position: number, sizeInBytes: number): BatchPlace {
  return { position, sizeInBytes, baseOffset: baseOffsetAt(bytes, at), lastOffset: lastOffsetAt(bytes, at) }
}
