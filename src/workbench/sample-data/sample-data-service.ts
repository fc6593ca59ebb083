/**
 * The `sampleData.` calls: makes the topics, schemas, history and groups of a small shop, lets it go on, and takes all of it away again. What is
 * there already is left as it is, so asking twice does no more than once. Lives in the clients worker.
 */
import { join } from 'node:path'
import { Admin, type KafkaClient, pause } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { SampleDataView, SampleTopicView } from '../../shared/model/sample-data'
import { loadFaker } from '../producing/template/faker-source'
import { SeededRandom } from '../producing/template/random'
import type { ClientHandlers } from '../rpc'
import type { SchemasService } from '../schemas/schemas-service'
import type { Emit } from '../services'
import { Generator } from './generator'
import { commitBehind, deleteGroup, presentGroups } from './sample-groups'
import { noSampleData, type SampleState, SampleStateFile } from './sample-state'
import { type SampleTopic, sampleGroups, sampleTopics } from './sample-topics'
import { SampleWriter } from './sample-writer'
import { Shop } from './shop'

export interface SampleDataOptions {
  readonly client: KafkaClient
  readonly emit: Emit
  readonly schemas: Pick<SchemasService, 'handlers' | 'encoderFor'>
  readonly directory: string
}

/** The same customers and products each time: what one reads about them here and there goes together. */
const seed = 20_240_601
const historyMs = 6 * 3_600_000
const stepCount = 8_000
/** The shop is quiet in the beginning of the history and busy at its end. */
const quietness = 0.65
const registryTimeoutMs = 30_000
const tellIntervalMs = 250
const keepIntervalMs = 5_000

export class SampleDataService {
  private readonly admin: Admin
  private readonly state: SampleStateFile
  private phase: 'idle' | 'installing' | 'removing' = 'idle'
  private problem: string | null = null
  private done = 0
  private shop: Shop | null = null
  private generator: Generator | null = null
  private working: Promise<unknown> = Promise.resolve()
  private lastToldMs = 0
  private lastKeptMs = 0

  constructor(private readonly options: SampleDataOptions) {
    const { client, directory } = options
    this.admin = new Admin(client)
    this.state = new SampleStateFile(join(directory, 'sample-data.json'), () => client.platform.clock.nowMs())
    const { isRunning, perSecond } = this.state.current.generator
    // It was running when the workbench was closed.
    if (isRunning) void this.alone(() => this.startGenerator(perSecond)).catch((error: unknown) => this.note(error))
  }

  readonly handlers: Pick<ClientHandlers, Extract<keyof ClientHandlers, `sampleData.${string}`>> = {
    'sampleData.view': () => this.view(),
    'sampleData.install': ({ generatorPerSecond }) =>
      this.alone(async () => {
        await this.install()
        if (generatorPerSecond !== null) await this.startGenerator(generatorPerSecond)
        return this.tell()
      }),
    'sampleData.setGenerator': ({ perSecond }) =>
      this.alone(async () => {
        this.stopGenerator()
        if (perSecond !== null) await this.startGenerator(perSecond)
        return this.tell()
      }),
    'sampleData.remove': () =>
      this.alone(async () => {
        await this.remove()
        return this.tell()
      }),
  }

  private async install(): Promise<void> {
    this.phase = 'installing'
    this.problem = null
    this.done = 0
    await this.tell()
    try {
      const wanted = await this.missingTopics()
      if (wanted.length > 0) {
        await this.registerSchemas(wanted)
        // All have an answer before one that failed is told: what was made meanwhile would be nobody's for ever.
        const made = await Promise.allSettled(wanted.map((each) => this.create(each)))
        for (const each of made) if (each.status === 'rejected') throw each.reason
        await this.writeHistory(new Set(wanted.map(({ name }) => name)))
        for (const { name } of wanted) this.state.setTopic(name, { ...this.state.current.topics[name]!, isFilled: true })
      }
      await this.commitGroups()
    } catch (error) {
      this.note(error)
      throw error
    } finally {
      this.phase = 'idle'
      await this.tell()
    }
  }

  /** Those to be made; what a crash left half-way is deleted first. */
  private async missingTopics(): Promise<readonly SampleTopic[]> {
    const { topics } = await this.options.client.refresh()
    const missing: SampleTopic[] = []
    for (const topic of sampleTopics) {
      const known = this.state.current.topics[topic.name]
      const there = topics.get(topic.name)
      if (there !== undefined && (known === undefined || known.topicId !== there.topicId)) continue
      if (there !== undefined && known?.isFilled === true) continue
      if (there !== undefined) await this.admin.deleteTopic(topic.name)
      missing.push(topic)
    }
    return missing
  }

  private async create({ name, partitionCount, replicationFactor, configs }: SampleTopic): Promise<void> {
    const { client } = this.options
    const replicas = Math.min(replicationFactor, client.known?.brokers.size ?? 1)
    const minInSync = configs['min.insync.replicas']
    const fitting =
      minInSync === undefined
        ? configs
        : { ...configs, 'min.insync.replicas': String(Math.max(1, Math.min(Number(minInSync), replicas - 1))) }
    await this.admin.createTopic({ name, partitionCount, replicationFactor: replicas, configs: fitting })
    const topicId = (await client.metadata([name])).topics.get(name)?.topicId
    if (topicId === undefined)
      throw new WorkbenchError('expected', 'TOPIC_NOT_SEEN', `${name} was created, but no broker names it yet. Try again.`)
    this.state.setTopic(name, { topicId, isFilled: false })
  }

  private async registerSchemas(topics: readonly SampleTopic[]): Promise<void> {
    const { clock } = this.options.client.platform
    const deadlineMs = clock.monotonicMs() + registryTimeoutMs
    for (const { name, schema } of topics) {
      if (schema === null) continue
      const subject = `${name}-value`
      const draft = { subject, language: schema.language, text: schema.text, references: [] }
      let before: readonly number[] | null = null
      let attempts = 0
      for (;;) {
        try {
          before ??= await this.versionsOf(subject)
          attempts++
          const registered = await this.options.schemas.handlers['schemas.register']({ draft, normalize: false })
          // One whose answer was lost is found there at the next attempt.
          this.noteSchema(subject, before, { ...registered, isNew: registered.wasRegistered || attempts > 1 })
          break
        } catch (error) {
          // A cluster that has just been started has a registry a moment later.
          const isRefused = error instanceof WorkbenchError && /^(INVALID|INCOMPATIBLE)/.test(error.code)
          if (isRefused || clock.monotonicMs() > deadlineMs) throw error
          await pause(clock, 300)
        }
      }
    }
  }

  /**
   * Only what was not there before is ours to delete: a subject as a whole, or the version that was added to somebody's. What is known of
   * the registry may be a moment old; a version above the first says as well that there was something.
   */
  private noteSchema(
    subject: string,
    before: readonly number[],
    { id, version, isNew }: { readonly id: number; readonly version: number; readonly isNew: boolean },
  ): void {
    const { subjects, versions } = this.state.current
    if (!isNew || subjects.includes(subject) || before.includes(version)) return
    if (before.length === 0 && version === 1) this.state.update({ subjects: [...subjects, subject] })
    else this.state.update({ versions: [...versions, { subject, version, id }] })
  }

  /** Softly deleted ones included; none where there is no such subject. */
  private async versionsOf(subject: string): Promise<readonly number[]> {
    if (!(await this.hasSubject(subject))) return []
    const { versions } = await this.options.schemas.handlers['schemas.subject']({ subject })
    return versions.map(({ version }) => version)
  }

  private async writeHistory(topics: ReadonlySet<string>): Promise<void> {
    const { client, schemas } = this.options
    const { clock } = client.platform
    const shop = await this.newShop()
    const writer = await SampleWriter.open(client, schemas.encoderFor, topics)
    try {
      const untilMs = Math.floor(clock.nowMs())
      const fromMs = untilMs - historyMs
      writer.append(shop.begin(fromMs))
      for (let step = 1; step <= stepCount; step++) {
        writer.append(shop.step(Math.floor(fromMs + historyMs * (step / stepCount) ** quietness)))
        if (step % 100 === 0) await pause(clock, 0)
        await writer.untilRoom()
        this.done = step
        this.maybeTell()
      }
      await writer.finish()
    } finally {
      writer.close()
    }
    this.shop = shop
    this.state.update({ position: shop.position })
  }

  private async newShop(): Promise<Shop> {
    const random = new SeededRandom(seed)
    return new Shop(random, (await loadFaker()).own(random))
  }

  private async commitGroups(): Promise<void> {
    const own = this.ownTopics()
    const wanted = sampleGroups.filter(({ groupId }) => !this.state.current.groups.includes(groupId))
    if (wanted.length === 0) return
    const there = await presentGroups(this.options.client)
    for (const { groupId, topics, behindPerMille } of wanted) {
      const present = topics.filter((topic) => own.has(topic))
      // A group of that name is somebody's: its offsets are neither moved nor deleted.
      if (present.length === 0 || there.has(groupId)) continue
      await commitBehind(this.options.client, groupId, present, behindPerMille)
      this.state.update({ groups: [...this.state.current.groups, groupId] })
    }
  }

  private async startGenerator(perSecond: number): Promise<void> {
    const { client, schemas } = this.options
    await client.refresh()
    const own = this.ownTopics()
    if (own.size === 0)
      throw new WorkbenchError('expected', 'NO_SAMPLE_DATA', 'There is no sample data to go on with. Add it first.')
    const writer = await SampleWriter.open(client, schemas.encoderFor, own)
    if (this.shop === null) {
      this.shop = await this.newShop()
      this.shop.begin(client.platform.clock.nowMs())
      this.shop.resume(this.state.current.position)
    }
    this.generator?.stop()
    this.generator = new Generator(client, this.shop, writer, perSecond, own, new Set(this.state.current.groups), () =>
      this.onTick(),
    )
    this.problem = null
    this.state.update({ generator: { isRunning: true, perSecond } })
  }

  private onTick(): void {
    const nowMs = this.options.client.platform.clock.monotonicMs()
    // Not only when it is stopped: after a crash the same orders would be placed again.
    if (this.shop !== null && nowMs - this.lastKeptMs >= keepIntervalMs) {
      this.lastKeptMs = nowMs
      try {
        this.state.update({ position: this.shop.position })
      } catch (error) {
        this.note(error)
      }
    }
    this.maybeTell()
  }

  private stopGenerator(): void {
    this.generator?.stop()
    this.generator = null
    const position = this.shop?.position ?? this.state.current.position
    this.state.update({ position, generator: { ...this.state.current.generator, isRunning: false } })
  }

  private async remove(): Promise<void> {
    const { client, schemas } = this.options
    this.phase = 'removing'
    this.problem = null
    this.stopGenerator()
    await this.tell()
    const problems: string[] = []
    const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
      try {
        await work()
        return true
      } catch (error) {
        problems.push((error as Error).message)
        return false
      }
    }
    try {
      const { topics } = await client.refresh()
      for (const [name, { topicId }] of Object.entries(this.state.current.topics))
        if (topics.get(name)?.topicId !== topicId || (await attempt(() => this.admin.deleteTopic(name))))
          this.state.setTopic(name, null)
      for (const subject of this.state.current.subjects) {
        const isGone = await attempt(async () => {
          for (const permanent of [false, true]) await schemas.handlers['schemas.deleteSubject']({ subject, permanent })
        })
        if (isGone || !(await this.hasSubject(subject)))
          this.state.update({ subjects: this.state.current.subjects.filter((each) => each !== subject) })
      }
      for (const added of this.state.current.versions) {
        const isGone = await attempt(() => this.removeVersion(added))
        if (isGone) this.state.update({ versions: this.state.current.versions.filter((each) => each !== added) })
      }
      for (const groupId of this.state.current.groups)
        if (await attempt(() => deleteGroup(client, groupId)))
          this.state.update({ groups: this.state.current.groups.filter((each) => each !== groupId) })
      if (problems.length === 0)
        this.state.update({
          ...noSampleData,
          generator: { ...noSampleData.generator, perSecond: this.state.current.generator.perSecond },
        })
      this.shop = null
      if (problems.length > 0) this.problem = `Not all could be removed: ${problems.join(' ')}`
    } catch (error) {
      this.note(error)
      throw error
    } finally {
      this.phase = 'idle'
      await this.tell()
    }
  }

  /** Not where the number is another schema's by now. */
  private async removeVersion({ subject, version, id }: SampleState['versions'][number]): Promise<void> {
    const { handlers } = this.options.schemas
    if (!(await this.hasSubject(subject))) return
    const { versions } = await handlers['schemas.subject']({ subject })
    const there = versions.find((each) => each.version === version)
    if (there?.id !== id) return
    for (const permanent of there.isDeleted ? [true] : [false, true])
      await handlers['schemas.deleteVersion']({ subject, version, permanent })
  }

  private async hasSubject(subject: string): Promise<boolean> {
    const subjects = await this.options.schemas.handlers['schemas.subjects']({ deleted: true })
    return subjects.some((each) => each.subject === subject)
  }

  /** Of the topics that are ours, those that are there. */
  private ownTopics(): ReadonlySet<string> {
    const known = this.options.client.known?.topics
    return new Set(
      Object.entries(this.state.current.topics)
        .filter(([name, { topicId }]) => known?.get(name)?.topicId === topicId)
        .map(([name]) => name),
    )
  }

  private async view(): Promise<SampleDataView> {
    await this.options.client.refresh().catch(() => undefined)
    return this.viewNow()
  }

  private viewNow(): SampleDataView {
    const known = this.options.client.known?.topics
    const { topics, groups, generator } = this.state.current
    const stateOf = (name: string): SampleTopicView['state'] => {
      const ours = topics[name]
      const there = known?.get(name)
      if (there === undefined) return 'absent'
      if (ours?.topicId !== there.topicId) return 'foreign'
      return ours.isFilled ? 'filled' : 'filling'
    }
    const views = sampleTopics.map(
      ({ name, partitionCount, replicationFactor, configs, valueFormat, description }): SampleTopicView => ({
        name,
        partitionCount,
        replicationFactor,
        recordCount: recordCounts[name],
        valueFormat,
        isCompacted: (configs as Readonly<Record<string, string>>)['cleanup.policy'] === 'compact',
        description,
        state: stateOf(name),
      }),
    )
    const isThere = views.some(({ state }) => state === 'filled' || state === 'filling')
    return {
      state: this.phase === 'idle' ? (isThere ? 'installed' : 'absent') : this.phase,
      topics: views,
      groups: isThere ? groups : sampleGroups.map(({ groupId }) => groupId),
      progress: this.phase === 'installing' ? { done: this.done, total: stepCount } : null,
      generator: {
        isRunning: this.generator !== null,
        perSecond: this.generator?.perSecond ?? generator.perSecond,
        sentCount: this.generator?.sentCount ?? 0,
        problem: this.generator?.problem ?? null,
      },
      problem: this.problem ?? this.state.problem,
    }
  }

  private async tell(): Promise<SampleDataView> {
    const view = await this.view()
    this.options.emit('sampleData.changed', view)
    return view
  }

  private maybeTell(): void {
    const nowMs = this.options.client.platform.clock.monotonicMs()
    if (nowMs - this.lastToldMs < tellIntervalMs) return
    this.lastToldMs = nowMs
    this.options.emit('sampleData.changed', this.viewNow())
  }

  private note(error: unknown): void {
    this.problem = (error as Error).message
  }

  /** One thing at a time: adding and removing at once would leave half of it. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.working.then(work, work)
    this.working = mine.catch(() => undefined)
    return mine
  }
}

/** About what the history has; a test holds them near. */
const recordCounts: Readonly<Record<(typeof sampleTopics)[number]['name'], number>> = {
  customers: 710,
  orders: 4_980,
  payments: 1_770,
  shipments: 4_860,
  clickstream: 4_980,
  'shop.log': 2_670,
}
