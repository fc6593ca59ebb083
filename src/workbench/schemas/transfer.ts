/**
 * Subjects as one JSON text and back, with versions, ids, levels and modes. What is there already is left as it is; what the registry or
 * the present schemas stand against is refused version by version, with the reason, and everything else goes on.
 */
import * as v from 'valibot'
import { WorkbenchError } from '../../shared/ipc/errors'
import { compatibilityLevels, registryModes } from '../../shared/model/schemas'
import type { ImportMode } from './import-mode'
import type { RegisteredSchema, RegistryClient } from './registry-client'
import type { CatalogSnapshot, VersionName } from './schema-catalog'

const formatName = 'broker-workbench.subjects'

const reference = v.object({ name: v.string(), subject: v.string(), version: v.number() })
const schemaEntry = v.object({
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
  id: v.pipe(v.number(), v.integer(), v.minValue(0)),
  type: v.picklist(['AVRO', 'JSON', 'PROTOBUF']),
  schema: v.string(),
  references: v.optional(v.array(reference), []),
  metadata: v.optional(v.unknown()),
  ruleSet: v.optional(v.unknown()),
  isDeleted: v.optional(v.boolean(), false),
})
const subjectEntry = v.object({
  subject: v.pipe(v.string(), v.minLength(1)),
  level: v.optional(v.nullable(v.picklist(compatibilityLevels)), null),
  mode: v.optional(v.nullable(v.picklist(registryModes)), null),
  versions: v.array(schemaEntry),
})
const exported = v.object({ format: v.literal(formatName), formatVersion: v.literal(1), subjects: v.array(subjectEntry) })

type ExportedSchema = v.InferOutput<typeof schemaEntry>
type ExportedSubject = v.InferOutput<typeof subjectEntry>

export interface ImportResult {
  readonly imported: number
  readonly unchanged: number
  readonly refused: { readonly what: string; readonly reason: string }[]
}

/** null: all subjects. Softly deleted versions go along: their ids are in use by messages. */
export async function exportSubjects(
  client: RegistryClient,
  snapshot: CatalogSnapshot,
  names: readonly string[] | null,
): Promise<string> {
  const subjects: ExportedSubject[] = []
  for (const subject of names ?? snapshot.subjects.keys()) {
    const versions = snapshot.versions(subject)
    if (versions.length === 0)
      throw new WorkbenchError('expected', 'SUBJECT_NOT_FOUND', `There is no subject ${subject}. It may have been deleted.`)
    const [config, mode] = await Promise.all([client.ownConfig(subject), client.ownMode(subject)])
    subjects.push({ subject, level: config?.level ?? null, mode, versions: versions.map(toEntry) })
  }
  return `${JSON.stringify({ format: formatName, formatVersion: 1, subjects }, null, 2)}\n`
}

function toEntry({ version, id, type, text, references, metadata, ruleSet, isDeleted }: RegisteredSchema): ExportedSchema {
  return {
    version,
    id,
    type,
    schema: text,
    references: references.map((each) => ({ ...each })),
    ...(metadata === null ? {} : { metadata }),
    ...(ruleSet === null ? {} : { ruleSet }),
    isDeleted,
  }
}

/** Rejects with INVALID_EXPORT before anything is written where the text is no export of ours. */
export async function importSubjects(
  client: RegistryClient,
  importMode: ImportMode,
  snapshot: CatalogSnapshot,
  text: string,
): Promise<ImportResult> {
  const { subjects } = parseExport(text)
  const run = new ImportRun(client, importMode, snapshot)
  const wanted = inOrderOfReference(subjects).filter((step) => run.isWanted(step))
  for (const steps of bySubject(wanted)) await run.write(steps)
  for (const subject of subjects) await run.finish(subject)
  return run.result
}

function parseExport(text: string): v.InferOutput<typeof exported> {
  const refuse = (why: string) => new WorkbenchError('expected', 'INVALID_EXPORT', `This is no export of subjects: ${why}.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refuse((error as Error).message)
  }
  const parsed = v.safeParse(exported, value)
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  const path = v.getDotPath(issue) ?? 'the text'
  throw refuse(issue.received === 'undefined' ? `it has no ${path}` : `${path}: ${issue.message}`)
}

interface Step {
  readonly subject: string
  readonly schema: ExportedSchema
}

/** What others refer to first; else by subject and version. A circle, which no registry could have exported, is left in its order. */
function inOrderOfReference(subjects: readonly ExportedSubject[]): Step[] {
  const steps = new Map<string, Step>()
  for (const { subject, versions } of subjects)
    for (const schema of [...versions].sort((a, b) => a.version - b.version))
      steps.set(keyOf({ subject, version: schema.version }), { subject, schema })
  const ordered = new Set<Step>()
  const visiting = new Set<Step>()
  const visit = (step: Step): void => {
    if (ordered.has(step) || visiting.has(step)) return
    visiting.add(step)
    for (const to of step.schema.references) {
      const needed = steps.get(keyOf(to))
      if (needed !== undefined) visit(needed)
    }
    ordered.add(step)
  }
  for (const step of steps.values()) visit(step)
  return [...ordered]
}

/** Neighbours of one subject together. */
function bySubject(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (last?.[0]?.subject === step.subject) last.push(step)
    else groups.push([step])
  }
  return groups
}

function keyOf({ subject, version }: VersionName): string {
  return `${version} ${subject}`
}

class ImportRun {
  imported = 0
  unchanged = 0
  private readonly refused: { what: string; reason: string }[] = []
  private readonly toDelete: VersionName[] = []

  constructor(
    private readonly client: RegistryClient,
    private readonly importMode: ImportMode,
    private readonly snapshot: CatalogSnapshot,
  ) {}

  get result(): ImportResult {
    const { imported, unchanged, refused } = this
    return { imported, unchanged, refused }
  }

  /** Whether there is something to write; counts or refuses what there is not. */
  isWanted({ subject, schema: { version, id, schema: text, isDeleted } }: Step): boolean {
    const present = this.snapshot.version({ subject, version })
    if (present === null) return true
    if (present.id !== id || present.text !== text) {
      this.refuse(subject, version, `Its place is taken by another schema, id ${present.id}. Delete that one permanently first.`)
      return false
    }
    if (present.isDeleted !== isDeleted) return true
    this.unchanged++
    return false
  }

  /** Versions of one subject, in their order: its mode is set once for all of them. */
  async write(steps: readonly Step[]): Promise<void> {
    const subject = steps[0]?.subject
    if (subject === undefined) return
    const refused = this.refused.length
    try {
      await this.importMode.within(subject, async () => {
        for (const { schema } of steps) await this.writeVersion(subject, schema)
      })
    } catch (error) {
      // Its mode cannot be set, or not be put back: that is about the subject and not about one version.
      if (this.refused.length === refused) this.refused.push({ what: subject, reason: (error as Error).message })
    }
  }

  private async writeVersion(subject: string, schema: ExportedSchema): Promise<void> {
    const { version, id, type, schema: text, references, metadata, ruleSet } = schema
    const present = this.snapshot.version({ subject, version })
    try {
      if (present === null || present.isDeleted)
        await this.client.register(subject, { type, text, references, metadata, ruleSet, id, version }, false)
      this.imported++
      if (schema.isDeleted) this.toDelete.push({ subject, version })
    } catch (error) {
      this.refuse(subject, version, (error as Error).message)
    }
  }

  /** Level and mode come last: READONLY would keep its own versions out. */
  async finish({ subject, level, mode }: ExportedSubject): Promise<void> {
    const attempt = async (what: string, action: () => Promise<unknown>): Promise<void> => {
      try {
        await action()
      } catch (error) {
        this.refused.push({ what: `${subject}, ${what}`, reason: (error as Error).message })
      }
    }
    for (const name of this.toDelete.filter((each) => each.subject === subject))
      await attempt(`deletion of version ${name.version}`, () => this.client.deleteVersion(subject, name.version, false))
    if (level !== null) await attempt('compatibility level', () => this.client.setLevel(subject, level))
    if (mode !== null) await attempt('mode', () => this.client.setMode(subject, mode, mode === 'IMPORT'))
  }

  private refuse(subject: string, version: number, reason: string): void {
    this.refused.push({ what: `${subject} version ${version}`, reason })
  }
}
