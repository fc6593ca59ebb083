/**
 * The tree of a .proto file, with a place for everything. What is read here is what was written: names are not resolved, values not judged;
 * resolution and checks stand beside this folder. Types only.
 */
import type { SourceRange } from '../../format'

interface Named extends SourceRange {
  readonly name: string
  readonly nameRange: SourceRange
  /** The comment before it, or behind it on its line, without its slashes and stars; null where there is none. */
  readonly doc: string | null
}

export type OptionValue =
  | { readonly kind: 'string'; readonly value: string }
  /** As written, with its sign: 1e3, 0x1f, -inf. */
  | { readonly kind: 'number'; readonly text: string }
  /** true, false, a value of an enum. */
  | { readonly kind: 'identifier'; readonly name: string }
  | { readonly kind: 'message'; readonly entries: readonly { readonly name: string; readonly value: OptionValue }[] }
  | { readonly kind: 'list'; readonly items: readonly OptionValue[] }

export interface ProtoOption extends SourceRange {
  /** `(my.option).inner` is two parts, the first an extension. */
  readonly parts: readonly { readonly name: string; readonly isExtension: boolean }[]
  readonly value: OptionValue
  readonly valueRange: SourceRange
}

/** A type where it is used: a scalar's name or a name to be resolved, with a leading dot where it was written with one. */
export interface TypeUse extends SourceRange {
  readonly name: string
}

export type FieldLabel = 'optional' | 'required' | 'repeated'

export interface ProtoField extends Named {
  readonly kind: 'field'
  readonly label: FieldLabel | null
  readonly labelRange: SourceRange | null
  /** Where the type begins: its name, 'map' or 'group'. */
  readonly typeFrom: number
  /** Of a map, of its values. Of a group, its message. */
  readonly type: TypeUse
  readonly mapKey: TypeUse | null
  readonly number: number
  readonly numberRange: SourceRange
  readonly options: readonly ProtoOption[]
  readonly group: ProtoMessage | null
}

export interface ProtoOneof extends Named {
  readonly kind: 'oneof'
  readonly fields: readonly ProtoField[]
  readonly options: readonly ProtoOption[]
}

/** `start` to `end`, both included; `isMax` where `max` was written. */
export interface NumberRange extends SourceRange {
  readonly start: number
  readonly end: number
  /** Written with `to`. */
  readonly isSpan: boolean
  readonly isMax: boolean
}

export interface ProtoReserved extends SourceRange {
  readonly ranges: readonly NumberRange[]
  readonly names: readonly (SourceRange & { readonly name: string })[]
}

export interface ProtoExtensions extends SourceRange {
  readonly ranges: readonly NumberRange[]
  readonly options: readonly ProtoOption[]
}

export interface ProtoMessage extends Named {
  readonly kind: 'message'
  /** Behind the opening brace: where something may be put. */
  readonly bodyFrom: number
  /** In the order of the text, oneofs apart: their fields stand in them. */
  readonly fields: readonly ProtoField[]
  readonly oneofs: readonly ProtoOneof[]
  readonly reserved: readonly ProtoReserved[]
  readonly extensions: readonly ProtoExtensions[]
  readonly options: readonly ProtoOption[]
  readonly types: readonly (ProtoMessage | ProtoEnum)[]
  readonly extends: readonly ProtoExtend[]
}

export interface ProtoEnumValue extends Named {
  readonly kind: 'value'
  readonly number: number
  readonly numberRange: SourceRange
  readonly options: readonly ProtoOption[]
}

export interface ProtoEnum extends Named {
  readonly kind: 'enum'
  readonly bodyFrom: number
  readonly values: readonly ProtoEnumValue[]
  readonly reserved: readonly ProtoReserved[]
  readonly options: readonly ProtoOption[]
}

export interface ProtoExtend extends SourceRange {
  readonly extended: TypeUse
  readonly fields: readonly ProtoField[]
}

export interface ProtoMethod extends Named {
  readonly kind: 'method'
  readonly request: TypeUse
  readonly isRequestStream: boolean
  readonly response: TypeUse
  readonly isResponseStream: boolean
  readonly options: readonly ProtoOption[]
}

export interface ProtoService extends Named {
  readonly kind: 'service'
  readonly methods: readonly ProtoMethod[]
  readonly options: readonly ProtoOption[]
}

export interface ProtoImport extends SourceRange {
  readonly path: string
  readonly pathRange: SourceRange
  readonly modifier: 'public' | 'weak' | null
}

export type ProtoType = ProtoMessage | ProtoEnum

export interface ProtoFile {
  readonly text: string
  /** null: none is written, which means proto2. */
  readonly syntax: (SourceRange & { readonly name: string; readonly nameRange: SourceRange; readonly isEdition: boolean }) | null
  readonly package: (SourceRange & { readonly name: string; readonly nameRange: SourceRange }) | null
  readonly imports: readonly ProtoImport[]
  readonly options: readonly ProtoOption[]
  readonly types: readonly ProtoType[]
  readonly extends: readonly ProtoExtend[]
  readonly services: readonly ProtoService[]
}

export const isProto3 = (file: ProtoFile): boolean => file.syntax?.name === 'proto3'

/** All fields of a message, those of its oneofs with the name of theirs, in the order of the text. */
export function fieldsOf(message: ProtoMessage): readonly { readonly field: ProtoField; readonly oneof: string | null }[] {
  const found = [
    ...message.fields.map((field) => ({ field, oneof: null })),
    ...message.oneofs.flatMap((oneof) => oneof.fields.map((field) => ({ field, oneof: oneof.name }))),
  ]
  return found.sort((a, b) => a.field.from - b.field.from)
}

export const messagesOf = (types: readonly ProtoType[]): readonly ProtoMessage[] =>
  types.filter((type): type is ProtoMessage => type.kind === 'message')
export const enumsOf = (types: readonly ProtoType[]): readonly ProtoEnum[] =>
  types.filter((type): type is ProtoEnum => type.kind === 'enum')
