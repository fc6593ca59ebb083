/**
 * Keys and values of the records that coordinators keep, declared in the language of wire/schema. On the log each stands behind an int16, its
 * version: for a key that says what kind of record it is, for a value how it is laid out (Kafka, CoordinatorRecordSerde).
 */
import { assert } from '../../shared/lang/assert'
import { Reader } from '../wire/reader'
import { compileDecoder } from '../wire/schema/compile-decoder'
import { compileEncoder } from '../wire/schema/compile-encoder'
import type { DecodedStruct, EncodableStruct, Fields } from '../wire/schema/fields'
import { DecodeError } from '../wire/wire-error'
import { Writer } from '../wire/writer'

export interface RecordCodec<F extends Fields> {
  readonly name: string
  readonly fields: F
  /** In a buffer of its own. */
  encode(value: EncodableStruct<F>, version: number): Uint8Array
  /** Bytes of the value are views. Throws DecodeError. */
  decode(data: Uint8Array): DecodedStruct<F>
}

export interface RecordDeclaration<F extends Fields> {
  readonly name: string
  readonly versions: readonly [number, number]
  /** The first version with compact types and tagged fields; Infinity: none. */
  readonly flexibleFrom: number
  readonly fields: F
}

/** Used for one record after the other: what it gives is copied out. */
const writer = new Writer(1024)

/** The int16 in front of a key or a value. */
export function recordVersion(data: Uint8Array): number {
  if (data.length < 2) throw new DecodeError(`a record of ${data.length} bytes has no version`, 0)
  return ((data[0]! << 24) >> 16) | data[1]!
}

export function defineRecord<const F extends Fields>(declaration: RecordDeclaration<F>): RecordCodec<F> {
  const { name, versions, flexibleFrom, fields } = declaration
  const [minVersion, maxVersion] = versions
  const decoders = new Map<number, ReturnType<typeof compileDecoder>>()
  const encoders = new Map<number, ReturnType<typeof compileEncoder>>()
  return {
    name,
    fields,
    encode(value, version) {
      assert(
        version >= minVersion && version <= maxVersion,
        `${name} has versions ${minVersion} to ${maxVersion}, not ${version}`,
      )
      let encoder = encoders.get(version)
      if (encoder === undefined) {
        encoder = compileEncoder(fields, version, version >= flexibleFrom, 'request')
        encoders.set(version, encoder)
      }
      writer.reset()
      writer.int16(version)
      encoder(writer, value)
      return Buffer.from(writer.bytes())
    },
    decode(data) {
      const version = recordVersion(data)
      if (version < minVersion || version > maxVersion) throw new DecodeError(`${name} has version ${version}`, 0)
      let decoder = decoders.get(version)
      if (decoder === undefined) {
        decoder = compileDecoder(fields, version, version >= flexibleFrom)
        decoders.set(version, decoder)
      }
      return decoder(new Reader(data, 2)) as unknown as DecodedStruct<F>
    },
  }
}
