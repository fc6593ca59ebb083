/**
 * Topics as their znodes have them: read at the start of a term, and again when a watch says that topics came or went, or that one got more
 * partitions, by our own hand or by an outside writer's. Brings what is new online.
 */
import { newUuid } from './cluster-identity'
import type { PartitionContext, TopicContext } from './controller-context'
import { failureName } from './coordination-port'
import { type Announcement, type ControllerScope, NOTHING_ANNOUNCED } from './scope'
import type { TopicDeletion } from './topic-deletion'
import { decodeTopic, encodeTopic, TOPICS, type TopicZnode, topicPath } from './znodes'

export class Topics {
  constructor(
    private readonly scope: ControllerScope,
    private readonly deletion: TopicDeletion,
  ) {}

  /** The names of all topics. Sets the watch for the next change first. */
  readNames(): Promise<string[]> {
    const { store, queue } = this.scope
    return store.coordination.getChildren(TOPICS, () => queue.post('topics-changed', () => this.onTopicsChanged()))
  }

  /** All topics and the states of all their partitions, at the start of a term. */
  async loadAll(): Promise<void> {
    const names = await this.readNames()
    await Promise.all(names.map((name) => this.load(name)))
  }

  /** One topic into the context, with the states that it has already. Null where it is none. */
  async load(name: string): Promise<TopicContext | null> {
    const found = await this.readIdentified(name)
    if (found === null) return null
    const topic = this.scope.context.topics.get(name) ?? this.scope.context.addTopic(name, found.topicId, found.version)
    topic.znodeVersion = found.version
    await this.loadStates(this.addNewPartitions(topic, found))
    return topic
  }

  /** The topic's znode as it is; null where there is none, or none that makes sense. */
  async read(name: string): Promise<(TopicZnode & { readonly version: number }) | null> {
    const { store, queue, logger } = this.scope
    const watcher = () => queue.post(`topic-modified/${name}`, () => this.onTopicModified(name).then(() => undefined))
    const found = await store.coordination.getData(topicPath(name), watcher)
    if (found === null) return null
    const topic = decodeTopic(found.data)
    if (topic === null) logger.warn('The znode of a topic makes no sense and is passed over', { topic: name })
    return topic === null ? null : { ...topic, version: found.stat.version }
  }

  /** First states and leaders for what has none, announced to all brokers. */
  async bringOnline(topics: readonly TopicContext[]): Promise<Announcement> {
    const batch = this.scope.newBatch()
    await this.scope.initialisePartitions(
      topics.flatMap(({ partitions }) => [...partitions.values()]),
      batch,
    )
    const announced = this.scope.dispatch(batch)
    for (const { name, topicId, partitions } of topics) {
      const replicationFactor = partitions.get(0)?.assignment.replicas.length ?? 0
      this.scope.emit({ type: 'topic-created', topic: name, topicId, partitionCount: partitions.size, replicationFactor })
    }
    return { announced }
  }

  /** The topic's znode was written: partitions that are new come online. */
  async onTopicModified(name: string): Promise<Announcement> {
    const { context, logger } = this.scope
    const topic = context.topics.get(name)
    const found = await this.read(name)
    if (topic === undefined || found === null) return NOTHING_ANNOUNCED
    topic.znodeVersion = found.version
    if (context.deleting.has(name)) return NOTHING_ANNOUNCED
    const from = topic.partitions.size
    const added = this.addNewPartitions(topic, found)
    if (added.length === 0) return NOTHING_ANNOUNCED
    logger.info('A topic gets more partitions', { topic: name, from, to: topic.partitions.size })
    await this.loadStates(added)
    const batch = this.scope.newBatch()
    await this.scope.initialisePartitions(added, batch)
    const announced = this.scope.dispatch(batch)
    this.scope.emit({ type: 'partitions-added', topic: name, from, to: topic.partitions.size })
    return { announced }
  }

  private async onTopicsChanged(): Promise<void> {
    const { context } = this.scope
    const names = new Set(await this.readNames())
    const loaded = await Promise.all([...names].filter((name) => !context.topics.has(name)).map((name) => this.load(name)))
    const created = loaded.filter((topic) => topic !== null)
    const removed = [...context.topics.values()].filter(({ name }) => !names.has(name))
    if (removed.length > 0) this.forget(removed)
    if (created.length > 0) await this.bringOnline(created)
  }

  /** Topics whose znodes somebody else has removed: clients must not see them any more. Their files stay: nobody has asked to delete them. */
  private forget(removed: readonly TopicContext[]): void {
    const batch = this.scope.newBatch()
    for (const { name, partitions } of removed) {
      this.scope.logger.warn('The znodes of a topic were removed by somebody else', { topic: name })
      this.scope.context.deleting.add(name)
      for (const partition of partitions.values()) batch.addMetadata(partition)
    }
    void this.scope.dispatch(batch)
    for (const { name } of removed) {
      this.deletion.forget(name)
      this.scope.context.removeTopic(name)
    }
  }

  private addNewPartitions(topic: TopicContext, { assignments }: TopicZnode): PartitionContext[] {
    return [...assignments]
      .filter(([partition]) => !topic.partitions.has(partition))
      .sort(([a], [b]) => a - b)
      .map(([partition, assignment]) => this.scope.context.addPartition(topic, partition, assignment))
  }

  private async loadStates(partitions: readonly PartitionContext[]): Promise<void> {
    await Promise.all(
      partitions.map(async (partition) => {
        const found = await this.scope.store.readState(partition.topic.name, partition.partition)
        if (found === null) return
        this.scope.takeOver(partition, found.state, found.controllerEpoch)
        partition.loadedZxid = found.zxid
      }),
    )
  }

  /** A topic that an older tool has made gets its id here, as in Kafka's processTopicIds. */
  private async readIdentified(name: string): Promise<(TopicZnode & { topicId: string; version: number }) | null> {
    for (;;) {
      const found = await this.read(name)
      if (found === null) return null
      if (found.topicId !== null) return { ...found, topicId: found.topicId }
      const topicId = newUuid(this.scope.random)
      const data = encodeTopic(topicId, found.assignments)
      try {
        await this.scope.store.multi([{ type: 'setData', path: topicPath(name), data, version: found.version }])
        return { ...found, topicId, version: found.version + 1 }
      } catch (error) {
        if (!['BADVERSION', 'NONODE'].includes(failureName(error) ?? '')) throw error
      }
    }
  }
}
