/**
 * The workbench's own consumers: started in any group, stopped, killed, paused and started again one by one. Those that have ended stay listed until they are
 * forgotten, so that one that was killed can come back under its instance id. Tells of changes four times a second at most.
 */
import { GroupConsumer, type GroupConsumerOptions, type KafkaClient } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ConsumerSpec, OwnConsumer } from '../../shared/model/groups'
import { shortId } from '../ids'

const tellEveryMs = 250
/** Rates are told anew at least so often. */
const rateMs = 1_000
const endedStates: ReadonlySet<string> = new Set(['stopped', 'killed', 'failed'])
const listedMax = 200

interface Entry {
  readonly id: number
  readonly spec: ConsumerSpec
  readonly instanceId: string | null
  readonly consumer: GroupConsumer
  readonly startedAtMs: number
  isPaused: boolean
  processingMs: number
  counted: { atMs: number; records: number }
  recordsPerSecond: number
}

export class OwnConsumers {
  private readonly entries = new Map<number, Entry>()
  private nextId: number
  private isTelling = false
  private ticker: { cancel(): void } | null = null

  constructor(
    private readonly client: KafkaClient,
    private readonly onTold: (consumers: readonly OwnConsumer[]) => void,
    /** Members came, went or were given others partitions. */
    private readonly onMembersChanged: () => void,
    idBase: number,
  ) {
    this.nextId = idBase + 1
  }

  views(): OwnConsumer[] {
    return [...this.entries.values()].map((entry) => ({
      ...entry.consumer.view(),
      consumerId: entry.id,
      clientId: clientIdOf(entry.id),
      spec: entry.spec,
      instanceId: entry.instanceId,
      isPaused: entry.isPaused,
      processingMs: entry.processingMs,
      recordsPerSecond: entry.recordsPerSecond,
      startedAtMs: entry.startedAtMs,
    }))
  }

  /** By member id, of those that live. */
  members(): Map<string, { readonly consumerId: number; readonly generation: number }> {
    return new Map(
      this.views()
        .filter(({ state, memberId }) => !endedStates.has(state) && memberId !== '')
        .map(({ memberId, consumerId, generation }) => [memberId, { consumerId, generation }]),
    )
  }

  start(spec: ConsumerSpec, count: number): number[] {
    return Array.from({ length: count }, () => this.startOne(spec, spec.instanceId === null ? null : this.freeInstanceId(spec)))
  }

  async stop(consumerId: number, how: 'leave' | 'kill'): Promise<void> {
    const { consumer } = this.entry(consumerId)
    if (how === 'kill') consumer.kill()
    else await consumer.stop()
  }

  async stopGroup(groupId: string): Promise<void> {
    await Promise.all(
      [...this.entries.values()].filter(({ spec }) => spec.groupId === groupId).map(({ consumer }) => consumer.stop()),
    )
  }

  pause(consumerId: number, isPaused: boolean): void {
    const entry = this.entry(consumerId)
    entry.isPaused = isPaused
    entry.consumer.setPaused(isPaused)
  }

  setProcessing(consumerId: number, processingMs: number): void {
    const entry = this.entry(consumerId)
    entry.processingMs = processingMs
    entry.consumer.setProcessingMs(processingMs)
    this.tell()
  }

  restart(consumerId: number): number {
    const { spec, instanceId, consumer, processingMs } = this.entry(consumerId)
    if (!endedStates.has(consumer.view().state))
      throw new WorkbenchError('expected', 'CONSUMER_RUNNING', `${clientIdOf(consumerId)} is running.`)
    this.entries.delete(consumerId)
    return this.startOne({ ...spec, processingMs }, instanceId)
  }

  forget(consumerId: number): void {
    if (!endedStates.has(this.entry(consumerId).consumer.view().state))
      throw new WorkbenchError('expected', 'CONSUMER_RUNNING', `${clientIdOf(consumerId)} is running. Stop it first.`)
    this.entries.delete(consumerId)
    this.tell()
  }

  private entry(consumerId: number): Entry {
    const found = this.entries.get(consumerId)
    if (found === undefined)
      throw new WorkbenchError(
        'expected',
        'CONSUMER_GONE',
        `There is no consumer ${consumerId} any more. The clients worker may have been started again.`,
      )
    return found
  }

  private startOne(spec: ConsumerSpec, instanceId: string | null): number {
    const id = this.nextId++
    let lastMembers = ''
    const options: GroupConsumerOptions = {
      client: this.client,
      clientId: clientIdOf(id),
      groupId: spec.groupId,
      topics: spec.topics,
      protocol:
        spec.protocol === 'classic'
          ? {
              type: 'classic',
              assignor: spec.assignor === 'range' || spec.assignor === 'roundrobin' ? spec.assignor : 'cooperative-sticky',
            }
          : { type: 'consumer', serverAssignor: spec.assignor === '' ? null : spec.assignor },
      groupInstanceId: instanceId,
      offsetReset: spec.offsetReset,
      autoCommitIntervalMs: spec.autoCommitIntervalMs,
      sessionTimeoutMs: spec.sessionTimeoutMs,
      processingMs: spec.processingMs,
    }
    const consumer = new GroupConsumer(options, () => {
      const { state, generation, assignment } = consumer.view()
      const members = `${state} ${generation} ${assignment.length}`
      if (members !== lastMembers) this.onMembersChanged()
      lastMembers = members
      this.tell()
    })
    const startedAtMs = this.client.platform.clock.nowMs()
    this.entries.set(id, {
      id,
      spec,
      instanceId,
      consumer,
      startedAtMs,
      isPaused: false,
      processingMs: spec.processingMs,
      counted: { atMs: startedAtMs, records: 0 },
      recordsPerSecond: 0,
    })
    // It says itself how it ends.
    void consumer.run()
    this.dropOldest()
    this.ticker ??= this.client.platform.clock.setTicker(rateMs, () => this.measure())
    this.tell()
    return id
  }

  private freeInstanceId(spec: ConsumerSpec): string {
    const taken = new Set(
      [...this.entries.values()].filter((entry) => entry.spec.groupId === spec.groupId).map((entry) => entry.instanceId),
    )
    for (let number = 1; ; number++) if (!taken.has(`${spec.instanceId}-${number}`)) return `${spec.instanceId}-${number}`
  }

  private dropOldest(): void {
    if (this.entries.size <= listedMax) return
    for (const [id, { consumer }] of this.entries) {
      if (!endedStates.has(consumer.view().state)) continue
      this.entries.delete(id)
      return
    }
  }

  private measure(): void {
    const atMs = this.client.platform.clock.nowMs()
    let isAnyRunning = false
    for (const entry of this.entries.values()) {
      const { recordCount, state } = entry.consumer.view()
      const { counted } = entry
      entry.recordsPerSecond = Math.max(0, ((recordCount - counted.records) * 1_000) / Math.max(1, atMs - counted.atMs))
      entry.counted = { atMs, records: recordCount }
      isAnyRunning ||= !endedStates.has(state)
    }
    this.tell()
    if (isAnyRunning) return
    this.ticker?.cancel()
    this.ticker = null
  }

  private tell(): void {
    if (this.isTelling) return
    this.isTelling = true
    this.client.platform.clock.setTimer(tellEveryMs, () => {
      this.isTelling = false
      this.onTold(this.views())
    })
  }
}

function clientIdOf(id: number): string {
  return `workbench-${shortId(id)}`
}
