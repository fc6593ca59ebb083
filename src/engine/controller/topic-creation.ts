/**
 * New topics and more partitions: validated, placed, written and announced in one event, so that two requests for the same name cannot both
 * succeed. The caller's answer waits until the brokers know; the event queue does not.
 */
import { ErrorCode } from '../wire/errors'
import { ZERO_UUID } from '../wire/uuid'
import { newUuid } from './cluster-identity'
import { failureName, type MultiOp } from './coordination-port'
import { continueFrom, drawStart, placeReplicas } from './placement'
import { isBeingReassigned } from './reassignment'
import { type Announcement, type ControllerScope, NOTHING_ANNOUNCED } from './scope'
import { configNotification } from './topic-configs'
import {
  type ManualAssignment,
  type Refusal,
  validateAddedCount,
  validateCounts,
  validateManualAssignment,
  validateMorePartitions,
  validateTopicIsNew,
  validateTopicName,
} from './topic-validation'
import type { Topics } from './topics'
import { assignmentOf, type ReplicaAssignment } from './types'
import { encodeConfigs, encodeTopic, type TopicConfigs, topicConfigPath, topicPath } from './znodes'

export interface NewTopic {
  readonly name: string
  /** -1: the configured default, or by `assignments`. */
  readonly partitionCount: number
  readonly replicationFactor: number
  /** Placed by hand; null or empty: placed by us. */
  readonly assignments?: readonly ManualAssignment[] | null
  readonly configs?: TopicConfigs
}

export interface CreateTopicResult {
  readonly name: string
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
  readonly topicId: string
  readonly partitionCount: number
  readonly replicationFactor: number
}

export interface MorePartitions {
  readonly topic: string
  readonly totalCount: number
  /** The replicas of each partition that is added; null: placed by us. */
  readonly assignments?: readonly (readonly number[])[] | null
}

export interface CreatePartitionsResult {
  readonly topic: string
  readonly errorCode: ErrorCode
  readonly errorMessage: string | null
}

/** What the handler has decided, and when all brokers know it. */
export interface Announced<T> extends Announcement {
  readonly results: readonly T[]
}

interface PlacedTopic {
  readonly name: string
  readonly topicId: string
  readonly assignments: ReadonlyMap<number, ReplicaAssignment>
  readonly configs: TopicConfigs
}

export class TopicCreation {
  constructor(
    private readonly scope: ControllerScope,
    private readonly topics: Topics,
  ) {}

  async createTopics(specs: readonly NewTopic[], validateOnly: boolean): Promise<Announced<CreateTopicResult>> {
    // Placed one after the other, for a name may collide with one before it; written and read back all at once.
    const placed: (PlacedTopic | Refusal)[] = []
    const names = new Map<string, unknown>(this.scope.context.topics)
    let placedCount = 0
    for (const spec of specs) {
      const outcome = this.place(spec, specs, names, placedCount)
      if (!('errorCode' in outcome)) {
        names.set(spec.name, outcome)
        placedCount += outcome.assignments.size
      }
      placed.push(outcome)
    }
    const refusals = await Promise.all(
      placed.map((outcome) => ('errorCode' in outcome ? outcome : validateOnly ? null : this.write(outcome))),
    )
    const results = specs.map(({ name }, index) => resultOf(name, placed[index]!, refusals[index] ?? null))
    const written = validateOnly ? [] : results.filter(({ errorCode }) => errorCode === ErrorCode.NONE)
    // With a watch, so that partitions that an outside writer adds are seen.
    const created = (await Promise.all(written.map(({ name }) => this.topics.load(name)))).filter((topic) => topic !== null)
    const { announced } = created.length === 0 ? NOTHING_ANNOUNCED : await this.topics.bringOnline(created)
    return { results, announced }
  }

  async createPartitions(specs: readonly MorePartitions[], validateOnly: boolean): Promise<Announced<CreatePartitionsResult>> {
    const results: CreatePartitionsResult[] = []
    const announced: Promise<void>[] = []
    for (const spec of specs) {
      const refusal = await this.addPartitions(spec, validateOnly, announced)
      results.push({ topic: spec.topic, errorCode: refusal?.errorCode ?? ErrorCode.NONE, errorMessage: refusal?.message ?? null })
    }
    return { results, announced: Promise.all(announced).then(() => undefined) }
  }

  private place(
    spec: NewTopic,
    all: readonly NewTopic[],
    existing: ReadonlyMap<string, unknown>,
    placedBefore: number,
  ): PlacedTopic | Refusal {
    const { context, config, random } = this.scope
    const { name, configs = {} } = spec
    if (all.filter((other) => other.name === name).length > 1) {
      return {
        errorCode: ErrorCode.INVALID_REQUEST,
        message: `Create topics request from client contains multiple entries for the topic '${name}'.`,
      }
    }
    if (context.deleting.has(name))
      return { errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, message: `Topic '${name}' is marked for deletion.` }
    const manual = spec.assignments ?? []
    if (manual.length > 0 && (spec.partitionCount !== -1 || spec.replicationFactor !== -1)) {
      return {
        errorCode: ErrorCode.INVALID_REQUEST,
        message:
          'Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.',
      }
    }
    const liveBrokers = context.liveBrokerIds()
    const partitionCount = spec.partitionCount === -1 ? config.defaultPartitionCount : spec.partitionCount
    const replicationFactor = spec.replicationFactor === -1 ? config.defaultReplicationFactor : spec.replicationFactor
    const refusal =
      validateTopicName(name) ??
      validateTopicIsNew(name, existing) ??
      (manual.length > 0
        ? validateManualAssignment(manual, liveBrokers)
        : validateCounts(partitionCount, replicationFactor, liveBrokers.size)) ??
      validateAddedCount(placedBefore + (manual.length > 0 ? manual.length : partitionCount)) ??
      this.validateConfigs(configs)
    if (refusal !== null) return refusal
    const lists =
      manual.length > 0
        ? [...manual].sort((a, b) => a.partition - b.partition).map(({ brokerIds }) => brokerIds)
        : placeReplicas({
            brokers: this.liveBrokers(),
            partitionCount,
            replicationFactor,
            start: drawStart(random, liveBrokers.size),
          })
    const assignments = new Map(lists.map((replicas, partition) => [partition, assignmentOf(replicas)]))
    return { name, topicId: newUuid(random), assignments, configs }
  }

  private validateConfigs(configs: TopicConfigs): Refusal | null {
    const problem = this.scope.topicConfigRules.validate(configs)
    return problem === null ? null : { errorCode: ErrorCode.INVALID_CONFIG, message: problem }
  }

  /** Null where it is there now; a refusal where somebody else was first. */
  private async write({ name, topicId, assignments, configs }: PlacedTopic): Promise<Refusal | null> {
    const { store } = this.scope
    const create: MultiOp = { type: 'create', path: topicPath(name), data: encodeTopic(topicId, assignments) }
    for (;;) {
      const configStat = await store.coordination.exists(topicConfigPath(name))
      const hasConfigs = Object.keys(configs).length > 0 || configStat !== null
      const path = topicConfigPath(name)
      const data = encodeConfigs(configs)
      const writeConfig: MultiOp =
        configStat === null ? { type: 'create', path, data } : { type: 'setData', path, data, version: configStat.version }
      try {
        await store.multi([...(hasConfigs ? [writeConfig, configNotification(`topics/${name}`)] : []), create])
        return null
      } catch (error) {
        if (!['NODEEXISTS', 'BADVERSION', 'NONODE'].includes(failureName(error) ?? '')) throw error
        const actual = await this.topics.read(name)
        // Our own write, whose answer was lost.
        if (actual?.topicId === topicId) return null
        if (actual !== null) return { errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, message: `Topic '${name}' already exists.` }
      }
    }
  }

  private async addPartitions(spec: MorePartitions, validateOnly: boolean, announced: Promise<void>[]): Promise<Refusal | null> {
    const { context, store } = this.scope
    for (;;) {
      const topic = context.deleting.has(spec.topic) ? undefined : context.topics.get(spec.topic)
      const first = topic?.partitions.get(0)?.assignment
      if (topic === undefined || first === undefined) {
        return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: `The topic '${spec.topic}' does not exist.` }
      }
      if ([...topic.partitions.values()].some(({ assignment }) => isBeingReassigned(assignment))) {
        const message = `A partition reassignment is in progress for the topic '${spec.topic}'.`
        return { errorCode: ErrorCode.REASSIGNMENT_IN_PROGRESS, message }
      }
      const manual = spec.assignments ?? null
      const from = topic.partitions.size
      const refusal = validateMorePartitions(
        spec.topic,
        from,
        spec.totalCount,
        first.replicas.length,
        manual,
        context.liveBrokerIds(),
      )
      if (refusal !== null || validateOnly) return refusal
      const brokers = this.liveBrokers()
      const added =
        manual ??
        placeReplicas({
          brokers,
          partitionCount: spec.totalCount - from,
          replicationFactor: first.replicas.length,
          start: continueFrom(brokers, first.replicas[0] ?? 0),
          firstPartition: from,
        })
      const assignments = new Map([...topic.partitions.values()].map(({ partition, assignment }) => [partition, assignment]))
      for (const [index, replicas] of added.entries()) assignments.set(from + index, assignmentOf(replicas))
      const data = encodeTopic(topic.topicId, assignments)
      try {
        await store.multi([{ type: 'setData', path: topicPath(topic.name), data, version: topic.znodeVersion }])
      } catch (error) {
        if (!['BADVERSION', 'NONODE'].includes(failureName(error) ?? '')) throw error
        // An outside writer, or our own write whose answer was lost. Either way what is there is taken over, and asked again of.
        announced.push((await this.topics.onTopicModified(spec.topic)).announced)
        if (context.topics.get(spec.topic)?.partitions.size === spec.totalCount) return null
        if (failureName(error) === 'NONODE') context.removeTopic(spec.topic)
        continue
      }
      announced.push((await this.topics.onTopicModified(spec.topic)).announced)
      return null
    }
  }

  /** Racks count only where every live broker has one; placement sees to that. */
  private liveBrokers() {
    return [...this.scope.context.brokers.values()].filter(({ id }) => !this.scope.context.shuttingDown.has(id))
  }
}

function resultOf(name: string, placed: PlacedTopic | Refusal, refusal: Refusal | null): CreateTopicResult {
  if (refusal !== null || 'errorCode' in placed) {
    const { errorCode, message } = refusal ?? (placed as Refusal)
    return { name, errorCode, errorMessage: message, topicId: ZERO_UUID, partitionCount: -1, replicationFactor: -1 }
  }
  return {
    name,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    topicId: placed.topicId,
    partitionCount: placed.assignments.size,
    replicationFactor: placed.assignments.get(0)?.replicas.length ?? -1,
  }
}
