/**
 * Which message of a file a payload is of, as the wire format says it: the place of the message among those of its file, then among those of
 * that message, and so on. Enums do not count. Pure.
 */
import { messagesOf, type ProtoFile, type ProtoMessage } from './syntax/nodes'

/**
 * null where there is none. `name` is the message's name in the file: 'Order.Item'. Java and JavaScript leave out what protoc makes of maps, Python
 * and Go count these entries as messages where they stand: indexes that lead nowhere in the first way are followed in the second.
 */
export function messageAtIndexes(
  file: ProtoFile,
  indexes: readonly number[],
): { readonly message: ProtoMessage; readonly name: string } | null {
  return follow(file, indexes, ({ types }) => messagesOf(types)) ?? follow(file, indexes, withMapEntries)
}

function follow(
  file: ProtoFile,
  indexes: readonly number[],
  nestedOf: (message: ProtoMessage) => readonly (ProtoMessage | null)[],
): { readonly message: ProtoMessage; readonly name: string } | null {
  let nested: readonly (ProtoMessage | null)[] = messagesOf(file.types)
  const names: string[] = []
  let message: ProtoMessage | null | undefined
  for (const index of indexes) {
    message = nested[index]
    if (message === undefined || message === null) return null
    names.push(message.name)
    nested = nestedOf(message)
  }
  return message === undefined || message === null ? null : { message, name: names.join('.') }
}

/** As protoc has them in a descriptor; null for the entry of a map. */
function withMapEntries({ types, fields }: ProtoMessage): readonly (ProtoMessage | null)[] {
  const maps = fields.filter(({ mapKey }) => mapKey !== null).map(({ from }) => ({ from, message: null }))
  const all = [...messagesOf(types).map((message) => ({ from: message.from, message })), ...maps]
  return all.sort((a, b) => a.from - b.from).map(({ message }) => message)
}

/** null where there is no such message. */
export function indexesOfMessage(file: ProtoFile, name: string): readonly number[] | null {
  let types = file.types
  const indexes: number[] = []
  for (const part of name.split('.')) {
    const messages = messagesOf(types)
    const index = messages.findIndex((message) => message.name === part)
    if (index < 0) return null
    indexes.push(index)
    types = messages[index]!.types
  }
  return indexes
}
