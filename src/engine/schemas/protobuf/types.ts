/** The types of a schema and of all that it imports, by full name, and how a name finds one from where it stands. Pure. */
import type { ReferencedTexts } from '../format'
import type { ProtoFile, ProtoMessage, ProtoType } from './syntax/nodes'
import { readProto } from './syntax/parser'
import { wellKnownFile, wellKnownPaths } from './well-known'

/** Its own file has the path ''. */
export interface TypeEntry {
  readonly fullName: string
  /** Without the package: 'Order.Item'. */
  readonly localName: string
  readonly package: string
  readonly node: ProtoType
  readonly path: string
}

export interface ProtobufSchema {
  readonly text: string
  readonly file: ProtoFile
  /** All that it imports, itself or through others, by path; well-known files among them. */
  readonly imported: ReadonlyMap<string, ProtoFile>
  /** Of the file and of all that is imported, however far. */
  readonly types: ReadonlyMap<string, TypeEntry>
}

const scalars = [
  ...['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string', 'bytes'],
] as const
export type ScalarName = (typeof scalars)[number]
export const scalarNames: readonly ScalarName[] = scalars
const scalarSet: ReadonlySet<string> = new Set(scalars)
export const isScalar = (name: string): name is ScalarName => scalarSet.has(name)

export const packageOf = (file: ProtoFile): string => file.package?.name ?? ''
export const joined = (scope: string, name: string): string => (scope === '' ? name : `${scope}.${name}`)

/** With what it imports found among references (read here, their errors are not told) and well-known files. */
export function linkProto(file: ProtoFile, references: ReferencedTexts): ProtobufSchema {
  const imported = new Map<string, ProtoFile>()
  const collect = (from: ProtoFile): void => {
    for (const { path } of from.imports) {
      if (imported.has(path)) continue
      const found = fileOf(path, references)
      if (found === null) continue
      imported.set(path, found)
      collect(found)
    }
  }
  collect(file)
  const types = new Map<string, TypeEntry>()
  // Its own come last, and win.
  for (const [path, other] of imported) addTypes(types, other, path)
  addTypes(types, file, '')
  return { text: file.text, file, imported, types }
}

const readReferences = new Map<string, ProtoFile>()
const readReferencesMax = 500

/** Texts of references come again with every key that is typed: the last ones stay read. */
function fileOf(path: string, references: ReferencedTexts): ProtoFile | null {
  const text = references.get(path)
  if (text === undefined) return wellKnownFile(path)
  const known = readReferences.get(text)
  if (known !== undefined) return known
  const { file } = readProto(text)
  if (readReferences.size >= readReferencesMax) readReferences.clear()
  readReferences.set(text, file)
  return file
}

function addTypes(types: Map<string, TypeEntry>, file: ProtoFile, path: string): void {
  const ofPackage = packageOf(file)
  const add = (list: readonly ProtoType[], scope: string): void => {
    for (const node of list) {
      const localName = joined(scope, node.name)
      const fullName = joined(ofPackage, localName)
      types.set(fullName, { fullName, localName, package: ofPackage, node, path })
      if (node.kind === 'message') add(node.types, localName)
    }
  }
  add(file.types, '')
}

/**
 * From the innermost scope outwards, as the language has it; a leading dot means the whole name. `scope` is the full name of the message
 * (or the package) that the name stands in.
 */
export function findType(types: ReadonlyMap<string, TypeEntry>, name: string, scope: string): TypeEntry | null {
  if (name.startsWith('.')) return types.get(name.slice(1)) ?? null
  for (let around = scope; ; around = around.slice(0, Math.max(0, around.lastIndexOf('.')))) {
    const found = types.get(joined(around, name))
    if (found !== undefined) return found
    if (around === '') return null
  }
}

/** Paths whose types the file may use: what it imports, and what that imports publicly. */
export function visiblePaths(schema: ProtobufSchema): ReadonlySet<string> {
  const visible = new Set<string>([''])
  const add = (file: ProtoFile, onlyPublic: boolean): void => {
    for (const { path, modifier } of file.imports) {
      if ((onlyPublic && modifier !== 'public') || visible.has(path)) continue
      visible.add(path)
      const imported = schema.imported.get(path)
      if (imported !== undefined) add(imported, true)
    }
  }
  add(schema.file, false)
  return visible
}

/** Where among well-known files and references a type stands that is not imported: for words and fixes. */
export function pathsOfType(name: string, references: ReferencedTexts): readonly string[] {
  const wanted = name.replace(/^\./, '')
  return [...references.keys(), ...wellKnownPaths].filter((path) => {
    const file = fileOf(path, references)
    if (file === null) return false
    const types = new Map<string, TypeEntry>()
    addTypes(types, file, path)
    return types.has(wanted) || types.has(joined(packageOf(file), wanted))
  })
}

/** Every message of a list of types and of those in it, with its name in the file. */
export function* walkMessages(
  types: readonly ProtoType[],
  scope = '',
): Generator<{ readonly message: ProtoMessage; readonly name: string }> {
  for (const node of types) {
    if (node.kind !== 'message') continue
    const name = joined(scope, node.name)
    yield { message: node, name }
    yield* walkMessages(node.types, name)
  }
}
