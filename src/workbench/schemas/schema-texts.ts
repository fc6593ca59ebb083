/**
 * Schemas with everything they refer to, and their parsed forms. Texts under an id never change, so they are kept for good (the oldest used
 * goes); what a reference means is asked of the catalog, since a version may be deleted and given anew.
 */
import type { ReferencedTexts, SchemaProblem } from '../../engine/schemas/format'
import { formatOf } from '../../engine/schemas/formats'
import { Kept } from '../../engine/schemas/kept'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { Result } from '../../shared/lang/result'
import type { RegistryClient, SchemaText } from './registry-client'
import type { SchemaCatalog } from './schema-catalog'

const keptMax = 1_000
/** Of parsed texts: a form takes twenty to thirty bytes for each character. */
const keptCharactersMax = 8_000_000

export interface WholeSchema extends SchemaText {
  readonly referencedTexts: ReferencedTexts
}

export class SchemaTexts {
  private readonly byId = new Kept<string, Promise<WholeSchema>>({ entriesMax: keptMax })
  private readonly parsed = new Kept<string, Result<unknown, readonly SchemaProblem[]>>({
    entriesMax: keptMax,
    weightMax: keptCharactersMax,
  })

  constructor(
    private readonly client: RegistryClient,
    private readonly catalog: SchemaCatalog,
  ) {}

  /** Of the default context. Rejects with the registry's refusal, or where it cannot be reached; is asked again then. */
  ofId(id: number): Promise<WholeSchema> {
    return this.kept(`id ${id}`, () => this.client.schemaById(id))
  }

  ofGuid(guid: string): Promise<WholeSchema> {
    return this.kept(`guid ${guid}`, () => this.client.schemaByGuid(guid))
  }

  async whole(schema: SchemaText): Promise<WholeSchema> {
    return { ...schema, referencedTexts: await this.referencedTexts(schema) }
  }

  /** A stored schema's parsed form: names and defaults are taken as they are. */
  parse({ type, text, referencedTexts }: WholeSchema): Result<unknown, readonly SchemaProblem[]> {
    const key = [type, text, ...referencedTexts.keys(), ...referencedTexts.values()].join('\0')
    const known = this.parsed.get(key)
    if (known !== undefined) return known
    const parsed = formatOf(type).parse(text, referencedTexts, { isNew: false })
    this.parsed.set(key, parsed, key.length)
    return parsed
  }

  /** Another registry, or none: what was kept means nothing any more. */
  clear(): void {
    this.byId.clear()
  }

  private kept(key: string, ask: () => Promise<SchemaText>): Promise<WholeSchema> {
    const known = this.byId.get(key)
    if (known !== undefined) return known
    const asked = ask().then((schema) => this.whole(schema))
    this.byId.set(key, asked)
    asked.catch(() => this.byId.delete(key))
    return asked
  }

  /** By name, a dependency before what needs it. */
  private async referencedTexts({ references }: SchemaText): Promise<ReferencedTexts> {
    const texts = new Map<string, string>()
    if (references.length === 0) return texts
    const snapshot = await this.catalog.current()
    const seen = new Set<string>()
    const visit = async (list: SchemaText['references']): Promise<void> => {
      for (const { name, subject, version } of list) {
        if (seen.has(name)) continue
        seen.add(name)
        // What somebody else has just registered is not in the catalog yet.
        const known = version === -1 ? snapshot.latest(subject) : snapshot.version({ subject, version })
        const found = known ?? (await this.client.versionIfAny(subject, version === -1 ? 'latest' : version))
        if (found === null)
          throw new WorkbenchError(
            'expected',
            'REFERENCE_NOT_FOUND',
            `The reference '${name}' names version ${version === -1 ? 'latest' : version} of subject ${subject}, which is not registered. Register it, or change the reference.`,
          )
        await visit(found.references)
        texts.set(name, found.text)
      }
    }
    await visit(references)
    return texts
  }
}
