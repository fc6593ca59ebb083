/**
 * The little language in which records.ts declares ZooKeeper's records once, for both directions. Types are inferred from the declaration.
 * Fields are written and read in the order of their declaration, as jute does.
 */
import type { JuteReader } from './reader'
import type { JuteWriter } from './writer'

export interface Codec<T> {
  /** The fewest bytes a value can take: bounds the count of a vector. */
  readonly minBytes: number
  write(writer: JuteWriter, value: T): void
  read(reader: JuteReader): T
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never

export const int: Codec<number> = { minBytes: 4, write: (writer, value) => writer.int(value), read: (reader) => reader.int() }
export const long: Codec<bigint> = { minBytes: 8, write: (writer, value) => writer.long(value), read: (reader) => reader.long() }
/** A long that is a count of milliseconds: far below 2^53, so a number. One that is not, which only damage gives, reads as the nearest that is. */
export const time: Codec<number> = {
  minBytes: 8,
  write: (writer, value) => writer.long(BigInt(value)),
  read: (reader) => Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(reader.long()))),
}
export const bool: Codec<boolean> = { minBytes: 1, write: (writer, value) => writer.bool(value), read: (reader) => reader.bool() }
/** Reads as a view on the frame. */
export const buffer: Codec<Uint8Array | null> = {
  minBytes: 4,
  write: (writer, value) => writer.buffer(value),
  read: (reader) => reader.buffer(),
}
export const ustring: Codec<string> = {
  minBytes: 4,
  write: (writer, value) => writer.ustring(value),
  read: (reader) => reader.ustring(),
}

export function vector<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    minBytes: 4,
    write(writer, values) {
      writer.int(values.length)
      for (const value of values) item.write(writer, value)
    },
    read(reader) {
      const values: T[] = []
      for (let count = reader.count(item.minBytes); count > 0; count--) values.push(item.read(reader))
      return values
    },
  }
}

type Fields = Readonly<Record<string, Codec<unknown>>>
type RecordOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> }

export function record<F extends Fields>(fields: F): Codec<RecordOf<F>> {
  const entries = Object.entries(fields)
  return {
    minBytes: entries.reduce((sum, [, codec]) => sum + codec.minBytes, 0),
    write(writer, value) {
      const values: Readonly<Record<string, unknown>> = value
      for (const [name, codec] of entries) codec.write(writer, values[name])
    },
    read(reader) {
      const value: Record<string, unknown> = {}
      for (const [name, codec] of entries) value[name] = codec.read(reader)
      return value as RecordOf<F>
    },
  }
}
