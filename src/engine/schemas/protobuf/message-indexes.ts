/**
 * Which message of a file a payload is of, as the wire format says it: the place of the message among those of its file, then among those of
 * that message, and so on. Enums do not count. Pure.
 */
import { messagesOf, type ProtoFile, type ProtoMessage } from './syntax/nodes'

/** null where there is none. `name` is the message's name in the file: 'Order.Item'. */
export function messageAtIndexes(
  file: ProtoFile,
  indexes: readonly number[],
): { readonly message: ProtoMessage; readonly name: string } | null {
  let types = file.types
  const names: string[] = []
  let message: ProtoMessage | undefined
  for (const index of indexes) {
    message = messagesOf(types)[index]
    if (message === undefined) return null
    names.push(message.name)
    types = message.types
  }
  return message === undefined ? null : { message, name: names.join('.') }
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
