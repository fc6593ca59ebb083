/**
 * What is registered, as it was when it was last read: all versions of all subjects, read in pages before anybody asks and again, behind what
 * is known, when somebody wrote. Our own writes are in it at once. One of it for the whole studio, so that lists, search, references and analyses
 * cost no calls of their own, and a list of thousands is there when it is opened.
 */
import type { ReferenceEdge, SubjectSummary } from '../../shared/model/schemas'
import type { RegisteredSchema, RegistryClient } from './registry-client'

export interface VersionName {
  readonly subject: string
  readonly version: number
}

export class CatalogSnapshot {
  private idIndex: Map<number, RegisteredSchema[]> | null = null
  private referenceIndex: Map<string, RegisteredSchema[]> | null = null
  private list: readonly SubjectSummary[] | null = null

  /** Versions ascending, softly deleted ones included; subjects in the order of their names. */
  private constructor(readonly subjects: ReadonlyMap<string, readonly RegisteredSchema[]>) {}

  /** Pages that were read while somebody wrote may have one twice. */
  static of(schemas: readonly RegisteredSchema[]): CatalogSnapshot {
    const subjects = new Map<string, RegisteredSchema[]>()
    for (const schema of [...schemas].sort(bySubjectAndVersion)) {
      const last = subjects.get(schema.subject)?.at(-1)
      if (last?.version !== schema.version) add(subjects, schema.subject, schema)
    }
    return new CatalogSnapshot(subjects)
  }

  /** The same but for these subjects, each with what it has now. */
  with(changed: ReadonlyMap<string, readonly RegisteredSchema[]>): CatalogSnapshot {
    if (changed.size === 0) return this
    const subjects = new Map(this.subjects)
    let hasNew = false
    for (const [subject, versions] of changed) {
      hasNew ||= !subjects.has(subject)
      if (versions.length === 0) subjects.delete(subject)
      else subjects.set(subject, versions)
    }
    return new CatalogSnapshot(hasNew ? new Map([...subjects].sort(([a], [b]) => (a < b ? -1 : 1))) : subjects)
  }

  /** Of all subjects, those with nothing but deleted versions too. */
  get summaries(): readonly SubjectSummary[] {
    this.list ??= Array.from(this.subjects, ([subject, versions]) => summaryOf(subject, versions))
    return this.list
  }

  versions(subject: string): readonly RegisteredSchema[] {
    return this.subjects.get(subject) ?? []
  }

  version({ subject, version }: VersionName): RegisteredSchema | null {
    return this.versions(subject).find((schema) => schema.version === version) ?? null
  }

  /** The newest that is not deleted. */
  latest(subject: string): RegisteredSchema | null {
    return latestOf(this.versions(subject))
  }

  /** Everywhere that an id stands; ids are counted a context. */
  withId(id: number): readonly RegisteredSchema[] {
    if (this.idIndex === null) {
      this.idIndex = new Map()
      for (const versions of this.subjects.values()) for (const schema of versions) add(this.idIndex, schema.id, schema)
    }
    return this.idIndex.get(id) ?? []
  }

  referringTo(name: VersionName): readonly RegisteredSchema[] {
    if (this.referenceIndex === null) {
      this.referenceIndex = new Map()
      for (const versions of this.subjects.values())
        for (const schema of versions)
          for (const reference of schema.references) add(this.referenceIndex, keyOf(reference), schema)
    }
    return this.referenceIndex.get(keyOf(name)) ?? []
  }

  references(): ReferenceEdge[] {
    const edges: ReferenceEdge[] = []
    for (const versions of this.subjects.values())
      for (const { subject, version, references, isDeleted } of versions)
        if (!isDeleted)
          for (const { name, ...to } of references)
            edges.push({ from: { subject, version }, to: { subject: to.subject, version: to.version }, name })
    return edges
  }
}

export class SchemaCatalog {
  private snapshot: CatalogSnapshot | null = null
  private loading: Promise<CatalogSnapshot> | null = null
  /** Behind the reading under way, which may have begun before what was written. */
  private queued: Promise<CatalogSnapshot> | null = null
  /** What was read of single subjects since the reading under way began, which may not have it. */
  private readonly patches = new Map<string, readonly RegisteredSchema[]>()
  private generation = 0

  constructor(private readonly client: RegistryClient) {}

  /** What is known: nobody waits for more than the first reading. Rejects where that fails, and is read anew by the next caller. */
  async current(): Promise<CatalogSnapshot> {
    return this.snapshot ?? this.loading ?? this.load()
  }

  /** Reads everything anew, since somebody wrote. Callers at the same time share one reading, that begins after they called. */
  refresh(): Promise<CatalogSnapshot> {
    if (this.loading === null) return this.load()
    const next = () => {
      this.queued = null
      return this.load()
    }
    this.queued ??= this.loading.then(next, next)
    return this.queued
  }

  private load(): Promise<CatalogSnapshot> {
    const { generation } = this
    this.patches.clear()
    const loading = this.client
      .schemas()
      .then((schemas) => {
        const read = CatalogSnapshot.of(schemas).with(this.patches)
        if (this.generation === generation) this.snapshot = read
        return read
      })
      .finally(() => {
        if (this.loading === loading) this.loading = null
      })
    this.loading = loading
    return loading
  }

  /** One subject, since we wrote to it: whoever asks after this sees it. */
  async refreshSubject(subject: string): Promise<void> {
    const versions = await this.client.versions(subject)
    this.patches.set(subject, versions)
    if (this.snapshot !== null) this.snapshot = this.snapshot.with(new Map([[subject, versions]]))
  }

  /** Another registry. */
  clear(): void {
    this.generation++
    this.snapshot = null
    this.loading = null
    this.queued = null
    this.patches.clear()
  }
}

export function latestOf(versions: readonly RegisteredSchema[]): RegisteredSchema | null {
  return versions.reduce<RegisteredSchema | null>((last, schema) => (schema.isDeleted ? last : schema), null)
}

function summaryOf(subject: string, versions: readonly RegisteredSchema[]): SubjectSummary {
  const latest = latestOf(versions)
  const shown = latest ?? versions.at(-1)
  const isDeleted = latest === null
  return {
    subject,
    type: shown?.type ?? 'AVRO',
    latestVersion: shown?.version ?? 0,
    latestId: shown?.id ?? 0,
    versionCount: isDeleted ? versions.length : versions.filter((schema) => !schema.isDeleted).length,
    isDeleted,
  }
}

function keyOf({ subject, version }: VersionName): string {
  return `${version} ${subject}`
}

function add<K>(map: Map<K, RegisteredSchema[]>, key: K, schema: RegisteredSchema): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [schema])
  else known.push(schema)
}

function bySubjectAndVersion(a: RegisteredSchema, b: RegisteredSchema): number {
  if (a.subject === b.subject) return a.version - b.version
  return a.subject < b.subject ? -1 : 1
}
