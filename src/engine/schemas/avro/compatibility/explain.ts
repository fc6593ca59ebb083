/** A finding in our words, for the people who write the schema: which field, which reader or writer, what happens, and what mends it. Pure. */
import { type AvroType, type NamedType, typeInWords } from '../model'
import type { Finding } from './findings'

export interface Explanation {
  readonly explanation: string
  readonly mend: string | null
}

export function explain(finding: Finding): Explanation {
  const where = finding.trail.join('.')
  switch (finding.type) {
    case 'NAME_MISMATCH': {
      const { reader, writer } = finding
      return {
        explanation: `${inField(where)}The writer calls this ${writer.kind} ${writer.name.fullName}. The reader calls it ${reader.name.fullName} and has no alias for the other name, so it takes the two for different types.`,
        mend: `Name it ${writer.name.name} again, or give the reader's ${reader.name.name} the alias "${writer.name.fullName}".`,
      }
    }
    case 'FIXED_SIZE_MISMATCH': {
      const { reader, writer } = finding
      return {
        explanation: `${inField(where)}The writer's ${writer.name.name} has ${bytes(writer.size)}, the reader's has ${bytes(reader.size)}, so it would take the wrong bytes for it.`,
        mend: `Keep the size of ${writer.size}, or add a new field with a type of another name.`,
      }
    }
    case 'MISSING_ENUM_SYMBOLS': {
      const { symbols, reader } = finding
      const plural = symbols.length > 1
      return {
        explanation: `${inField(where)}The writer has the symbol${plural ? 's' : ''} ${listed(symbols)} in ${reader.name.name}. The reader does not know ${plural ? 'them' : 'it'} and names no enum default, so it cannot decode ${plural ? 'them' : 'it'}.`,
        mend: `Keep ${listed(symbols)} in the reader's schema, or give its enum a default.`,
      }
    }
    case 'READER_FIELD_MISSING_DEFAULT_VALUE': {
      const { field, writer, reader } = finding
      const renamed = renameCandidates(finding)
      const rename = renamed.length > 0 ? ` If it was renamed, give it the alias "${renamed[0]}".` : ''
      return {
        explanation: `The writer's ${writer.name.name} has no field ${field.name}. The reader's ${reader.name.name} has it without a default, so it has nothing to put there.`,
        mend: `Give ${field.name} a default.${rename}`,
      }
    }
    case 'TYPE_MISMATCH': {
      const { reader, writer } = finding
      return {
        explanation: `${where ? `The writer writes ${where} as` : 'The writer writes'} ${withArticle(writer)}, and the reader expects ${withArticle(reader)}, which cannot be read from it.`,
        mend: `Keep ${typeInWords(writer)}, or let the reader take both in a union.`,
      }
    }
    case 'MISSING_UNION_BRANCH': {
      const { reader, writer, causes } = finding
      const first = causes[0]
      if (first) {
        const cause = explain(first)
        return {
          explanation: `${inField(where)}The writer may write ${withArticle(writer)}, and the reader's branch for it does not read it: ${cause.explanation}`,
          mend: cause.mend,
        }
      }
      return {
        explanation: `The writer may write ${withArticle(writer)}${where ? ` in ${where}` : ''}. The reader's ${typeInWords(reader)} has no branch that reads it.`,
        mend: `Keep the branch ${typeInWords(writer)} in the reader's union.`,
      }
    }
    case 'AMBIGUOUS_ALIAS': {
      const { field, candidates } = finding
      return {
        explanation: `The reader's field ${field.name} answers to ${listed(candidates.map((candidate) => candidate.name))} of the writer by its name and aliases. No reader can tell which of them it is to take.`,
        mend: `Take the aliases out of ${field.name} that name fields which the writer has beside it.`,
      }
    }
  }
}

/** Fields of the writer that the reader lacks and whose type the new field could have taken over: likely its old name. */
export function renameCandidates(finding: Extract<Finding, { type: 'READER_FIELD_MISSING_DEFAULT_VALUE' }>): readonly string[] {
  const { reader, writer, field } = finding
  const known = new Set(reader.fields.flatMap((candidate) => [candidate.name, ...candidate.aliases]))
  return writer.fields
    .filter((candidate) => !known.has(candidate.name) && sameShape(candidate.type, field.type))
    .map((candidate) => candidate.name)
}

function sameShape(left: AvroType, right: AvroType): boolean {
  if (left.kind !== right.kind) return false
  if (left.kind === 'union' && right.kind === 'union')
    return (
      left.branches.length === right.branches.length &&
      left.branches.every((branch, index) => sameShape(branch, right.branches[index]!))
    )
  if (left.kind === 'array' && right.kind === 'array') return sameShape(left.items, right.items)
  if (left.kind === 'map' && right.kind === 'map') return sameShape(left.values, right.values)
  return 'name' in left && 'name' in right ? left.name.name === right.name.name : true
}

const inField = (where: string): string => (where ? `In ${where}: ` : '')
const bytes = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`)

function listed(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? ''
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names
  return `${shown.slice(0, -1).join(', ')} and ${shown[shown.length - 1]}`
}

function withArticle(type: AvroType): string {
  if (type.kind === 'null') return 'null'
  if (isNamedType(type)) return `the ${type.kind} ${type.name.name}`
  const words = type.kind === 'union' ? `union of ${type.branches.map(typeInWords).join(', ')}` : typeInWords(type)
  return `${/^[aeio]/.test(words) ? 'an' : 'a'} ${words}`
}

const isNamedType = (type: AvroType): type is NamedType => 'name' in type
