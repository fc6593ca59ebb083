/**
 * Whether a reader with one schema can read what a writer with another wrote: Apache Avro's SchemaCompatibility (Java, 1.12), which is what the
 * registry asks, with every difference. Names are compared without their namespaces; logical types, docs, orders and attributes do not count.
 * Pure. Differs from Java in three points that change no verdict: a difference that several uses of one type share is told once; a branch of a
 * writer's union under a reader that is none is told at the reader's place, as the recorded cases have it; ambiguous aliases are a difference
 * and not an exception.
 */
import { type AvroType, isNamed, type NamedType, type RecordField, type RecordType } from '../model'
import type { Finding } from './findings'

/** Every reason why `reader` does not read what `writer` wrote; empty: it reads all of it. */
export function compareSchemas(reader: AvroType, writer: AvroType): readonly Finding[] {
  return new Checker().check({ reader, writer, readerPath: '', writerPath: '', location: [], trail: [] })
}

/** A pair of types and the way that led to it. Paths are those of the uses; definitions have their own. */
interface Visit {
  readonly reader: AvroType
  readonly writer: AvroType
  readonly readerPath: string
  readonly writerPath: string
  readonly location: readonly string[]
  readonly trail: readonly string[]
}

const promotions: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
}

class Checker {
  /** By reader, then by writer; null while a pair is being compared: it counts as compatible until it is proven not to be. */
  private readonly memo = new Map<AvroType, Map<AvroType, readonly Finding[] | null>>()

  check(visit: Visit): readonly Finding[] {
    const ofReader = this.memo.get(visit.reader) ?? new Map<AvroType, readonly Finding[] | null>()
    this.memo.set(visit.reader, ofReader)
    const remembered = ofReader.get(visit.writer)
    if (remembered !== undefined) return remembered ?? []
    ofReader.set(visit.writer, null)
    const findings = [...new Set(this.compare(visit))]
    ofReader.set(visit.writer, findings)
    return findings
  }

  private compare(visit: Visit): readonly Finding[] {
    const { reader, writer } = visit
    if (writer.kind === 'union') return this.writerUnion(visit)
    if (reader.kind === 'union') return this.readerUnion(visit)
    if (reader.kind !== writer.kind)
      return promotions[reader.kind]?.includes(writer.kind)
        ? []
        : [{ type: 'TYPE_MISMATCH', reader, writer, ...this.place(visit) }]
    if (reader.kind === 'array' && writer.kind === 'array')
      return this.check(this.inside(visit, reader.items, writer.items, 'items'))
    if (reader.kind === 'map' && writer.kind === 'map')
      return this.check(this.inside(visit, reader.values, writer.values, 'values'))
    if (isNamed(reader) && isNamed(writer)) return this.named(visit, reader, writer)
    return []
  }

  /** Every branch of the writer must be read by the reader, as a whole where it is no union itself. */
  private writerUnion(visit: Visit): readonly Finding[] {
    const { reader, writer } = visit
    if (writer.kind !== 'union') return []
    return writer.branches.flatMap((branch, index): readonly Finding[] => {
      const writerPath = this.step(writer, visit.writerPath, String(index))
      const into: Visit = { ...visit, writer: branch, writerPath }
      if (reader.kind !== 'union') return this.check(into)
      const missing = this.check(into)
      const { location, ...place } = this.place(into, String(index))
      const causes = missing[0]?.type === 'MISSING_UNION_BRANCH' ? missing[0].causes : []
      return missing.length === 0 ? [] : [{ type: 'MISSING_UNION_BRANCH', reader, writer: branch, causes, location, ...place }]
    })
  }

  /** Some branch must read all that the writer writes. */
  private readerUnion(visit: Visit): readonly Finding[] {
    const { reader, writer } = visit
    if (reader.kind !== 'union') return []
    let causes: readonly Finding[] = []
    for (const [index, branch] of reader.branches.entries()) {
      const findings = this.check({ ...visit, reader: branch, readerPath: this.step(reader, visit.readerPath, String(index)) })
      if (findings.length === 0) return []
      if (isMeant(branch, writer)) causes = findings
    }
    return [{ type: 'MISSING_UNION_BRANCH', reader, writer, causes, ...this.place(visit) }]
  }

  private named(visit: Visit, reader: NamedType, writer: NamedType): readonly Finding[] {
    const findings: Finding[] = []
    if (!answersTo(reader, writer))
      findings.push({ type: 'NAME_MISMATCH', reader, writer, ...this.definition(visit, reader, writer, 'name') })
    if (reader.kind === 'fixed' && writer.kind === 'fixed' && reader.size !== writer.size)
      findings.push({ type: 'FIXED_SIZE_MISMATCH', reader, writer, ...this.definition(visit, reader, writer, 'size') })
    if (reader.kind === 'enum' && writer.kind === 'enum') {
      const symbols = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).sort()
      const takesDefault = reader.default !== null && reader.symbols.includes(reader.default)
      if (symbols.length > 0 && !takesDefault)
        findings.push({
          type: 'MISSING_ENUM_SYMBOLS',
          reader,
          writer,
          symbols,
          ...this.definition(visit, reader, writer, 'symbols'),
        })
    }
    if (reader.kind === 'record' && writer.kind === 'record')
      for (const [index, field] of reader.fields.entries()) findings.push(...this.field(visit, reader, writer, field, index))
    return findings
  }

  private field(visit: Visit, reader: RecordType, writer: RecordType, field: RecordField, index: number): readonly Finding[] {
    const candidates = writerFieldsOf(writer, field)
    const readerPath = reader.reference === null ? field.path : visit.readerPath
    const location = [...visit.location, 'fields', String(index)]
    const trail = [...visit.trail, field.name]
    const place = { readerPath, location: pointerOf(location), trail }
    const found = candidates[0]
    if (candidates.length > 1)
      return [
        {
          type: 'AMBIGUOUS_ALIAS',
          field,
          candidates,
          writer,
          writerPath: writer.reference === null ? `${writer.path}/fields` : visit.writerPath,
          ...place,
        },
      ]
    const typePath = reader.reference === null ? `${field.path}/type` : visit.readerPath
    if (found) {
      const writerPath = writer.reference === null ? `${found.path}/type` : visit.writerPath
      return this.check({
        reader: field.type,
        writer: found.type,
        readerPath: typePath,
        writerPath,
        location: [...location, 'type'],
        trail,
      })
    }
    if (field.default) return []
    // Java takes an enum's own default for a reason to compare the enum with the whole record, which never fits.
    if (field.type.kind === 'enum' && field.type.default !== null)
      return this.check({
        reader: field.type,
        writer,
        readerPath: typePath,
        writerPath: visit.writerPath,
        location: [...location, 'type'],
        trail,
      })
    return [{ type: 'READER_FIELD_MISSING_DEFAULT_VALUE', reader, writer, field, writerPath: null, ...place }]
  }

  private inside(visit: Visit, reader: AvroType, writer: AvroType, token: string): Visit {
    return {
      ...visit,
      reader,
      writer,
      readerPath: this.step(visit.reader, visit.readerPath, token),
      writerPath: this.step(visit.writer, visit.writerPath, token),
      location: [...visit.location, token],
    }
  }

  /** Into an array, map or union: the paths of what stands in a referenced text end where that text is named. */
  private step(type: AvroType, path: string, token: string): string {
    return type.reference === null ? `${type.path}/${token}` : path
  }

  private place(visit: Visit, ...more: readonly string[]) {
    const { readerPath, writerPath, trail } = visit
    return { readerPath, writerPath, trail, location: pointerOf([...visit.location, ...more]) }
  }

  private definition(visit: Visit, reader: NamedType, writer: NamedType, token: string) {
    return {
      ...this.place(visit, token),
      readerPath: this.step(reader, visit.readerPath, token),
      writerPath: this.step(writer, visit.writerPath, token),
    }
  }
}

/** Java's schemaNameEquals: equal without namespaces, or the writer's full name is an alias of the reader's. */
export const answersTo = (reader: NamedType, writer: NamedType): boolean =>
  reader.name.name === writer.name.name || reader.aliases.some((alias) => alias.fullName === writer.name.fullName)

/** The writer's fields that a reader's field answers to, by its name and its aliases. More than one is a fault. */
export const writerFieldsOf = (writer: RecordType, field: RecordField): readonly RecordField[] =>
  writer.fields.filter((candidate) => candidate.name === field.name || field.aliases.includes(candidate.name))

/** Of all branches, the one that is meant to read this: of the same kind, and of the same name where kinds have names. */
const isMeant = (branch: AvroType, writer: AvroType): boolean =>
  isNamed(branch) && isNamed(writer) ? branch.kind === writer.kind && answersTo(branch, writer) : branch.kind === writer.kind

const pointerOf = (location: readonly string[]): string => `/${location.join('/')}`
