/**
 * First walk over a text: finds every definition of a record, enum or fixed and the name that it has there, so that names resolve wherever
 * they stand (Avro 1.12 resolves them after the whole text has been read). Judges nothing: what is malformed is passed over, and the second
 * walk says so.
 */
import { type JsonNode, type JsonObject, memberValue, stringOf } from '../../json-text'
import type { EnumType, FixedType, NamedType, RecordType, TypeName } from '../model'
import { isValidName, qualify } from '../names'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
/** A definition before and while it is filled; the graph's cycles close over this very object. */
export type Shell = Mutable<RecordType> | Mutable<EnumType> | Mutable<FixedType>

export interface Declarations {
  /** By the object that defines it; one that redefines a name has a shell of its own. */
  readonly shells: ReadonlyMap<JsonObject, Shell>
  /** The first definition of each full name. */
  readonly byName: ReadonlyMap<string, NamedType>
  readonly nodeOfName: ReadonlyMap<string, JsonObject>
}

/** `name` and `namespace` of an object that defines a type, in a place where `enclosing` is the namespace. undefined without a name. */
export function nameOfDefinition(node: JsonObject, enclosing: string | null): TypeName | undefined {
  const name = stringOf(node, 'name')
  return name === undefined ? undefined : qualify(name, stringOf(node, 'namespace') ?? enclosing)
}

export function collectDeclarations(root: JsonNode, reference: string | null): Declarations {
  const shells = new Map<JsonObject, Shell>()
  const byName = new Map<string, NamedType>()
  const nodeOfName = new Map<string, JsonObject>()

  const walk = (node: JsonNode | undefined, namespace: string | null): void => {
    if (node?.kind === 'array') for (const branch of node.items) walk(branch, namespace)
    if (node?.kind !== 'object') return
    const type = memberValue(node, 'type')
    if (type?.kind !== 'string') return walk(type, namespace)
    if (type.value === 'array') return walk(memberValue(node, 'items'), namespace)
    if (type.value === 'map') return walk(memberValue(node, 'values'), namespace)
    const name = nameOfDefinition(node, namespace)
    const shell = name && shellOf(type.value, name, reference)
    if (!name || !shell) return
    shells.set(node, shell)
    if (!byName.has(name.fullName)) {
      byName.set(name.fullName, shell)
      nodeOfName.set(name.fullName, node)
    }
    const fields = shell.kind === 'record' ? memberValue(node, 'fields') : undefined
    if (fields?.kind !== 'array') return
    for (const field of fields.items) if (field.kind === 'object') walk(memberValue(field, 'type'), name.namespace)
  }

  walk(root, null)
  return { shells, byName, nodeOfName }
}

function shellOf(type: string, name: TypeName, reference: string | null): Shell | undefined {
  const base = { name, reference, path: '', props: new Map(), logicalType: null, doc: null, aliases: [] }
  if (type === 'record' || type === 'error') return { ...base, kind: 'record', isError: type === 'error', fields: [] }
  if (type === 'enum') return { ...base, kind: 'enum', symbols: [], default: null }
  if (type === 'fixed') return { ...base, kind: 'fixed', size: 0 }
  return undefined
}

/** Every part of a full name is a name. */
export const isValidFullName = (fullName: string): boolean => fullName.split('.').every(isValidName)
