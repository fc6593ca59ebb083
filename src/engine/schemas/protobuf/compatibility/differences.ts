/**
 * Every difference between two Protobuf schemas, by the registry's own names (registry-and-coordination section 2.3), compatible or not.
 * Fields are matched by number over the whole message, so a new name, or a move into or out of a oneof, hides no change of type. `writer` is
 * the schema that the data was written with, `reader` the other. Pure.
 */
import type { FieldLabel, ProtoEnum, ProtoField, ProtoMessage, ProtoType } from '../syntax/nodes'
import { enumsOf, fieldsOf, messagesOf } from '../syntax/nodes'
import { findType, isScalar, joined, type ProtobufSchema, packageOf, type TypeEntry } from '../types'
import { scalarKindOf } from './scalar-kinds'

export type DifferenceType =
  | 'PACKAGE_CHANGED'
  | `MESSAGE_${'ADDED' | 'REMOVED' | 'MOVED'}`
  | `ENUM_${'ADDED' | 'REMOVED'}`
  | `ENUM_CONST_${'ADDED' | 'CHANGED' | 'REMOVED'}`
  | `FIELD_${'ADDED' | 'REMOVED' | 'NAME_CHANGED' | 'KIND_CHANGED' | 'SCALAR_KIND_CHANGED' | 'NAMED_TYPE_CHANGED'}`
  | 'FIELD_NUMERIC_LABEL_CHANGED'
  | 'FIELD_STRING_OR_BYTES_LABEL_CHANGED'
  | 'REQUIRED_FIELD_ADDED'
  | 'REQUIRED_FIELD_REMOVED'
  | 'ONEOF_ADDED'
  | 'ONEOF_REMOVED'
  | 'ONEOF_FIELD_ADDED'
  | 'ONEOF_FIELD_REMOVED'
  | 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL'
  | 'MULTIPLE_FIELDS_MOVED_TO_ONEOF'
  | 'FIELD_MOVED_TO_EXISTING_ONEOF'

const compatible: ReadonlySet<DifferenceType> = new Set<DifferenceType>([
  ...(['MESSAGE_ADDED', 'MESSAGE_MOVED', 'ENUM_ADDED', 'ENUM_REMOVED'] as const),
  ...(['ENUM_CONST_ADDED', 'ENUM_CONST_CHANGED', 'ENUM_CONST_REMOVED'] as const),
  ...(['FIELD_ADDED', 'FIELD_REMOVED', 'FIELD_NAME_CHANGED', 'FIELD_STRING_OR_BYTES_LABEL_CHANGED'] as const),
  ...(['ONEOF_ADDED', 'ONEOF_REMOVED', 'ONEOF_FIELD_ADDED', 'ONEOF_FIELD_MOVED_TO_TOP_LEVEL'] as const),
])

export const isCompatible = ({ type }: Difference): boolean => compatible.has(type)

export interface Difference {
  readonly type: DifferenceType
  /** As the registry's messages give it: '#/Order/payment/3', numbers for fields. */
  readonly registryPath: string
  /** Dotted names without the package, null where a side has none. */
  readonly writerPath: string | null
  readonly readerPath: string | null
  readonly writer: ProtoMessage | ProtoEnum | ProtoField | null
  readonly reader: ProtoMessage | ProtoEnum | ProtoField | null
  /** Of enum constants: name and number on each side. Of fields that moved into a oneof: their names. */
  readonly names: readonly string[]
}

/** In the order of names as the writer has them, then what only the reader has; fields by number. */
export function differences(writer: ProtobufSchema, reader: ProtobufSchema): readonly Difference[] {
  return new Comparison(writer, reader).run()
}

interface Place {
  readonly segments: readonly string[]
  readonly writerScope: string
  readonly readerScope: string
}

type Side = Pick<Difference, 'writerPath' | 'readerPath' | 'writer' | 'reader'> & { readonly names?: readonly string[] }

class Comparison {
  private readonly found: Difference[] = []
  /** Pairs of messages of other files that are compared with the fields that use them. */
  private readonly compared = new Set<string>()

  constructor(
    private readonly writer: ProtobufSchema,
    private readonly reader: ProtobufSchema,
  ) {}

  run(): readonly Difference[] {
    const writerPackage = packageOf(this.writer.file)
    const readerPackage = packageOf(this.reader.file)
    if (writerPackage !== readerPackage)
      this.add('PACKAGE_CHANGED', [], { writerPath: 'package', readerPath: 'package', writer: null, reader: null })
    this.types(this.writer.file.types, this.reader.file.types, { segments: [], writerScope: '', readerScope: '' })
    return this.found
  }

  private add(type: DifferenceType, segments: readonly string[], side: Side): void {
    this.found.push({ type, registryPath: `#/${segments.join('/')}`, names: [], ...side })
  }

  private types(writerTypes: readonly ProtoType[], readerTypes: readonly ProtoType[], place: Place): void {
    const { segments, writerScope, readerScope } = place
    const [writerMessages, readerMessages] = [messagesOf(writerTypes), messagesOf(readerTypes)]
    const [writerOrder, readerOrder] = [orderOf(writerMessages), orderOf(readerMessages)]
    for (const [name, writer, reader] of paired(writerMessages, readerMessages)) {
      const inside = [...segments, name]
      const writerPath = writer === null ? null : joined(writerScope, name)
      const readerPath = reader === null ? null : joined(readerScope, name)
      const side = { writerPath, readerPath, writer, reader }
      if (writer === null) this.add('MESSAGE_ADDED', inside, side)
      else if (reader === null) this.add('MESSAGE_REMOVED', inside, side)
      else {
        this.messages(writer, reader, {
          segments: inside,
          writerScope: joined(writerScope, name),
          readerScope: joined(readerScope, name),
        })
        if (writerOrder.get(writer) !== readerOrder.get(reader)) this.add('MESSAGE_MOVED', inside, side)
      }
    }
    for (const [name, writer, reader] of paired(enumsOf(writerTypes), enumsOf(readerTypes))) {
      const inside = [...segments, name]
      const writerPath = writer === null ? null : joined(writerScope, name)
      const readerPath = reader === null ? null : joined(readerScope, name)
      const side = { writerPath, readerPath, writer, reader }
      if (writer === null) this.add('ENUM_ADDED', inside, side)
      else if (reader === null) this.add('ENUM_REMOVED', inside, side)
      else this.enums(writer, reader, inside, side)
    }
  }

  private enums(writer: ProtoEnum, reader: ProtoEnum, segments: readonly string[], side: Side): void {
    const [writerValues, readerValues] = [firstByNumber(writer), firstByNumber(reader)]
    const numbers = [...new Set([...writerValues.keys(), ...readerValues.keys()])].sort((a, b) => a - b)
    for (const number of numbers) {
      const [written, read] = [writerValues.get(number), readerValues.get(number)]
      const at = [...segments, String(number)]
      const here = {
        ...side,
        writerPath: written === undefined ? null : joined(side.writerPath ?? '', written.name),
        readerPath: read === undefined ? null : joined(side.readerPath ?? '', read.name),
      }
      if (written === undefined) this.add('ENUM_CONST_ADDED', at, { ...here, names: [read!.name, String(number)] })
      else if (read === undefined) this.add('ENUM_CONST_REMOVED', at, { ...here, names: [written.name, String(number)] })
      else if (written.name !== read.name)
        this.add('ENUM_CONST_CHANGED', at, { ...here, names: [written.name, read.name, String(number)] })
    }
  }

  private messages(writer: ProtoMessage, reader: ProtoMessage, place: Place): void {
    const { segments, writerScope, readerScope } = place
    const written = new Map(fieldsOf(writer).map((entry) => [entry.field.number, entry]))
    const read = new Map(fieldsOf(reader).map((entry) => [entry.field.number, entry]))
    this.exclusions(reader, written, place)
    for (const [name, writerOneof, readerOneof] of paired(writer.oneofs, reader.oneofs)) {
      if (writerOneof !== null && readerOneof !== null) continue
      this.add(writerOneof === null ? 'ONEOF_ADDED' : 'ONEOF_REMOVED', [...segments, name], {
        writerPath: writerOneof === null ? null : joined(writerScope, name),
        readerPath: readerOneof === null ? null : joined(readerScope, name),
        writer,
        reader,
        names: [name],
      })
    }
    // A oneof that goes with all its fields is a deletion, which is allowed as that of fields is.
    const goneWhole = new Set(
      writer.oneofs
        .filter(
          ({ name, fields }) => !reader.oneofs.some((one) => one.name === name) && !fields.some(({ number }) => read.has(number)),
        )
        .map(({ name }) => name),
    )
    for (const number of [...new Set([...written.keys(), ...read.keys()])].sort((a, b) => a - b)) {
      const from = written.get(number)
      const to = read.get(number)
      const oneof = to?.oneof ?? (to === undefined ? from?.oneof : null) ?? null
      const at = [...segments, ...(oneof === null ? [] : [oneof]), String(number)]
      const side = {
        writerPath: from === undefined ? null : joined(writerScope, from.field.name),
        readerPath: to === undefined ? null : joined(readerScope, to.field.name),
        writer: from?.field ?? null,
        reader: to?.field ?? null,
      }
      if (to === undefined) this.removed(from!, goneWhole, at, side)
      else if (from === undefined) {
        if (to.oneof !== null) this.add('ONEOF_FIELD_ADDED', at, side)
        else this.add(to.field.label === 'required' ? 'REQUIRED_FIELD_ADDED' : 'FIELD_ADDED', at, side)
      } else {
        if (from.oneof !== null && to.oneof === null)
          this.add('ONEOF_FIELD_MOVED_TO_TOP_LEVEL', at, { ...side, names: [from.oneof] })
        this.fields(from.field, to.field, at, side, place)
      }
    }
    this.types(writer.types, reader.types, place)
  }

  private removed(
    { field, oneof }: { readonly field: ProtoField; readonly oneof: string | null },
    goneWhole: ReadonlySet<string>,
    at: readonly string[],
    side: Side,
  ): void {
    if (oneof === null) this.add(field.label === 'required' ? 'REQUIRED_FIELD_REMOVED' : 'FIELD_REMOVED', at, side)
    else if (!goneWhole.has(oneof)) this.add('ONEOF_FIELD_REMOVED', at, { ...side, names: [oneof] })
  }

  /** Fields that could be set together before and no longer can: of those that a oneof of the reader unites, only the last is kept. */
  private exclusions(
    reader: ProtoMessage,
    written: ReadonlyMap<number, { readonly field: ProtoField; readonly oneof: string | null }>,
    { segments, readerScope, writerScope }: Place,
  ): void {
    for (const oneof of reader.oneofs) {
      const before = oneof.fields.flatMap(({ number }) => written.get(number) ?? [])
      const movedIn = before.filter(({ oneof: old }) => old === null)
      const groups = new Set(before.map(({ oneof: old, field }) => (old === null ? `field ${field.number}` : `oneof ${old}`)))
      if (groups.size <= 1) continue
      this.add(
        movedIn.length > 1 ? 'MULTIPLE_FIELDS_MOVED_TO_ONEOF' : 'FIELD_MOVED_TO_EXISTING_ONEOF',
        [...segments, oneof.name],
        {
          writerPath: writerScope,
          readerPath: joined(readerScope, oneof.name),
          writer: null,
          reader,
          names: movedIn.length > 0 ? movedIn.map(({ field }) => field.name) : before.map(({ field }) => field.name),
        },
      )
    }
  }

  private fields(writer: ProtoField, reader: ProtoField, at: readonly string[], side: Side, place: Place): void {
    if (writer.name !== reader.name) this.add('FIELD_NAME_CHANGED', at, side)
    const writerScope = joined(packageOf(this.writer.file), place.writerScope)
    const readerScope = joined(packageOf(this.reader.file), place.readerScope)
    this.uses(useOf(this.writer, writer, writerScope), useOf(this.reader, reader, readerScope), at, side)
  }

  private uses(writer: Use, reader: Use, at: readonly string[], side: Side): void {
    if (writer.kind === 'map' && reader.kind === 'map') {
      this.uses(writer.key, reader.key, at, side)
      this.uses(writer.value, reader.value, at, side)
    } else if (writer.kind === 'scalar' && reader.kind === 'scalar') this.scalars(writer, reader, at, side)
    else if (writer.kind === 'message' && reader.kind === 'message') this.named(writer, reader, at, side)
    else this.add('FIELD_KIND_CHANGED', at, side)
  }

  private scalars(writer: ScalarUse, reader: ScalarUse, at: readonly string[], side: Side): void {
    if (writer.scalarKind !== reader.scalarKind) this.add('FIELD_SCALAR_KIND_CHANGED', at, side)
    else if (writer.label !== null && reader.label !== null && writer.label !== reader.label)
      this.add(
        writer.scalarKind === 'STRING_OR_BYTES' ? 'FIELD_STRING_OR_BYTES_LABEL_CHANGED' : 'FIELD_NUMERIC_LABEL_CHANGED',
        at,
        side,
      )
  }

  private named(writer: MessageUse, reader: MessageUse, at: readonly string[], side: Side): void {
    const writerType = writer.entry
    const readerType = reader.entry
    if (writerType === null || readerType === null) {
      if (writer.name !== reader.name) this.add('FIELD_NAMED_TYPE_CHANGED', at, side)
      return
    }
    if (writerType.localName !== readerType.localName) {
      this.add('FIELD_NAMED_TYPE_CHANGED', at, side)
      return
    }
    // Those of this file are compared where they stand.
    if (writerType.path === '' && readerType.path === '') return
    if (writerType.node === readerType.node) return
    if (this.compareImported(writerType, readerType)) this.add('FIELD_NAMED_TYPE_CHANGED', at, side)
  }

  /** true: they differ in a way that breaks. What differs within stands in the list too. */
  private compareImported(writer: TypeEntry, reader: TypeEntry): boolean {
    if (writer.node.kind !== 'message' || reader.node.kind !== 'message') return false
    const key = `${writer.fullName} ${reader.fullName}`
    if (this.compared.has(key)) return false
    this.compared.add(key)
    const before = this.found.length
    const inner = new Comparison(scopedTo(this.writer, writer), scopedTo(this.reader, reader))
    for (const pair of this.compared) inner.compared.add(pair)
    inner.messages(writer.node, reader.node, {
      segments: reader.localName.split('.'),
      writerScope: writer.localName,
      readerScope: reader.localName,
    })
    this.found.push(...inner.found)
    return this.found.slice(before).some((difference) => !isCompatible(difference))
  }
}

/** The same types, seen from the file that a type stands in. */
function scopedTo(schema: ProtobufSchema, { path }: TypeEntry): ProtobufSchema {
  const file = path === '' ? schema.file : schema.imported.get(path)
  return file === undefined ? schema : { ...schema, file }
}

type ScalarUse = { readonly kind: 'scalar'; readonly scalarKind: string; readonly label: FieldLabel | null }
type MessageUse = { readonly kind: 'message'; readonly name: string; readonly entry: TypeEntry | null }
type Use = ScalarUse | MessageUse | { readonly kind: 'map'; readonly key: Use; readonly value: Use }

function useOf(schema: ProtobufSchema, field: ProtoField, scope: string): Use {
  const value = namedUse(schema, field.type.name, scope, field.mapKey === null ? field.label : null)
  return field.mapKey === null ? value : { kind: 'map', key: namedUse(schema, field.mapKey.name, scope, null), value }
}

function namedUse(schema: ProtobufSchema, name: string, scope: string, label: FieldLabel | null): ScalarUse | MessageUse {
  if (isScalar(name)) return { kind: 'scalar', scalarKind: scalarKindOf(name), label }
  const entry = findType(schema.types, name, scope)
  if (entry?.node.kind === 'enum') return { kind: 'scalar', scalarKind: 'GENERAL_NUMBER', label }
  return { kind: 'message', name, entry }
}

/** Of constants with one number, which aliases are, the first. */
function firstByNumber({ values }: ProtoEnum): ReadonlyMap<number, ProtoEnum['values'][number]> {
  return new Map([...values].reverse().map((value) => [value.number, value]))
}

function orderOf<T>(list: readonly T[]): ReadonlyMap<T, number> {
  return new Map(list.map((entry, index) => [entry, index]))
}

/** By name, in the order of the first and then of what only the second has. */
function paired<T extends { readonly name: string }>(
  left: readonly T[],
  right: readonly T[],
): (readonly [string, T | null, T | null])[] {
  const names = new Set([...left, ...right].map(({ name }) => name))
  const byName = (list: readonly T[]): ReadonlyMap<string, T> => new Map(list.map((one) => [one.name, one]))
  const lefts = byName(left)
  const rights = byName(right)
  return Array.from(names, (name) => [name, lefts.get(name) ?? null, rights.get(name) ?? null] as const)
}
