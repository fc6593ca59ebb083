/** Files that every Protobuf schema may import without a reference, by path. Read once each, when first asked for. */
import type { ProtoFile } from '../syntax/nodes'
import { readProto } from '../syntax/parser'
import { googleProtobuf } from './google-protobuf'
import { commonTypes } from './google-type'

const texts: Readonly<Record<string, string>> = { ...googleProtobuf, ...commonTypes }
const read = new Map<string, ProtoFile>()

export const wellKnownPaths: readonly string[] = Object.keys(texts)

export function wellKnownFile(path: string): ProtoFile | null {
  const known = read.get(path)
  if (known !== undefined) return known
  const text = Object.hasOwn(texts, path) ? texts[path] : undefined
  if (text === undefined) return null
  const { file } = readProto(text)
  read.set(path, file)
  return file
}
