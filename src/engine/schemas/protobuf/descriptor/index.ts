/** Schemas as descriptors: Confluent's serializers for Python, JavaScript and Go register FileDescriptorProtos in base64 and ask for them again. */
import { readFileDescriptor } from './messages'
import { textOfDescriptor } from './to-text'

export { serializedProtobuf } from './from-schema'

/** The .proto text of a descriptor in base64; null where the text is none. */
export function textOfSerialized(text: string): string | null {
  const bare = text.trim()
  if (bare.length < 8 || bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(bare)) return null
  try {
    const file = readFileDescriptor(Buffer.from(bare, 'base64'))
    const isEmpty = (file.messageType ?? []).length === 0 && (file.enumType ?? []).length === 0
    return isEmpty ? null : textOfDescriptor(file)
  } catch {
    return null
  }
}
