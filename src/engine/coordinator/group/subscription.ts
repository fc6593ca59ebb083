/**
 * The topics that a member of protocol type "consumer" subscribes to, out of the metadata that its client wrote (ConsumerProtocolSubscription). The
 * coordinator needs no more of it, and takes it for opaque where it cannot be read, as other protocol types are.
 */
import { Reader } from '../../wire/reader'
import { DecodeError } from '../../wire/wire-error'

/** Null where the metadata is of some other layout. */
export function subscribedTopics(metadata: Uint8Array): string[] | null {
  try {
    const reader = new Reader(metadata)
    // Later versions append; the topics have stood first in all of them.
    if (reader.int16() < 0) return null
    const count = reader.arrayLength(false, 2)
    if (count < 0) return null
    return Array.from({ length: count }, () => reader.string(false) ?? reader.fail('a topic has no name'))
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}
