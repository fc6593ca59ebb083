/**
 * Every `schemas.` call of the window. Reads and writes go to a registry over HTTP, so that any will do; what is checked while somebody
 * types is checked here, by the very rules that our registry has. Lives in the clients worker.
 */
import { join } from 'node:path'
import { type KafkaClient, pause } from '../../engine/client'
import { typescriptOf } from '../../engine/schemas/code'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { DraftAnalysis, RegistryView, SchemaDraft, SchemaVersionView } from '../../shared/model/schemas'
import { readNewest } from '../messages/topic-records'
import type { EncoderFor } from '../producing/record-encoder'
import type { ClientHandlers, RegistryAddress } from '../rpc'
import type { Emit } from '../services'
import { changesOf, type GoodDraft, type ParsedVersion, verdictOf } from './analysis'
import { ChangeTeller } from './change-teller'
import { convertDraft, formatText, languageOf, readDraft, readGoodDraft } from './drafts'
import { EffectiveConfigs } from './effective-configs'
import { SchemaEncoders } from './encoders'
import { checkEvolution } from './evolution'
import { ImportMode } from './import-mode'
import { ImportNotes } from './import-notes'
import { inferFromRecords, inferFromText } from './inferring'
import { Newest } from './newest'
import { RecordDecoder } from './record-decoder'
import { type RegisteredSchema, RegistryClient } from './registry-client'
import { RegistryHttp } from './registry-http'
import { restoreVersion } from './restore'
import { messagesIn, sampleOf, samplesOf } from './samples'
import { type CatalogSnapshot, latestOf, SchemaCatalog, type VersionName } from './schema-catalog'
import { SchemaTexts } from './schema-texts'
import { exportSubjects, importSubjects } from './transfer'
import { writing } from './writing'

export type SchemaHandlers = Pick<ClientHandlers, Exclude<Extract<keyof ClientHandlers, `schemas.${string}`>, 'schemas.decode'>>

export class SchemasService {
  private readonly http = new RegistryHttp()
  private readonly client = new RegistryClient(this.http)
  private readonly catalog = new SchemaCatalog(this.client)
  private readonly texts = new SchemaTexts(this.client, this.catalog)
  private readonly configs = new EffectiveConfigs(this.client)
  private readonly analyses = new Newest()
  private readonly encoders = new SchemaEncoders(this.client, this.texts)
  private readonly importMode: ImportMode
  readonly decoder: RecordDecoder
  private readonly telling: ChangeTeller
  private address: RegistryAddress = { url: null, problem: 'The schema registry has not started yet.', revision: 0 }
  /** What was last known of a registry that is down now. */
  private last: Pick<RegistryView, 'level' | 'mode' | 'subjectCount'> = { level: 'BACKWARD', mode: 'READWRITE', subjectCount: 0 }
  /** Our own writes, so that the window's revision moves with each, whatever is heard of the cluster. */
  private writes = 0

  constructor(
    private readonly kafka: KafkaClient,
    private readonly emit: Emit,
    /** Of the workspace, for what has to outlive the app. */
    directory: string,
  ) {
    this.importMode = new ImportMode(this.client, new ImportNotes(join(directory, 'import-modes.json')))
    this.telling = new ChangeTeller(kafka.platform.clock, async () => {
      // What the window reads when it is told has to be there by then.
      if (this.isReadable) await this.catalog.refresh().catch(() => undefined)
      await this.tell()
    })
    this.decoder = new RecordDecoder(this.client, this.texts, (ms) => pause(kafka.platform.clock, ms))
  }

  setRegistry(address: RegistryAddress): void {
    const isOther = address.url !== this.address.url
    if (!isOther && address.problem === this.address.problem && address.revision === this.address.revision) return
    this.address = address
    this.http.setAddress(address.url, address.problem)
    if (isOther) {
      this.texts.clear()
      this.decoder.clear()
      this.catalog.clear()
    }
    this.forget()
    if (this.isReadable) void this.importMode.repair()
    this.telling.tell(isOther || address.problem !== null ? 'now' : 'soon')
  }

  readonly handlers: SchemaHandlers = {
    'schemas.registry': () => this.view(),
    'schemas.subjects': async ({ deleted }) => {
      const { summaries } = await this.catalog.current()
      return deleted ? summaries : summaries.filter(({ isDeleted }) => !isDeleted)
    },
    'schemas.searchTexts': async ({ text }) => {
      const { subjects } = await this.catalog.current()
      const wanted = text.toLowerCase()
      const found: string[] = []
      for (const [subject, versions] of subjects)
        if (latestOf(versions)?.text.toLowerCase().includes(wanted) === true) found.push(subject)
      return found
    },
    'schemas.subject': async ({ subject }) => {
      const [snapshot, level, effective, mode, effectiveMode] = await Promise.all([
        this.catalog.current(),
        this.client.ownConfig(subject),
        this.client.effectiveConfig(subject),
        this.client.ownMode(subject),
        this.client.effectiveMode(subject),
      ])
      return {
        subject,
        versions: snapshot.versions(subject).map((schema) => versionView(schema, snapshot)),
        level: level?.level ?? null,
        effectiveLevel: effective.level,
        mode,
        effectiveMode,
      }
    },
    'schemas.references': async () => (await this.catalog.current()).references(),
    'schemas.byId': async ({ id }) => {
      const snapshot = await this.catalog.current()
      return snapshot.withId(id).map((schema) => versionView(schema, snapshot))
    },
    'schemas.analyse': async ({ draft, sampleSeed }) => this.analyse(draft, sampleSeed),
    'schemas.changes': async ({ older, newer }) => {
      const [from, to] = await Promise.all([this.side(older), this.side(newer)])
      const subject = newer.kind === 'draft' ? newer.draft.subject : newer.version.subject
      const { level } = await this.configs.of(subject)
      return changesOf(from, to, level)
    },
    'schemas.format': ({ language, text }) => ({ text: formatText(language, text) }),
    'schemas.convert': async ({ draft, to }) => ({ text: await convertDraft(draft, to, this.texts) }),
    'schemas.register': async ({ draft, normalize }) => {
      const { type, text, references } = await readGoodDraft(draft, this.texts)
      const schema = { type, text, references }
      const before = await this.client.lookUp(draft.subject, schema, normalize)
      const { id, version } = await this.writing(() => this.client.register(draft.subject, schema, normalize))
      if (before === null) await this.onDidWrite(draft.subject)
      const found = version ?? before?.version ?? (await this.client.lookUp(draft.subject, schema, normalize))?.version
      return { id, version: found ?? 1, wasRegistered: before === null }
    },
    'schemas.evolution': async ({ draft, topic, count }) => {
      const { clock } = this.kafka.platform
      return checkEvolution({
        topic,
        draft: await readGoodDraft(draft, this.texts),
        records: await readNewest(this.kafka, topic, count),
        decoder: this.decoder,
        monotonicMs: () => clock.monotonicMs(),
        breathe: () => pause(clock, 1),
      })
    },
    'schemas.sample': async ({ draft, seed, count, message = null }) => {
      const whole = await readGoodDraft(draft, this.texts)
      return { samples: samplesOf(whole, seed, count, message), messages: messagesIn(whole) }
    },
    'schemas.inferFromTopic': async ({ topic, part, count, language }) =>
      inferFromRecords(await readNewest(this.kafka, topic, count), { topic, part, language }, this.decoder),
    'schemas.inferFromJson': ({ text, name, language }) => inferFromText(text, name, language),
    'schemas.code': async ({ draft }) => {
      const { type, text, referencedTexts } = await readGoodDraft(draft, this.texts)
      return { text: typescriptOf(type, text, referencedTexts) }
    },
    'schemas.setLevel': ({ subject, level }) => this.write(null, () => this.client.setLevel(subject, level)),
    'schemas.setMode': ({ subject, mode }) => this.write(null, () => this.client.setMode(subject, mode)),
    'schemas.deleteVersion': ({ subject, version, permanent }) =>
      this.write(subject, () => this.client.deleteVersion(subject, version, permanent)),
    'schemas.deleteSubject': ({ subject, permanent }) => this.write(subject, () => this.client.deleteSubject(subject, permanent)),
    'schemas.restoreVersion': (name) =>
      this.write(name.subject, async () => restoreVersion(this.client, this.importMode, await this.catalog.current(), name)),
    'schemas.exportSubjects': async ({ subjects }) => ({
      text: await exportSubjects(this.client, await this.catalog.current(), subjects),
    }),
    'schemas.importSubjects': async ({ text }) => {
      try {
        return await importSubjects(this.client, this.importMode, await this.catalog.current(), text)
      } finally {
        await this.catalog.refresh().catch(() => undefined)
        await this.onDidWrite(null)
      }
    },
    'schemas.validate': async ({ subject, version, json }) => ({
      problem: await this.encoders.problemOf(subject, version, json),
    }),
  }

  /** For producing with a schema. */
  readonly encoderFor: EncoderFor = (subject, version) => this.encoders.encoderFor(subject, version)

  private async view(): Promise<RegistryView> {
    const { url, problem } = this.address
    const revision = this.address.revision + this.writes
    // A registry that cannot reach its brokers would answer in half a minute what it says of itself already.
    if (url === null || problem !== null) return { ...this.last, url, problem, revision }
    try {
      const [config, mode, subjectCount] = await Promise.all([
        this.client.ownConfig(null),
        this.client.ownMode(null),
        this.client.subjectCount(),
      ])
      this.last = { level: config?.level ?? 'BACKWARD', mode: mode ?? 'READWRITE', subjectCount }
      return { ...this.last, url, problem, revision }
    } catch (error) {
      return { ...this.last, url: null, problem: (error as Error).message, revision }
    }
  }

  private async analyse(draft: SchemaDraft, sampleSeed: number): Promise<DraftAnalysis> {
    const { clock } = this.kafka.platform
    const isNewest = this.analyses.begin(draft.subject)
    const startedAtMs = clock.monotonicMs()
    const whole = await readDraft(draft, this.texts)
    const { problems, parsed } = whole
    const outline = whole.outline()
    // What is wrong in the text is told without a registry, too.
    if (parsed === null) return { problems, outline, verdict: null, sample: null }
    const [snapshot, config] = await Promise.all([this.catalog.current(), this.configs.of(draft.subject)])
    const all = snapshot.versions(draft.subject)
    const live = await Promise.all(all.filter(({ isDeleted }) => !isDeleted).map((schema) => this.parsedVersion(schema)))
    // Whoever types goes on typing: only the newest text is compared.
    if (!isNewest()) throw new WorkbenchError('cancelled', 'NEWER_DRAFT', 'A newer text of this draft is being looked at.')
    const verdict = verdictOf({ ...whole, parsed }, all, live, config)
    const elapsedMs = clock.monotonicMs() - startedAtMs
    return { problems, outline, verdict: { ...verdict, elapsedMs }, sample: sampleOf(whole, sampleSeed) }
  }

  private async parsedVersion(registered: RegisteredSchema): Promise<ParsedVersion> {
    const { version, type, text } = registered
    const parsed = this.texts.parse(await this.texts.whole(registered))
    return { version, type, text, registered, schema: parsed.ok ? parsed.value : null }
  }

  private async side(
    side: { kind: 'version'; version: VersionName } | { kind: 'draft'; draft: SchemaDraft },
  ): Promise<GoodDraft> {
    return side.kind === 'draft' ? readGoodDraft(side.draft, this.texts) : this.registeredDraft(side.version)
  }

  /** Names and defaults of what is registered are taken as they are. */
  private async registeredDraft(name: VersionName): Promise<GoodDraft> {
    const schema = (await this.catalog.current()).version(name)
    if (schema === null)
      throw new WorkbenchError('expected', 'VERSION_NOT_FOUND', `Subject ${name.subject} has no version ${name.version}.`)
    const { subject, text, type, references } = schema
    const whole = await readDraft({ subject, text, references, language: languageOf[type] }, this.texts)
    if (whole.parsed !== null) return { ...whole, parsed: whole.parsed }
    const stored = this.texts.parse(whole)
    if (stored.ok) return { ...whole, parsed: { schema: stored.value } }
    const what = stored.error[0]?.message ?? 'it is no schema.'
    throw new WorkbenchError('expected', 'INVALID_SCHEMA', `Version ${name.version} cannot be compared: ${what}`)
  }

  /** `subject`: whose versions it changes; null: none's. */
  private async write(subject: string | null, action: () => Promise<unknown>): Promise<undefined> {
    await this.writing(action)
    await this.onDidWrite(subject)
    return undefined
  }

  private writing<T>(action: () => Promise<T>): Promise<T> {
    return writing(this.kafka.platform.clock, () => this.address.problem, action)
  }

  /** Whoever asks after a write of ours sees it; the window is told at once. */
  private async onDidWrite(subject: string | null): Promise<void> {
    this.writes++
    this.forget()
    if (subject !== null) await this.catalog.refreshSubject(subject)
    void this.tell()
  }

  private async tell(): Promise<void> {
    this.emit('schemas.changed', await this.view())
  }

  private get isReadable(): boolean {
    return this.address.url !== null && this.address.problem === null
  }

  /** What a write may have changed and is asked for again. */
  private forget(): void {
    this.configs.clear()
    this.decoder.forget()
  }
}

function versionView(schema: RegisteredSchema, snapshot: CatalogSnapshot): SchemaVersionView {
  const { subject, version, id, guid, type, text, references, isDeleted, registeredAtMs } = schema
  const referencedBy = snapshot
    .referringTo(schema)
    .filter((each) => !each.isDeleted)
    .map((each) => ({ subject: each.subject, version: each.version, id: each.id }))
  return { subject, version, id, guid, type, text, references, isDeleted, registeredAtMs, referencedBy }
}
