/** The services behind the window over a real cluster, with what they emit kept and awaited. Imported by integration tests only. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventName, EventPayloads } from '../../shared/ipc/contract'
import type { ClusterView, PartitionView } from '../../shared/model/cluster'
import type { MessageRow, ReadProgress, ReadRequest } from '../../shared/model/messages'
import type { ProduceProgress, ProduceRequestInput } from '../../shared/model/producing'
import type { RegistryView } from '../../shared/model/schemas'
import type { TopicsDelta } from '../../shared/model/topics'
import { startWorkbench, type Workbench, type WorkbenchServices } from '../index'

const builtWorkers = join(__dirname, '../../../out/main')
const waitTimeoutMs = 20_000

type Payload = EventPayloads[EventName]

export class WorkbenchKit {
  readonly directory = mkdtempSync(join(tmpdir(), 'broker-workbench-services-'))
  readonly problems: string[] = []
  /** What was told of the registry, oldest first. */
  readonly registryViews: RegistryView[] = []
  /** What was told of topics and partitions, oldest first. */
  readonly topicDeltas: TopicsDelta[] = []
  private workbench: Workbench | null = null
  private readonly listeners = new Set<(name: EventName, payload: Payload) => void>()
  private readonly reads = new Map<number, ReadProgress[]>()
  private readonly runs = new Map<number, ProduceProgress[]>()

  get services(): WorkbenchServices {
    if (this.workbench === null) throw new Error('the workbench was not started')
    return this.workbench.services
  }

  /** Does not wait for the cluster, as the window does not. */
  async open(brokerCount = 3): Promise<void> {
    const problem = (message: string) => this.problems.push(message)
    this.workbench = await startWorkbench({
      dataDirectory: this.directory,
      workerDirectory: builtWorkers,
      brokerPorts: [0],
      coordinationPort: 0,
      registryPort: 0,
      brokerCount,
      emit: (name, payload) => this.onEvent(name, payload),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: problem },
    })
  }

  /** Another process over the same folder, as after a restart. */
  async reopen(): Promise<void> {
    await this.workbench?.stop()
    await this.open()
  }

  async dispose(): Promise<void> {
    await this.workbench?.stop()
    rmSync(this.directory, { recursive: true, force: true })
  }

  async createTopic(
    name: string,
    partitionCount: number,
    configs: Record<string, string> = {},
    replicationFactor = 3,
  ): Promise<void> {
    await this.services['topics.create']({ name, partitionCount, replicationFactor, configs })
  }

  /** What a read has told so far, oldest first. */
  readProgress(readId: number): readonly ReadProgress[] {
    return this.reads.get(readId) ?? []
  }

  produceProgress(runId: number): readonly ProduceProgress[] {
    return this.runs.get(runId) ?? []
  }

  async openRead(request: Partial<ReadRequest> & Pick<ReadRequest, 'topic' | 'start'>): Promise<number> {
    return (await this.services['messages.open']({ limit: 100_000, ...mutable(request) })).readId
  }

  untilRead(readId: number, what: string, condition: (progress: ReadProgress) => boolean): Promise<ReadProgress> {
    return this.until(`read ${readId} ${what}`, () => this.readProgress(readId).find(condition))
  }

  /** Reads to the end; answers the last progress and all rows. */
  async read(request: Partial<ReadRequest> & Pick<ReadRequest, 'topic' | 'start'>) {
    const readId = await this.openRead(request)
    const progress = await this.untilRead(readId, 'ends', ({ state }) => state !== 'reading' && state !== 'live')
    return { readId, progress, rows: await this.rows(readId, progress) }
  }

  async rows(readId: number, { droppedCount, rowCount }: Pick<ReadProgress, 'droppedCount' | 'rowCount'>): Promise<MessageRow[]> {
    const rows: MessageRow[] = []
    for (let from = droppedCount; from < rowCount; from += 1_000)
      rows.push(...(await this.services['messages.rows']({ readId, from, count: Math.min(1_000, rowCount - from) })))
    return rows
  }

  async startProduce(input: Partial<ProduceRequestInput> & Pick<ProduceRequestInput, 'topic'>): Promise<number> {
    return (
      await this.services['produce.start']({
        partition: null,
        key: { format: 'null', text: '' },
        value: { format: 'text', text: 'value {{index}}' },
        acks: -1,
        timestamp: null,
        compression: 'none',
        count: 1,
        ...input,
        headers: [...(input.headers ?? [])],
      })
    ).runId
  }

  untilProduced(runId: number): Promise<ProduceProgress> {
    return this.until(`produce ${runId} ends`, () => this.produceProgress(runId).find(({ state }) => state !== 'running'))
  }

  async produce(input: Partial<ProduceRequestInput> & Pick<ProduceRequestInput, 'topic'>): Promise<ProduceProgress> {
    return this.untilProduced(await this.startProduce(input))
  }

  /** Once it answers, which takes brokers that serve. */
  untilRegistry(): Promise<RegistryView> {
    return this.until('the registry serves', async () => {
      const view = await this.services['schemas.registry'](undefined)
      return view.url !== null && view.problem === null ? view : undefined
    })
  }

  view(): Promise<ClusterView> {
    return this.services['cluster.view'](undefined)
  }

  /** Once the view has it with a leader and its ISR whole, which is a moment after it was created. */
  partition(topic: string, partition = 0): Promise<PartitionView> {
    return this.until(`the view has ${topic}-${partition}`, async () =>
      (await this.services['topics.partitions']({ topic })).find(
        (view) => view.partition === partition && view.leader !== null && view.isr.length === view.replicas.length,
      ),
    )
  }

  /** Looks now and at every event, until `condition` answers something. */
  async until<T>(what: string, condition: () => T | undefined | Promise<T | undefined>): Promise<T> {
    let end = (): void => undefined
    try {
      return await new Promise<T>((resolve, reject) => {
        const look = (): void => {
          Promise.resolve(condition()).then((found) => {
            if (found !== undefined) resolve(found)
          }, reject)
        }
        const timer = setTimeout(
          () => reject(new Error(`not within ${waitTimeoutMs} ms: ${what}. ${this.last()}`)),
          waitTimeoutMs,
        )
        this.listeners.add(look)
        end = () => {
          clearTimeout(timer)
          this.listeners.delete(look)
        }
        look()
      })
    } finally {
      end()
    }
  }

  untilWhole(): Promise<true> {
    return this.until('the cluster is whole', async () => {
      const view = await this.view()
      const areUp = view.brokers.every(({ state, isRegistered }) => state === 'running' && isRegistered)
      return (areUp && view.controllerId !== null && view.underReplicatedCount === 0 && view.offlineCount === 0) || undefined
    })
  }

  private onEvent(name: EventName, payload: Payload): void {
    if (name === 'schemas.changed') this.registryViews.push(payload as RegistryView)
    if (name === 'topics.changed') this.topicDeltas.push(payload as TopicsDelta)
    if (name === 'messages.progress') keep(this.reads, (payload as ReadProgress).readId, payload as ReadProgress)
    if (name === 'produce.progress') keep(this.runs, (payload as ProduceProgress).runId, payload as ProduceProgress)
    for (const listener of [...this.listeners]) listener(name, payload)
  }

  private last(): string {
    const lastOf = (map: Map<number, unknown[]>) =>
      [...map.values()].map((list) => JSON.stringify(list[list.length - 1])).slice(-2)
    return [...lastOf(this.reads), ...lastOf(this.runs), ...this.problems].join('\n')
  }
}

function keep<T>(lists: Map<number, T[]>, id: number, item: T): void {
  const list = lists.get(id)
  if (list === undefined) lists.set(id, [item])
  else list.push(item)
}

/** The contract's arguments are plain objects with arrays that may be changed; a request's are not. */
function mutable(request: Partial<ReadRequest> & Pick<ReadRequest, 'topic' | 'start'>) {
  return {
    ...request,
    partitions: request.partitions === undefined || request.partitions === null ? null : [...request.partitions],
  }
}
