/**
 * Texts to parsed schemas: finds what a schema refers to, itself and through others, and has its format parse it. Stored ones are kept
 * parsed while they are in use; nothing is parsed when the topic is read, so a start does not wait for thousands of parsers.
 */
import type { ParseOptions, ReferencedTexts, SchemaFormat, SchemaProblem, SchemaReference, SchemaType } from '../format'
import { formatOf } from '../formats'
import { Kept } from '../kept'
import { invalidSchema } from './errors'
import type { StoredSchema } from './model'
import type { RegistryState } from './state'
import { inContextOf } from './subject-name'

export interface ParsedSchema {
  readonly format: SchemaFormat<unknown>
  readonly schema: unknown
}

export interface SchemaText {
  readonly type: SchemaType
  readonly text: string
  readonly references: readonly SchemaReference[]
}

const keptMax = 2_000
/** Characters of texts, with those of what they refer to. A parsed form takes twenty to thirty bytes for each. */
const keptCharactersMax = 8_000_000
/** Chains of references deeper than this are somebody's mistake, and each is a level of the stack here. */
const referenceDepthMax = 64

export class ParsedSchemas {
  private readonly kept = new Kept<string, ParsedSchema>({ entriesMax: keptMax, weightMax: keptCharactersMax })

  /** `subject`: whose context references without one inherit. Throws 42201 with what is wrong. */
  parse(state: RegistryState, subject: string, given: SchemaText, options: ParseOptions): ParsedSchema {
    const format = formatOf(given.type)
    const result = format.parse(given.text, this.referencedTexts(state, subject, given.references), options)
    if (result.ok) return { format, schema: result.value }
    throw invalidSchema(`Invalid schema of type ${given.type} for subject '${subject}', details: ${inWords(result.error)}`)
  }

  stored(state: RegistryState, stored: StoredSchema): ParsedSchema {
    const texts = stored.references.length === 0 ? null : this.referencedTexts(state, stored.subject, stored.references)
    const key = [stored.type, stored.guid, ...(texts === null ? [] : [...texts].flat())].join('\n')
    const known = this.kept.get(key)
    if (known !== undefined) return known
    const parsed = this.parse(state, stored.subject, stored, { isNew: false })
    this.kept.set(key, parsed, key.length + stored.text.length)
    return parsed
  }

  /** By reference name, a dependency before what needs it. Softly deleted versions still resolve. */
  referencedTexts(state: RegistryState, subject: string, references: readonly SchemaReference[]): ReferencedTexts {
    const texts = new Map<string, string>()
    this.collect(state, subject, references, texts, 0)
    return texts
  }

  private collect(
    state: RegistryState,
    parent: string,
    references: readonly SchemaReference[],
    texts: Map<string, string>,
    depth: number,
  ): void {
    if (depth > referenceDepthMax) throw invalidSchema(`The references of '${parent}' are more than ${referenceDepthMax} deep`)
    for (const reference of references) {
      if (texts.has(reference.name)) continue
      const subject = inContextOf(parent, reference.subject)
      const target = findReferenced(state, subject, reference.version)
      if (target === undefined)
        throw invalidSchema(
          `Invalid schema, details: No schema reference found for subject "${reference.subject}" and version ${reference.version}`,
        )
      this.collect(state, subject, target.references, texts, depth + 1)
      texts.set(reference.name, target.text)
    }
  }
}

/** Version -1 is the latest that is not deleted. */
export function findReferenced(state: RegistryState, subject: string, version: number): StoredSchema | undefined {
  if (version !== -1) return state.version(subject, version)
  return state.versions(subject).findLast((schema) => !schema.isDeleted)
}

function inWords(problems: readonly SchemaProblem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error')
  return errors.map(({ message, path }) => (path === '' ? message : `${message} (at ${path})`)).join('; ')
}
