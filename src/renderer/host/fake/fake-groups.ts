/**
 * Consumer groups of the fake cluster, and the workbench's own consumers in them: members that come and go share partitions at once, lag follows curves of time,
 * so that an hour of it is there from the start. Refuses what Kafka refuses.
 */
import type { EventName, EventPayloads } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import type {
  ConsumerSpec,
  GroupMember,
  GroupPartition,
  GroupSummary,
  GroupView,
  LagSeries,
  OwnConsumer,
  RebalanceView,
  ResetPlan,
  ResetRow,
} from '../../../shared/model/groups'
import type { FakeCluster } from './fake-cluster'
import type { Handlers } from './fake-host'

type Name = Extract<keyof Handlers, `groups.${string}`>

interface FakeMember {
  readonly memberId: string
  readonly clientId: string
  readonly instanceId: string | null
  readonly consumerId: number | null
  readonly joinedAtMs: number
}

interface FakeGroup {
  readonly groupId: string
  readonly type: 'classic' | 'consumer'
  readonly assignor: string
  readonly topics: readonly string[]
  state: string
  /** Records behind on each partition, about. */
  readonly behind: number
  members: FakeMember[]
  generation: number
  coordinator: number
  problem: string | null
  rebalances: RebalanceView[]
  /** Commits that were reset, by partition key; null: deleted. */
  readonly committed: Map<string, number | null>
  assignment: Map<string, string>
}

interface Own {
  readonly consumerId: number
  readonly spec: ConsumerSpec
  readonly instanceId: string | null
  readonly startedAtMs: number
  state: OwnConsumer['state']
  isPaused: boolean
  processingMs: number
  recordCount: number
  rebalanceCount: number
}

export interface FakeGroupsOptions {
  readonly cluster: FakeCluster
  readonly now: () => number
  readonly emit: <N extends EventName>(name: N, payload: EventPayloads[N]) => void
  readonly kind: 'full' | 'degraded' | 'many' | 'empty'
}

const told = 1_000

export class FakeGroups {
  private readonly groups = new Map<string, FakeGroup>()
  private readonly owns = new Map<number, Own>()
  private nextConsumer = 1
  private nextRebalance = 1
  private toldAtMs = 0

  constructor(private readonly options: FakeGroupsOptions) {
    const { kind } = options
    if (kind === 'empty') return
    if (kind === 'many') {
      const topics = [...options.cluster.topics.keys()]
      for (let number = 1; number <= 300; number++)
        this.seed(
          `service-${String(number).padStart(3, '0')}`,
          'classic',
          'range',
          [topics[number % topics.length] ?? ''],
          number % 4,
          number % 7 === 0 ? 3_000 : 3,
        )
      return
    }
    this.seed('billing', 'classic', 'cooperative-sticky', ['orders', 'payments'], 2, 900)
    this.join('billing', this.member('billing', null))
    this.seed('fraud-check', 'consumer', 'uniform', ['payments'], 2, 52)
    this.seed('orders-projection', 'classic', 'range', ['orders'], 1, 0)
    this.seed('shipping-worker', 'classic', 'range', ['shipments', 'orders'], 2, 130).state = 'PreparingRebalance'
    this.seed('search-indexer', 'classic', 'range', ['inventory.movements'], 0, 29_373)
    this.seed('analytics-export', 'consumer', 'uniform', ['customers'], 1, 1)
    this.seed('dlq-replay', 'classic', 'range', ['carts.abandoned'], 0, 0)
    if (kind === 'degraded') {
      const lost = this.seed('connect-jdbc-sink', 'classic', 'range', ['customers'], 2, 26)
      lost.problem = 'Broker 3 coordinates it and does not answer (no answer within 3000 ms). What is shown is from before.'
    }
  }

  tick(): void {
    for (const own of this.owns.values()) {
      if (own.state === 'joining') {
        own.state = 'stable'
        this.joinOwn(own)
      } else if (own.state === 'stable' && !own.isPaused)
        own.recordCount += own.processingMs === 0 ? 120 : Math.round(250 / own.processingMs)
    }
    const now = this.options.now()
    if (now - this.toldAtMs < told) return
    this.toldAtMs = now
    this.options.emit('groups.changed', this.summaries())
    if (this.owns.size > 0) this.tellConsumers()
  }

  readonly handlers: Pick<Handlers, Name> = {
    'groups.list': () => this.summaries(),
    'groups.view': ({ groupId }) => this.view(groupId),
    'groups.lag': ({ groupId, sinceMs }) => this.lag(groupId, sinceMs),
    'groups.planReset': (request) => this.plan(request),
    'groups.reset': ({ groupId, rows }) => {
      const group = this.emptyGroup(groupId)
      for (const { topic, partition, offset } of rows) group.committed.set(`${topic}/${partition}`, Number(offset))
      return this.changed()
    },
    'groups.deleteOffsets': ({ groupId, partitions }) => {
      const group = this.emptyGroup(groupId)
      for (const { topic, partition } of partitions) group.committed.set(`${topic}/${partition}`, null)
      return this.changed()
    },
    'groups.delete': ({ groupId }) => {
      this.emptyGroup(groupId)
      this.groups.delete(groupId)
      return this.changed()
    },
    'groups.consumers': () => this.consumers(),
    'groups.startConsumers': ({ spec, count }) => {
      const consumerIds = Array.from({ length: count }, () => this.start(spec))
      this.tellConsumers()
      return { consumerIds }
    },
    'groups.stopConsumer': ({ consumerId, how }) => {
      const own = this.own(consumerId)
      own.state = how === 'kill' ? 'killed' : 'stopped'
      if (how === 'leave') this.leave(own)
      return this.changed()
    },
    'groups.pauseConsumer': ({ consumerId, isPaused }) => {
      this.own(consumerId).isPaused = isPaused
      return this.changed()
    },
    'groups.setProcessing': ({ consumerId, processingMs }) => {
      this.own(consumerId).processingMs = processingMs
      return this.changed()
    },
    'groups.restartConsumer': ({ consumerId }) => {
      const { spec } = this.own(consumerId)
      this.owns.delete(consumerId)
      return { consumerId: this.start(spec) }
    },
    'groups.forgetConsumer': ({ consumerId }) => {
      this.owns.delete(consumerId)
      return this.changed()
    },
    'groups.stopConsumers': ({ groupId }) => {
      for (const own of this.owns.values()) {
        if (own.spec.groupId !== groupId || own.state !== 'stable') continue
        own.state = 'stopped'
        this.leave(own)
      }
      return this.changed()
    },
  }

  private changed(): undefined {
    this.options.emit('groups.changed', this.summaries())
    this.tellConsumers()
    return undefined
  }

  private tellConsumers(): void {
    this.options.emit('groups.consumersChanged', this.consumers())
  }

  private own(consumerId: number): Own {
    const own = this.owns.get(consumerId)
    if (!own) throw new WorkbenchError('expected', 'CONSUMER_GONE', `There is no consumer ${consumerId} any more.`)
    return own
  }

  private emptyGroup(groupId: string): FakeGroup {
    const group = this.groups.get(groupId)
    if (!group) throw new WorkbenchError('protocol', 'GROUP_ID_NOT_FOUND', `There is no group ${groupId}.`)
    const refusal = this.refusal(group)
    if (refusal) throw new WorkbenchError('expected', 'GROUP_NOT_EMPTY', refusal)
    return group
  }

  private refusal({ members }: FakeGroup): string | null {
    if (members.length === 0) return null
    const own = members.filter(({ consumerId }) => consumerId !== null).length
    const where =
      own === members.length
        ? 'they run in the workbench.'
        : own === 0
          ? 'they run outside the workbench.'
          : `${own} in the workbench, ${members.length - own} outside it.`
    return `${members.length} members are connected. A group must be empty to be changed. Stop them first: ${where}`
  }

  private seed(
    groupId: string,
    type: FakeGroup['type'],
    assignor: string,
    topics: readonly string[],
    count: number,
    behind: number,
  ): FakeGroup {
    const group: FakeGroup = {
      groupId,
      type,
      assignor,
      topics,
      behind,
      state: count === 0 ? 'Empty' : 'Stable',
      members: [],
      generation: 41,
      coordinator: (groupId.length % Math.max(1, this.options.cluster.brokers.length)) + 1,
      problem: null,
      rebalances: [],
      committed: new Map(),
      assignment: new Map(),
    }
    this.groups.set(groupId, group)
    group.members = Array.from({ length: count }, (_, index) => ({
      ...this.member(groupId, null, index),
      joinedAtMs: this.options.now() - 1_800_000,
    }))
    group.assignment = this.share(group)
    return group
  }

  private member(groupId: string, own: Own | null, index = 2): FakeMember {
    const suffix = ['7f9c', 'a41e', 'd08b', '51c2'][index % 4] ?? '0000'
    const clientId = own === null ? `${groupId}-${suffix}` : `workbench-${own.consumerId}`
    return {
      memberId: `${clientId}-3b0c9a1e-5f27-4c11-9d02-${suffix}00${index}`,
      clientId,
      instanceId: own?.instanceId ?? null,
      consumerId: own?.consumerId ?? null,
      joinedAtMs: this.options.now(),
    }
  }

  private start(spec: ConsumerSpec): number {
    const consumerId = this.nextConsumer++
    if (!this.groups.has(spec.groupId)) this.seed(spec.groupId, spec.protocol, spec.assignor, spec.topics, 0, 40)
    const instanceId = spec.instanceId === null ? null : `${spec.instanceId}-${consumerId}`
    this.owns.set(consumerId, {
      consumerId,
      spec,
      instanceId,
      startedAtMs: this.options.now(),
      state: 'joining',
      isPaused: false,
      processingMs: spec.processingMs,
      recordCount: 0,
      rebalanceCount: 0,
    })
    return consumerId
  }

  private joinOwn(own: Own): void {
    this.join(own.spec.groupId, this.member(own.spec.groupId, own, own.consumerId))
  }

  private join(groupId: string, member: FakeMember): void {
    const group = this.groups.get(groupId)
    if (group) this.rebalance(group, [...group.members, member], `${member.instanceId ?? member.clientId} joined`)
  }

  private leave({ consumerId, spec }: Own): void {
    const group = this.groups.get(spec.groupId)
    if (group)
      this.rebalance(
        group,
        group.members.filter((member) => member.consumerId !== consumerId),
        `workbench-${consumerId} left`,
      )
  }

  private rebalance(group: FakeGroup, members: FakeMember[], why: string): void {
    const before = group.assignment
    group.members = members
    group.assignment = this.share(group)
    group.state = members.length === 0 ? 'Empty' : 'Stable'
    group.generation++
    for (const own of this.owns.values()) if (own.spec.groupId === group.groupId && own.state === 'stable') own.rebalanceCount++
    const moved = [...new Set([...before.keys(), ...group.assignment.keys()])].flatMap((key) => {
      const [topic = '', partition = '0'] = key.split('/')
      const from = before.get(key) ?? null
      const to = group.assignment.get(key) ?? null
      return from === to ? [] : [{ topic, partition: Number(partition), from, to }]
    })
    group.rebalances = [
      {
        id: this.nextRebalance++,
        atMs: this.options.now() - 600,
        isOngoing: false,
        durationMs: 412,
        why,
        generation: group.generation,
        moved,
      },
      ...group.rebalances,
    ]
  }

  /** Of the present ones each keeps what is its share. */
  private share(group: FakeGroup): Map<string, string> {
    const keys = group.topics.flatMap((topic) =>
      (this.options.cluster.topics.get(topic)?.partitions ?? []).map(({ partition }) => `${topic}/${partition}`),
    )
    const next = new Map<string, string>()
    if (group.members.length === 0) return next
    const most = Math.ceil(keys.length / group.members.length)
    const load = new Map(group.members.map(({ memberId }) => [memberId, 0]))
    const give = (key: string, memberId: string): void => {
      next.set(key, memberId)
      load.set(memberId, (load.get(memberId) ?? 0) + 1)
    }
    for (const key of keys) {
      const owner = group.assignment.get(key)
      if (owner !== undefined && load.has(owner) && (load.get(owner) ?? 0) < most) give(key, owner)
    }
    for (const key of keys) {
      if (next.has(key)) continue
      const [least] = [...load].sort((a, b) => a[1] - b[1])[0] ?? ['']
      give(key, least)
    }
    return next
  }

  private lagAt({ groupId, behind }: FakeGroup, topic: string, partition: number, atMs: number): number {
    if (behind === 0) return 0
    const wave = 1 + 0.6 * Math.sin(atMs / 23_000 + partition * 1.7 + groupId.length)
    const peak = topic === 'payments' && partition === 3 ? 6 : 1
    return Math.round(behind * wave * peak)
  }

  private partitions(group: FakeGroup): GroupPartition[] {
    const now = this.options.now()
    return group.topics.flatMap((topic) =>
      (this.options.cluster.topics.get(topic)?.partitions ?? []).map((each): GroupPartition => {
        const { partition, leader, leaderEpoch, logStartOffset, replicas } = each
        const key = `${topic}/${partition}`
        const end = replicas.find(({ brokerId }) => brokerId === leader)?.logEndOffset ?? null
        const reset = group.committed.get(key)
        const high = end ?? replicas[0]?.logEndOffset ?? 0
        const committed = reset === undefined ? Math.max(0, high - this.lagAt(group, topic, partition, now)) : reset
        return {
          topic,
          partition,
          committed: committed === null ? null : String(committed),
          leaderEpoch: committed === null ? null : leaderEpoch,
          metadata: '',
          logStart: String(logStartOffset),
          highWatermark: end === null ? null : String(end),
          lastStableOffset: end === null ? null : String(end),
          lag: end === null || committed === null ? null : end - committed,
          leader,
          isGone: false,
          memberId: group.assignment.get(key) ?? null,
          rate: group.members.length === 0 ? 0 : 64,
          lagHistory: Array.from({ length: 60 }, (_, index) => this.lagAt(group, topic, partition, now - (59 - index) * 1_000)),
        }
      }),
    )
  }

  private summary(group: FakeGroup): GroupSummary {
    const partitions = this.partitions(group)
    const known = partitions.filter(({ lag }) => lag !== null)
    return {
      groupId: group.groupId,
      type: group.type,
      state: group.state,
      protocolType: 'consumer',
      assignor: group.members.length === 0 ? '' : group.assignor,
      memberCount: group.members.length,
      ownMemberCount: group.members.filter(({ consumerId }) => consumerId !== null).length,
      topics: group.topics,
      totalLag: known.length === 0 ? null : known.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
      unknownLagCount: partitions.filter(({ lag, committed }) => lag === null && committed !== null).length,
      coordinator: group.problem === null ? group.coordinator : null,
      problem: group.problem,
      sampledAtMs: this.options.now() - (group.problem === null ? 0 : 8_000),
    }
  }

  private summaries(): GroupSummary[] {
    return [...this.groups.values()].map((group) => this.summary(group)).sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  }

  private view(groupId: string): GroupView | null {
    const group = this.groups.get(groupId)
    if (!group) return null
    const partitions = this.partitions(group)
    const members = group.members.map((member): GroupMember => {
      const own = partitions.filter(({ memberId }) => memberId === member.memberId)
      return {
        ...member,
        host: '127.0.0.1',
        subscription: group.topics,
        assignment: own.map(({ topic, partition }) => ({ topic, partition })),
        target: null,
        epoch: group.type === 'consumer' ? group.generation : null,
        lag: own.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
      }
    })
    return {
      ...this.summary(group),
      generation: group.members.length === 0 ? null : group.generation,
      assignmentEpoch: null,
      members,
      partitions,
      rebalances: group.rebalances,
    }
  }

  private lag(groupId: string, sinceMs: number): LagSeries[] {
    const group = this.groups.get(groupId)
    if (!group) return []
    const now = this.options.now()
    const count = Math.min(2_400, Math.max(2, Math.floor((now - Math.max(sinceMs, now - 3_600_000)) / 1_500)))
    const times = Float64Array.from({ length: count }, (_, index) => now - (count - 1 - index) * 1_500)
    return group.topics.map((topic) => ({
      topic,
      times,
      values: times.map((at) =>
        (this.options.cluster.topics.get(topic)?.partitions ?? []).reduce(
          (sum, { partition }) => sum + this.lagAt(group, topic, partition, at),
          0,
        ),
      ),
    }))
  }

  private plan({ groupId, partitions, target }: Parameters<Handlers['groups.planReset']>[0]): ResetPlan {
    const group = this.groups.get(groupId)
    const known = new Map((group ? this.partitions(group) : []).map((each) => [`${each.topic}/${each.partition}`, each]))
    const rows = partitions.map(({ topic, partition }): ResetRow => {
      const own = known.get(`${topic}/${partition}`)
      const committed = own?.committed ?? null
      const end = own?.highWatermark ?? null
      const row = { topic, partition, committed, leaderEpoch: 4, recordAtMs: null, note: '' }
      if (end === null) return { ...row, next: null, change: null, note: 'no leader answers: left as it is' }
      const last = Number(end)
      const first = Number(own?.logStart ?? 0)
      const wanted =
        target.kind === 'earliest'
          ? first
          : target.kind === 'latest'
            ? last
            : target.kind === 'time'
              ? last - 1_700 - partition * 211
              : target.kind === 'shift'
                ? Number(committed ?? 0) + target.by
                : target.kind === 'offset'
                  ? Number(target.byPartition[`${topic}/${partition}`] ?? target.offset ?? 0)
                  : last - 12
      const next = Math.min(last, Math.max(first, wanted))
      const note = wanted < first ? `the log begins at ${first}` : wanted > last ? `the log ends at ${last}` : ''
      return {
        ...row,
        next: String(next),
        change: committed === null ? null : next - Number(committed),
        recordAtMs: target.kind === 'time' ? target.timestampMs + 14 + partition * 9 : null,
        note,
      }
    })
    const memberCount = group?.members.length ?? 0
    return {
      rows,
      refusal: group ? this.refusal(group) : null,
      memberCount,
      ownMemberCount: group?.members.filter(({ consumerId }) => consumerId !== null).length ?? 0,
    }
  }

  private consumers(): OwnConsumer[] {
    return [...this.owns.values()].map((own) => {
      const group = this.groups.get(own.spec.groupId)
      const member = group?.members.find(({ consumerId }) => consumerId === own.consumerId)
      const partitions =
        group && member && own.state === 'stable'
          ? this.partitions(group).filter(({ memberId }) => memberId === member.memberId)
          : []
      return {
        consumerId: own.consumerId,
        clientId: `workbench-${own.consumerId}`,
        spec: own.spec,
        instanceId: own.instanceId,
        state: own.state,
        isPaused: own.isPaused,
        processingMs: own.processingMs,
        memberId: member?.memberId ?? '',
        generation: group?.generation ?? -1,
        assignment: partitions.map(({ topic, partition, committed }) => ({
          topic,
          partition,
          position: Number(committed),
          committed: Number(committed),
        })),
        recordCount: own.recordCount,
        recordsPerSecond: own.state === 'stable' && !own.isPaused ? (own.processingMs === 0 ? 480 : 1_000 / own.processingMs) : 0,
        rebalanceCount: own.rebalanceCount,
        lastRebalanceMs: own.rebalanceCount === 0 ? null : 412,
        error: null,
        startedAtMs: own.startedAtMs,
      }
    })
  }
}
