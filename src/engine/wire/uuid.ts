/**
 * Topic ids as the rest of the engine holds them: Kafka's own text form of a UUID, 22 characters of URL-safe base64 without padding.
 * A string compares, hashes and prints well; only the reader and the writer know the sixteen bytes.
 */

export type Uuid = string

/** "No id": what a field of type uuid defaults to. */
export const ZERO_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAA'

/** The metadata topic's reserved id in Kafka; no topic may be given it. */
export const ONE_UUID: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ'

/** `bytes` must be the sixteen bytes of the id. */
export function uuidFromBytes(bytes: Uint8Array): Uuid {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** Null where `text` is not the 22-character form. */
export function uuidToBytes(text: Uuid): Uint8Array | null {
  if (text.length !== 22) return null
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === 16 ? bytes : null
}
