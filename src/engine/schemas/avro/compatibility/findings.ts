/** What compatibility finds, before it is put into words: the two places, and all that an explanation or a mend needs. Types only. */
import type { AvroType, EnumType, FixedType, NamedType, RecordField, RecordType } from '../model'

interface FindingBase {
  /** In the reader's own text; where a referenced type is at fault, the place that names it. */
  readonly readerPath: string
  readonly writerPath: string | null
  /** As SchemaCompatibility locates it: along the way from the root, '/' for the root; branches of unions by the writer's index. */
  readonly location: string
  /** Names of the fields on the way, outermost first. */
  readonly trail: readonly string[]
}

export type Finding =
  | (FindingBase & { readonly type: 'NAME_MISMATCH'; readonly reader: NamedType; readonly writer: NamedType })
  | (FindingBase & { readonly type: 'FIXED_SIZE_MISMATCH'; readonly reader: FixedType; readonly writer: FixedType })
  | (FindingBase & {
      readonly type: 'MISSING_ENUM_SYMBOLS'
      readonly reader: EnumType
      readonly writer: EnumType
      /** Sorted, as the registry lists them. */
      readonly symbols: readonly string[]
    })
  | (FindingBase & {
      readonly type: 'READER_FIELD_MISSING_DEFAULT_VALUE'
      readonly reader: RecordType
      readonly writer: RecordType
      readonly field: RecordField
    })
  | (FindingBase & { readonly type: 'TYPE_MISMATCH'; readonly reader: AvroType; readonly writer: AvroType })
  | (FindingBase & {
      readonly type: 'MISSING_UNION_BRANCH'
      readonly reader: AvroType
      /** The branch that nobody reads, or the whole writer where it is no union. */
      readonly writer: AvroType
      /** Why the reader's branch that is meant most likely does not read it; empty where there is none. */
      readonly causes: readonly Finding[]
    })
  | (FindingBase & {
      /** Not Avro's: two fields of the writer answer to one of the reader, which makes SchemaCompatibility throw. */
      readonly type: 'AMBIGUOUS_ALIAS'
      readonly field: RecordField
      readonly candidates: readonly RecordField[]
      readonly writer: RecordType
    })
