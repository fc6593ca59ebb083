/** Reads over values that the reader's schema has no place for, with the same checks of lengths as decoding. */
import type { AvroReader } from './avro-reader'
import { type AvroType, minimumBytes } from './avro-type'
import { rawReader } from './scalar'

type Skip = (reader: AvroReader) => void

export function skipper(type: AvroType, open = new Map<AvroType, { run: Skip }>()): Skip {
  switch (type.kind) {
    case 'string':
      return (reader) => void reader.bytes('a string')
    case 'enum':
      return (reader) => void reader.index(type.symbols.length, `enum ${type.name}`)
    case 'array':
      return blocks(minimumBytes(type.items), 'array items', skipper(type.items, open))
    case 'map': {
      const value = skipper(type.values, open)
      return blocks(1 + minimumBytes(type.values), 'map entries', (reader) => {
        reader.bytes('a key')
        value(reader)
      })
    }
    case 'union': {
      const branches = type.branches.map((branch) => skipper(branch, open))
      return (reader) => branches[reader.index(branches.length, 'a union')]!(reader)
    }
    case 'record': {
      const known = open.get(type)
      if (known !== undefined) return (reader) => known.run(reader)
      const cell: { run: Skip } = { run: () => undefined }
      open.set(type, cell)
      const fields = type.fields.map((field) => skipper(field.type, open))
      cell.run = (reader) => {
        reader.enter()
        for (const skip of fields) skip(reader)
        reader.leave()
      }
      return cell.run
    }
    default: {
      const read = rawReader(type)
      return (reader) => void read(reader)
    }
  }
}

function blocks(minimum: number, what: string, item: Skip): Skip {
  return (reader) => {
    reader.enter()
    reader.blocks(minimum, what, () => item(reader))
    reader.leave()
  }
}
