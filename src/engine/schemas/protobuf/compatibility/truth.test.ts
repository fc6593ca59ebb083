/** The rules of types against bytes: protobufjs writes with one type and reads with another. */
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { protobufFormat } from '..'
import { parsed, proto3 } from '../testing/schemas'
import { scalarNames } from '../types'

const textOf = (type: string): string => proto3(`message A { ${type} a = 1; }`)
const typeOf = (type: string): protobuf.Type => protobuf.parse(textOf(type)).root.lookupType('A')
/** Values that every type of a kind can hold. */
const values = (type: string): readonly unknown[] =>
  type === 'string' ? ['a'] : type === 'bytes' ? [Buffer.from('a')] : type === 'bool' ? [true] : [1]

/** What a reader makes of it: the number or the text. null: it refuses the bytes, or finds nothing in them. */
function read(type: string, bytes: Uint8Array): string | null {
  try {
    const message = typeOf(type).decode(bytes) as unknown as { a: unknown }
    if (!Object.hasOwn(message, 'a')) return null
    const { a } = message
    return a instanceof Uint8Array ? Buffer.from(a).toString() : String(Number(a)) === 'NaN' ? String(a) : String(Number(a))
  } catch {
    return null
  }
}

describe('types that read each other', () => {
  for (const writer of scalarNames)
    it(`${writer}: what may take its place reads the same value, and what reads another is refused`, () => {
      const wrong: string[] = []
      for (const reader of scalarNames) {
        // A bool is true of any number but 0, of zigzag ones as well; the language's guide and the registry do not count on it.
        if (reader === 'bool' && writer.startsWith('sint')) continue
        const isAllowed = protobufFormat.incompatibilities(parsed(textOf(reader)), parsed(textOf(writer)), 'STRICT').length === 0
        for (const value of values(writer)) {
          const type = typeOf(writer)
          const bytes = type.encode(type.create({ a: value })).finish()
          const isSame = read(reader, bytes) === read(writer, bytes)
          if (isAllowed !== isSame)
            wrong.push(`${reader}: ${isAllowed ? 'allowed' : 'refused'}, reads ${String(read(reader, bytes))}`)
        }
      }
      expect(wrong).toEqual([])
    })
})
