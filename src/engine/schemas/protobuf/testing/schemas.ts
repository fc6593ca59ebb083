/** For tests of Protobuf: a schema from a text that must parse. */
import { protobufFormat } from '..'
import type { ProtobufSchema } from '../types'

export function parsed(text: string, references: Readonly<Record<string, string>> = {}): ProtobufSchema {
  const result = protobufFormat.parse(text, new Map(Object.entries(references)), { isNew: true })
  if (!result.ok) throw new Error(result.error.map(({ message }) => message).join('\n'))
  return result.value
}

export const proto3 = (body: string): string => `syntax = "proto3";\n${body}`
export const proto2 = (body: string): string => `syntax = "proto2";\n${body}`
