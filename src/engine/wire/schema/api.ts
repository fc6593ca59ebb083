/**
 * One API of Kafka's: its key, its versions, and the codecs of its request and response, compiled a version at a time when first needed.
 * Declared by `wire/messages/NN-name.ts` with `defineApi`, found by key through `wire/messages/index.ts`.
 */
import { assert } from '../../../shared/lang/assert'
import { Reader } from '../reader'
import { Writer } from '../writer'
import { compileDecoder } from './compile-decoder'
import { compileEncoder, type Direction } from './compile-encoder'
import type { DecodedStruct, Encodable, Fields } from './fields'

export type { Encodable } from './fields'

export interface Codec<T> {
  readonly fields: Fields
  encode(writer: Writer, value: Encodable<T>, version: number): void
  /** Throws DecodeError, and nothing else. Bytes and records of the value are views on what the reader reads. */
  decode(reader: Reader, version: number): T
  /** `value` as its receiver sees it: encoded and decoded, so with every default in place. */
  complete(value: Encodable<T>, version: number): T
}

interface ApiFacts {
  readonly key: number
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** What ApiVersions says. Lower than minVersion for Produce only, see there. */
  readonly advertisedMinVersion: number
  /** The first version with compact types and tagged fields; Infinity: none. */
  readonly flexibleFrom: number
  requestHeaderVersion(version: number): 0 | 1 | 2
  responseHeaderVersion(version: number): 0 | 1
}

export interface Api<Req, Res> extends ApiFacts {
  readonly request: Codec<Req>
  readonly response: Codec<Res>
}

/** A codec of some message: what encode takes is then checked only when it runs. */
export interface AnyCodec {
  readonly fields: Fields
  encode(writer: Writer, value: unknown, version: number): void
  decode(reader: Reader, version: number): unknown
  complete(value: unknown, version: number): unknown
}

/** Every Api is one of these. */
export interface AnyApi extends ApiFacts {
  readonly request: AnyCodec
  readonly response: AnyCodec
}

export type RequestOf<A> = A extends { readonly request: { decode(reader: Reader, version: number): infer Req } } ? Req : never
export type ResponseOf<A> = A extends { readonly response: { decode(reader: Reader, version: number): infer Res } } ? Res : never

export interface ApiDeclaration<Req extends Fields, Res extends Fields> {
  readonly key: number
  readonly name: string
  /** First and last version that we serve. */
  readonly versions: readonly [number, number]
  readonly advertisedMinVersion?: number
  readonly flexibleFrom: number
  readonly request: Req
  readonly response: Res
}

export function defineApi<const Req extends Fields, const Res extends Fields>(
  declaration: ApiDeclaration<Req, Res>,
): Api<DecodedStruct<Req>, DecodedStruct<Res>> {
  const { key, name, versions, flexibleFrom } = declaration
  const [minVersion, maxVersion] = versions
  return {
    key,
    name,
    minVersion,
    maxVersion,
    advertisedMinVersion: declaration.advertisedMinVersion ?? minVersion,
    flexibleFrom,
    request: codecOf(`${name}Request`, declaration.request, versions, flexibleFrom, 'request'),
    response: codecOf(`${name}Response`, declaration.response, versions, flexibleFrom, 'response'),
    // ControlledShutdown 0 is the one request without a client id, and an ApiVersions response never has tags in its header: a client
    // reads it before it knows what the broker speaks (KIP-482, KIP-511).
    requestHeaderVersion: (version) => (version >= flexibleFrom ? 2 : key === 7 && version === 0 ? 0 : 1),
    responseHeaderVersion: (version) => (version >= flexibleFrom && key !== 18 ? 1 : 0),
  }
}

function codecOf<F extends Fields>(
  name: string,
  fields: F,
  [minVersion, maxVersion]: readonly [number, number],
  flexibleFrom: number,
  direction: Direction,
): Codec<DecodedStruct<F>> {
  const decoders: ReturnType<typeof compileDecoder>[] = []
  const encoders: ReturnType<typeof compileEncoder>[] = []
  const checkVersion = (version: number) =>
    assert(version >= minVersion && version <= maxVersion, `${name} has versions ${minVersion} to ${maxVersion}, not ${version}`)

  function decode(reader: Reader, version: number): DecodedStruct<F> {
    let decoder = decoders[version]
    if (decoder === undefined) {
      checkVersion(version)
      decoder = compileDecoder(fields, version, version >= flexibleFrom)
      decoders[version] = decoder
    }
    return decoder(reader) as unknown as DecodedStruct<F>
  }

  function encode(writer: Writer, value: Encodable<DecodedStruct<F>>, version: number): void {
    let encoder = encoders[version]
    if (encoder === undefined) {
      checkVersion(version)
      encoder = compileEncoder(fields, version, version >= flexibleFrom, direction)
      encoders[version] = encoder
    }
    encoder(writer, value)
  }

  return {
    fields,
    decode,
    encode,
    complete(value, version) {
      const writer = new Writer()
      encode(writer, value, version)
      return decode(new Reader(writer.bytes()), version)
    },
  }
}
