/**
 * Request and response headers. Every message is framed as size (int32), header, body; which header version goes with which message is
 * the API's to say. Called by frames.ts only.
 */
import type { Reader } from './reader'
import type { Writer } from './writer'

export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

export function writeRequestHeader(writer: Writer, headerVersion: 0 | 1 | 2, header: RequestHeader): void {
  writer.int16(header.apiKey)
  writer.int16(header.apiVersion)
  writer.int32(header.correlationId)
  // The client id stays a plain string in header 2 as well, so that a broker can read it before it knows the version (KIP-482).
  if (headerVersion >= 1) writer.string(header.clientId, false)
  if (headerVersion >= 2) writer.int8(0)
}

export function writeResponseHeader(writer: Writer, headerVersion: 0 | 1, correlationId: number): void {
  writer.int32(correlationId)
  if (headerVersion >= 1) writer.int8(0)
}

/** Tags of a header are read over: Kafka has defined none so far. */
export function skipTags(reader: Reader): void {
  const count = reader.unsignedVarint()
  if (count * 2 > reader.remaining) reader.fail(`${count} tagged fields do not fit the ${reader.remaining} bytes left`)
  for (let index = 0; index < count; index++) {
    reader.unsignedVarint()
    reader.take(reader.unsignedVarint())
  }
}
