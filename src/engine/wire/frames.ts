/**
 * Whole messages: a frame is a size, a header and a body. Encoding appends one frame to a writer, size included, so several can go out in
 * one write; decoding takes a frame without its size, as FrameReader hands it out. Used by brokers and clients alike.
 */
import { type RequestHeader, skipTags, writeRequestHeader, writeResponseHeader } from './headers'
import { findApi } from './messages/index'
import { Reader } from './reader'
import type { AnyApi, Api, Encodable } from './schema/api'
import { within } from './wire-error'
import type { Writer } from './writer'

export { FrameReader, type FrameReaderOptions } from './frame-reader'
export type { RequestHeader } from './headers'

/** A request whose header is read and whose body is not: the broker may not know its API, or not in this version. */
export interface RequestFrame extends RequestHeader {
  /** Undefined: not an API of ours. */
  readonly api: AnyApi | undefined
  readonly isVersionSupported: boolean
  /** Stands at the body; null where the header alone tells that the body cannot be read. */
  readonly body: Reader
}

function framed(writer: Writer, write: () => void): void {
  const sizeAt = writer.reserve(4)
  try {
    write()
  } catch (error) {
    writer.truncate(sizeAt)
    throw error
  }
  writer.putInt32(sizeAt, writer.length - sizeAt - 4)
}

export function encodeRequest<Req, Res>(
  writer: Writer,
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: Encodable<Req>,
): void {
  framed(writer, () => {
    writeRequestHeader(writer, api.requestHeaderVersion(version), {
      apiKey: api.key,
      apiVersion: version,
      correlationId,
      clientId,
    })
    api.request.encode(writer, body, version)
  })
}

export function encodeResponse<Req, Res>(
  writer: Writer,
  api: Api<Req, Res>,
  version: number,
  correlationId: number,
  body: Encodable<Res>,
): void {
  framed(writer, () => {
    writeResponseHeader(writer, api.responseHeaderVersion(version), correlationId)
    api.response.encode(writer, body, version)
  })
}

/**
 * Reads the header. Works for APIs and versions that we do not have, for whoever has to answer or log them: of an unknown API the client
 * id is taken where every header has it. Throws DecodeError on a frame too short for a header.
 */
export function decodeRequestHeader(frame: Uint8Array): RequestFrame {
  const body = new Reader(frame)
  try {
    const apiKey = body.int16()
    const apiVersion = body.int16()
    const correlationId = body.int32()
    const api = findApi(apiKey)
    const headerVersion = api === undefined ? 1 : api.requestHeaderVersion(apiVersion)
    const clientId = headerVersion === 0 ? null : body.string(false)
    const isVersionSupported = api !== undefined && apiVersion >= api.minVersion && apiVersion <= api.maxVersion
    if (headerVersion === 2 && isVersionSupported) skipTags(body)
    return { apiKey, apiVersion, correlationId, clientId, api, isVersionSupported, body }
  } catch (error) {
    throw within(error, 'requestHeader')
  }
}

/** The correlation id of a response frame, which tells the client what the rest is. */
export function decodeCorrelationId(frame: Uint8Array): number {
  return new Reader(frame).int32()
}

export interface DecodedResponse<Res> {
  readonly correlationId: number
  readonly body: Res
}

export function decodeResponse<Req, Res>(frame: Uint8Array, api: Api<Req, Res>, version: number): DecodedResponse<Res> {
  const reader = new Reader(frame)
  const correlationId = reader.int32()
  if (api.responseHeaderVersion(version) === 1) skipTags(reader)
  return { correlationId, body: api.response.decode(reader, version) }
}
