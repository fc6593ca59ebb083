/**
 * The calls of Confluent's registry API that the studio makes, with their answers as plain values. Answers are read with care: fields may
 * be missing (AVRO as schemaType, empty references), others may be there. Caches nothing: schema-catalog.ts and schema-texts.ts do.
 */
import type { CompatibilityPolicy, SchemaReference, SchemaType } from '../../engine/schemas/format'
import { type CompatibilityLevel, compatibilityLevels, type RegistryMode, registryModes } from '../../shared/model/schemas'
import { type RegistryHttp, RegistryRefusal } from './registry-http'

/** A schema's text with what it needs to be read: never changes under an id. */
export interface SchemaText {
  readonly type: SchemaType
  readonly text: string
  readonly references: readonly SchemaReference[]
}

export interface RegisteredSchema extends SchemaText {
  readonly subject: string
  readonly version: number
  readonly id: number
  /** '' where the registry is older than 8.0 and gives none. */
  readonly guid: string
  readonly isDeleted: boolean
  readonly registeredAtMs: number | null
  /** Stored beside the schema and part of its identity; kept as they came. */
  readonly metadata: unknown
  readonly ruleSet: unknown
}

export interface RegistryConfig {
  readonly level: CompatibilityLevel
  readonly policy: CompatibilityPolicy
  readonly normalize: boolean
}

export interface NewSchema extends SchemaText {
  readonly metadata?: unknown
  readonly ruleSet?: unknown
  /** Only in IMPORT mode. */
  readonly id?: number
  readonly version?: number
}

/** The most that one page of GET /schemas may have. */
const pageSize = 1_000

export class RegistryClient {
  constructor(private readonly http: RegistryHttp) {}

  /** Every version of every subject in every context, softly deleted ones included. While one page is read the next is on its way. */
  async schemas(): Promise<RegisteredSchema[]> {
    const all: RegisteredSchema[] = []
    const ask = async (offset: number) =>
      list(await this.http.request('GET', ['schemas'], { subjectPrefix: ':*:', deleted: true, offset, limit: pageSize }))
    let next = ask(0)
    for (let offset = pageSize; ; offset += pageSize) {
      const page = await next
      // Never left alone with its failure: the loop waits for it, or this is the last page.
      if (page.length === pageSize) next = ask(offset)
      for (const schema of page) all.push(toRegistered(schema))
      if (page.length < pageSize) return all
    }
  }

  /** Of those with a live version. */
  async subjectCount(): Promise<number> {
    return list(await this.http.request('GET', ['subjects'])).length
  }

  /** Of one subject, ascending, softly deleted ones included; empty where it has none. */
  async versions(subject: string): Promise<RegisteredSchema[]> {
    const numbers = await orElse(40401, [], async () =>
      list(await this.http.request('GET', ['subjects', subject, 'versions'], { deleted: true })).map(Number),
    )
    return Promise.all(numbers.map((version) => this.version(subject, version)))
  }

  async version(subject: string, version: number | 'latest'): Promise<RegisteredSchema> {
    // The latest is the latest that is not deleted.
    const deleted = version !== 'latest'
    return toRegistered(await this.http.request('GET', ['subjects', subject, 'versions', String(version)], { deleted }))
  }

  async versionIfAny(subject: string, version: number | 'latest'): Promise<RegisteredSchema | null> {
    try {
      return await this.version(subject, version)
    } catch (error) {
      if (error instanceof RegistryRefusal && (error.status === 404 || error.errorCode === 42202)) return null
      throw error
    }
  }

  async schemaById(id: number): Promise<SchemaText> {
    return toText(await this.http.request('GET', ['schemas', 'ids', String(id)]))
  }

  async schemaByGuid(guid: string): Promise<SchemaText> {
    return toText(await this.http.request('GET', ['schemas', 'guids', guid]))
  }

  /** Every live version of every subject that has the schema of an id. */
  async placesOfId(id: number): Promise<{ subject: string; version: number }[]> {
    return list(await this.http.request('GET', ['schemas', 'ids', String(id), 'versions'])).map((each) => {
      const { subject, version } = fields(each)
      return { subject: String(subject), version: Number(version) }
    })
  }

  /** In the default context, else in the first that has it; null where none has. */
  async idOfGuid(guid: string): Promise<number | null> {
    const ids = list(await this.http.request('GET', ['schemas', 'guids', guid, 'ids'])).map(fields)
    const id = (ids.find(({ context }) => context === '.') ?? ids[0])?.['id']
    return typeof id === 'number' ? id : null
  }

  /** The version is null where the registry is older than 8.0 and does not say it. */
  async register(subject: string, schema: NewSchema, normalize: boolean): Promise<{ id: number; version: number | null }> {
    const answer = await this.http.request('POST', ['subjects', subject, 'versions'], { normalize }, requestOf(schema))
    const { id, version } = fields(answer)
    return { id: Number(id), version: typeof version === 'number' ? version : null }
  }

  /** Under which version a subject has this schema, or null. */
  async lookUp(subject: string, schema: NewSchema, normalize: boolean, deleted = false): Promise<RegisteredSchema | null> {
    try {
      return toRegistered(await this.http.request('POST', ['subjects', subject], { normalize, deleted }, requestOf(schema)))
    } catch (error) {
      if (error instanceof RegistryRefusal && [40401, 40403].includes(error.errorCode)) return null
      throw error
    }
  }

  deleteVersion(subject: string, version: number, permanent: boolean): Promise<unknown> {
    return this.http.request('DELETE', ['subjects', subject, 'versions', String(version)], { permanent })
  }

  deleteSubject(subject: string, permanent: boolean): Promise<unknown> {
    return this.http.request('DELETE', ['subjects', subject], { permanent })
  }

  /** null: the global one. A subject without its own answers null. */
  async ownConfig(subject: string | null): Promise<RegistryConfig | null> {
    return orElse(40408, null, async () => toConfig(await this.http.request('GET', scoped('config', subject))))
  }

  /** What holds for a subject: its own, its context's, or the global one. */
  async effectiveConfig(subject: string): Promise<RegistryConfig> {
    return toConfig(await this.http.request('GET', ['config', subject], { defaultToGlobal: true }))
  }

  /** null for `level` takes a subject's own away. */
  async setLevel(subject: string | null, level: CompatibilityLevel | null): Promise<void> {
    if (level !== null) await this.http.request('PUT', scoped('config', subject), {}, { compatibility: level })
    else await orElse(40401, null, () => this.http.request('DELETE', scoped('config', subject)))
  }

  async ownMode(subject: string | null): Promise<RegistryMode | null> {
    return orElse(40409, null, async () => toMode(await this.http.request('GET', scoped('mode', subject))))
  }

  async effectiveMode(subject: string): Promise<RegistryMode> {
    return toMode(await this.http.request('GET', ['mode', subject], { defaultToGlobal: true }))
  }

  /** `force`: also IMPORT where the subject has schemas. */
  async setMode(subject: string | null, mode: RegistryMode | null, force = false): Promise<void> {
    if (mode !== null) await this.http.request('PUT', scoped('mode', subject), { force }, { mode })
    else await orElse(40401, null, () => this.http.request('DELETE', scoped('mode', subject)))
  }
}

async function orElse<T>(errorCode: number, otherwise: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RegistryRefusal && error.errorCode === errorCode) return otherwise
    throw error
  }
}

function scoped(kind: 'config' | 'mode', subject: string | null): string[] {
  return subject === null ? [kind] : [kind, subject]
}

function requestOf({ type, text, references, metadata, ruleSet, id, version }: NewSchema): object {
  return {
    schema: text,
    schemaType: type,
    ...(references.length === 0 ? {} : { references }),
    ...(metadata == null ? {} : { metadata }),
    ...(ruleSet == null ? {} : { ruleSet }),
    ...(id === undefined ? {} : { id }),
    ...(version === undefined ? {} : { version }),
  }
}

// ---- answers

function list(answer: unknown): unknown[] {
  return Array.isArray(answer) ? answer : []
}

function fields(answer: unknown): Record<string, unknown> {
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
}

function toText(answer: unknown): SchemaText {
  const { schemaType, schema, references } = fields(answer)
  return {
    type: schemaType === 'JSON' || schemaType === 'PROTOBUF' ? schemaType : 'AVRO',
    text: typeof schema === 'string' ? schema : '',
    references: list(references).map((each) => {
      const { name, subject, version } = fields(each)
      return { name: String(name), subject: String(subject), version: Number(version) }
    }),
  }
}

function toRegistered(answer: unknown): RegisteredSchema {
  const { subject, version, id, guid, deleted, ts, metadata, ruleSet, ruleset } = fields(answer)
  return {
    ...toText(answer),
    subject: String(subject),
    version: Number(version),
    id: Number(id),
    guid: typeof guid === 'string' ? guid : '',
    isDeleted: deleted === true,
    registeredAtMs: typeof ts === 'number' ? ts : null,
    metadata: metadata ?? null,
    ruleSet: ruleSet ?? ruleset ?? null,
  }
}

function toConfig(answer: unknown): RegistryConfig {
  const { compatibilityLevel, compatibilityPolicy, normalize } = fields(answer)
  return {
    level: compatibilityLevels.find((level) => level === compatibilityLevel) ?? 'BACKWARD',
    policy: compatibilityPolicy === 'LENIENT' ? 'LENIENT' : 'STRICT',
    normalize: normalize === true,
  }
}

function toMode(answer: unknown): RegistryMode {
  const { mode } = fields(answer)
  return registryModes.find((each) => each === mode) ?? 'READWRITE'
}
