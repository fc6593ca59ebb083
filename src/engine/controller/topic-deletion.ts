/**
 * Deletion of topics, asked for by a znode under /admin/delete_topics: the topic goes from the metadata, its replicas from the brokers that are up,
 * and its znodes when the last replica is gone. Replicas on brokers that are down keep the deletion waiting until these return, as in
 * Kafka: a broker that came back with the files of a forgotten topic would have nobody to tell it. Not so what a reassignment has left on one.
 */
import { ErrorCode, errorName } from '../wire/errors'
import type { StopReplica } from '../wire/messages/05-stop-replica'
import type { ResponseOf } from '../wire/schema'
import type { TopicContext } from './controller-context'
import { failureName, type MultiOp } from './coordination-port'
import type { RequestBatch, StopReplicaBody } from './requests'
import type { ControllerScope } from './scope'
import { configNotification } from './topic-configs'
import { partitionKey, type ReplicaAssignment } from './types'
import { DELETE_TOPICS, deleteTopicPath, partitionPath, partitionsPath, statePath, topicConfigPath, topicPath } from './znodes'

type ReplicaProgress =
  /** To be deleted when its broker is up. */
  | 'waiting'
  /** StopReplica is on its way. */
  | 'started'
  /** Its broker could not delete it; tried again when that restarts. */
  | 'failed'
  | 'deleted'

interface ReplicaToDelete {
  readonly brokerId: number
  /** Given up by a reassignment before the topic was: see {@link isDone}. */
  readonly isStray: boolean
  progress: ReplicaProgress
}

interface Deletion {
  readonly topic: TopicContext
  /** By `<partition key>@<broker>`. */
  readonly replicas: Map<string, ReplicaToDelete>
  readonly waiters: (() => void)[]
  hasTold: boolean
}

export class TopicDeletion {
  private readonly deletions = new Map<string, Deletion>()

  constructor(private readonly scope: ControllerScope) {}

  /** The topics marked for deletion. Sets the watch for the next one first. */
  readMarked(): Promise<string[]> {
    const { store, queue } = this.scope
    return store.coordination.getChildren(DELETE_TOPICS, () => queue.post('deletions-changed', () => this.onMarkedChanged()))
  }

  async onMarkedChanged(): Promise<void> {
    await this.begin(await this.readMarked())
  }

  /** Marks topics that exist, so that the deletion outlives this controller, and starts it. One that is marked already is no failure. */
  async mark(topics: readonly string[]): Promise<void> {
    const marked = topics.map(async (name) => {
      try {
        await this.scope.store.multi([{ type: 'create', path: deleteTopicPath(name), data: '' }])
      } catch (error) {
        if (failureName(error) !== 'NODEEXISTS') throw error
      }
    })
    await Promise.all(marked)
    await this.begin(topics)
  }

  /** Starts the deletion of those that exist and are not being deleted yet; takes the marks of others away. */
  async begin(topics: readonly string[]): Promise<void> {
    const { context, config } = this.scope
    const isUnwanted = (name: string) => !context.topics.has(name) || !config.deleteTopicEnable
    for (const name of topics.filter(isUnwanted))
      await this.deleteIfThere([{ type: 'delete', path: deleteTopicPath(name), version: -1 }])
    const started = topics.filter((name) => !isUnwanted(name) && !this.deletions.has(name))
    if (started.length === 0) return
    const batch = this.scope.newBatch()
    for (const name of started) {
      const topic = context.topics.get(name)
      if (topic === undefined) continue
      context.deleting.add(name)
      this.deletions.set(name, newDeletion(topic))
      for (const partition of topic.partitions.values()) batch.addMetadata(partition)
      this.scope.emit({ type: 'topic-deletion-started', topic: name })
    }
    this.stopReplicas(batch)
    void this.scope.dispatch(batch)
    await this.resume()
  }

  /** Resolves when the topic's znodes are gone, or when all is done that can be until a broker returns. */
  untilSettled(topic: string): Promise<void> {
    const deletion = this.deletions.get(topic)
    if (deletion === undefined || isSettled(deletion)) return Promise.resolve()
    return new Promise((resolve) => deletion.waiters.push(resolve))
  }

  /** Who left does not answer; who came is asked. */
  onBrokersChanged(gone: ReadonlySet<number>, fresh: ReadonlySet<number>, batch: RequestBatch): void {
    for (const deletion of this.deletions.values()) {
      for (const replica of deletion.replicas.values()) {
        if (replica.progress === 'deleted') continue
        if (gone.has(replica.brokerId) || fresh.has(replica.brokerId)) replica.progress = 'waiting'
      }
    }
    this.stopReplicas(batch)
  }

  /** What a broker did about the replicas that it was told to delete. */
  async onStopReplicaResponse(brokerId: number, asked: StopReplicaBody, response: ResponseOf<typeof StopReplica>): Promise<void> {
    const errors = new Map(
      response.partitionErrors.map(({ topicName, partitionIndex, errorCode }) => [
        partitionKey(topicName, partitionIndex),
        errorCode,
      ]),
    )
    for (const { topicName, partitionStates } of asked.topicStates ?? []) {
      const deletion = topicName === undefined ? undefined : this.deletions.get(topicName)
      if (topicName === undefined || deletion === undefined) continue
      for (const { partitionIndex, deletePartition } of partitionStates ?? []) {
        const key = partitionKey(topicName, partitionIndex ?? -1)
        const replica = deletion.replicas.get(`${key}@${brokerId}`)
        if (replica === undefined || deletePartition !== true || replica.progress !== 'started') continue
        const errorCode = response.errorCode === ErrorCode.NONE ? (errors.get(key) ?? ErrorCode.NONE) : response.errorCode
        replica.progress = errorCode === ErrorCode.NONE ? 'deleted' : 'failed'
        if (errorCode !== ErrorCode.NONE) {
          this.scope.logger.warn('A broker could not delete a replica of a topic that is being deleted', {
            brokerId,
            replica: key,
            error: errorName(errorCode),
          })
        }
      }
    }
    await this.resume()
  }

  /** Removes the znodes of topics whose replicas are all gone, and tells of those that wait for a broker. */
  async resume(): Promise<void> {
    const done = [...this.deletions.values()].filter(({ replicas }) => [...replicas.values()].every(isDone))
    await Promise.all(done.map((deletion) => this.complete(deletion)))
    for (const [name, deletion] of this.deletions) {
      const replicas = [...deletion.replicas.values()]
      if (isSettled(deletion)) {
        if (!deletion.hasTold) {
          deletion.hasTold = true
          const brokerIds = new Set(replicas.filter((replica) => !isDone(replica)).map(({ brokerId }) => brokerId))
          this.scope.emit({ type: 'topic-deletion-waiting', topic: name, brokerIds: [...brokerIds].sort((a, b) => a - b) })
        }
        this.settle(deletion)
      }
    }
  }

  /** The topic's znodes were removed by somebody else: there is nothing left to do for it. */
  forget(topic: string): void {
    const deletion = this.deletions.get(topic)
    this.deletions.delete(topic)
    if (deletion !== undefined) this.settle(deletion)
  }

  private async complete(deletion: Deletion): Promise<void> {
    const { name } = deletion.topic
    await this.removeZnodes(deletion.topic)
    this.deletions.delete(name)
    this.scope.context.removeTopic(name)
    this.scope.emit({ type: 'topic-deleted', topic: name })
    this.settle(deletion)
  }

  private settle(deletion: Deletion): void {
    for (const resolve of deletion.waiters.splice(0)) resolve()
  }

  private stopReplicas(batch: RequestBatch): void {
    for (const { topic, replicas } of this.deletions.values()) {
      for (const partition of topic.partitions.values()) {
        for (const brokerId of replicasEverywhere(partition.assignment)) {
          const replica = replicas.get(`${partition.key}@${brokerId}`)
          if (replica?.progress !== 'waiting' || !this.scope.context.brokers.has(brokerId)) continue
          replica.progress = 'started'
          batch.addStopReplica([brokerId], partition, true)
        }
      }
    }
  }

  private async removeZnodes({ name, partitions }: TopicContext): Promise<void> {
    const remove = (path: string): MultiOp => ({ type: 'delete', path, version: -1 })
    const initialised = [...partitions.values()].filter(({ state }) => state !== null)
    const groups = initialised.map(({ partition }) => [
      remove(statePath(name, partition)),
      remove(partitionPath(name, partition)),
    ])
    const configExists = (await this.scope.store.coordination.exists(topicConfigPath(name))) !== null
    groups.push([
      ...(initialised.length > 0 ? [remove(partitionsPath(name))] : []),
      remove(topicPath(name)),
      // A topic of that name that is made later must not find the old one's configuration in some broker's memory.
      ...(configExists ? [remove(topicConfigPath(name)), configNotification(`topics/${name}`)] : []),
      remove(deleteTopicPath(name)),
    ])
    try {
      await this.scope.store.multiInOrder(groups)
    } catch (error) {
      const failure = failureName(error)
      if (failure !== 'NONODE' && failure !== 'NOTEMPTY') throw error
      // Somebody has been there before us, or has left something of his own: go by what is there.
      await this.removeTree(topicPath(name))
      await this.deleteIfThere([remove(topicConfigPath(name)), configNotification(`topics/${name}`)])
      await this.deleteIfThere([remove(deleteTopicPath(name))])
    }
  }

  private async removeTree(path: string): Promise<void> {
    for (const child of await this.scope.store.coordination.getChildren(path)) await this.removeTree(`${path}/${child}`)
    await this.deleteIfThere([{ type: 'delete', path, version: -1 }])
  }

  private async deleteIfThere(ops: readonly MultiOp[]): Promise<void> {
    try {
      await this.scope.store.multi(ops)
    } catch (error) {
      if (failureName(error) !== 'NONODE') throw error
    }
  }
}

function newDeletion(topic: TopicContext): Deletion {
  const replicas: Deletion['replicas'] = new Map()
  for (const { key, assignment } of topic.partitions.values()) {
    for (const brokerId of replicasEverywhere(assignment)) {
      const isStray = assignment.strayReplicas.includes(brokerId)
      replicas.set(`${key}@${brokerId}`, { brokerId, isStray, progress: 'waiting' })
    }
  }
  return { topic, replicas, waiters: [], hasTold: false }
}

/** Those of a reassignment in progress are all among the replicas; what one before it has left is deleted as well. */
function replicasEverywhere({ replicas, strayReplicas }: ReplicaAssignment): readonly number[] {
  return [...replicas, ...strayReplicas]
}

/**
 * A stray on a broker that is down, or that cannot delete it, is not waited for, as Kafka knows of none: whoever has moved a topic off a broker that is lost
 * for good could never delete that topic, nor use its name again. Should the broker come back, the files are in nobody's way: a topic of that name has another id.
 */
function isDone({ isStray, progress }: ReplicaToDelete): boolean {
  return progress === 'deleted' || (isStray && progress !== 'started')
}

function isSettled({ replicas }: Deletion): boolean {
  return [...replicas.values()].every(({ progress }) => progress !== 'started')
}
