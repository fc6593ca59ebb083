/**
 * What is registered, as it was when it was last asked for: all versions of all subjects, read in pages and kept until something was
 * written. One of it for the whole studio, so that lists, search, references and analyses cost no calls of their own.
 */
import type { ReferenceEdge } from '../../shared/model/schemas'
import type { RegisteredSchema, RegistryClient } from './registry-client'

export interface VersionName {
  readonly subject: string
  readonly version: number
}

export class CatalogSnapshot {
  /** Ascending by version, softly deleted ones included; subjects in the order of their names. */
  readonly subjects: ReadonlyMap<string, readonly RegisteredSchema[]>
  private readonly byId = new Map<number, RegisteredSchema[]>()
  private readonly referring = new Map<string, RegisteredSchema[]>()

  constructor(schemas: readonly RegisteredSchema[]) {
    const subjects = new Map<string, RegisteredSchema[]>()
    for (const schema of [...schemas].sort(bySubjectAndVersion)) {
      add(subjects, schema.subject, schema)
      add(this.byId, schema.id, schema)
      for (const reference of schema.references) add(this.referring, keyOf(reference), schema)
    }
    this.subjects = subjects
  }

  versions(subject: string): readonly RegisteredSchema[] {
    return this.subjects.get(subject) ?? []
  }

  version({ subject, version }: VersionName): RegisteredSchema | null {
    return this.versions(subject).find((schema) => schema.version === version) ?? null
  }

  /** The newest that is not deleted. */
  latest(subject: string): RegisteredSchema | null {
    return this.versions(subject).reduce<RegisteredSchema | null>((last, schema) => (schema.isDeleted ? last : schema), null)
  }

  /** Everywhere that an id stands; ids are counted a context. */
  withId(id: number): readonly RegisteredSchema[] {
    return this.byId.get(id) ?? []
  }

  referringTo(name: VersionName): readonly RegisteredSchema[] {
    return this.referring.get(keyOf(name)) ?? []
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
  private loading: Promise<CatalogSnapshot> | null = null

  constructor(private readonly client: RegistryClient) {}

  /** Callers at the same time share one reading. Rejects where the registry cannot be reached, and is read anew by the next caller. */
  current(): Promise<CatalogSnapshot> {
    if (this.loading !== null) return this.loading
    const loading = this.client.schemas().then((schemas) => new CatalogSnapshot(schemas))
    this.loading = loading
    loading.catch(() => {
      if (this.loading === loading) this.loading = null
    })
    return loading
  }

  /** Something was written: whoever asks from now on sees it. */
  invalidate(): void {
    this.loading = null
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
