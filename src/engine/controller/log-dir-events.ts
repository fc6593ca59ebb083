/**
 * Notices under /log_dir_event_notification: a broker that lives says that a log of its has failed (KafkaController.processLogDirEventNotification).
 * Nothing else would tell, since its session goes on, and a partition that it leads would stand still until it is restarted.
 *
 * A notice names the broker only. Which replicas it means the broker says in its answer to a LeaderAndIsr for all that it has, and
 * BrokerChanges.onReplicaHealth elects for these.
 */
import { failureName } from './coordination-port'
import type { ControllerScope } from './scope'
import { decodeLogDirEvent, LOG_DIR_EVENTS } from './znodes'

export class LogDirEvents {
  constructor(private readonly scope: ControllerScope) {}

  /** Asks the brokers that have given notice, and takes the notices away. Sets the watch for the next ones first. */
  async handle(): Promise<void> {
    const { context, queue, store } = this.scope
    const { coordination } = store
    const names = await coordination.getChildren(LOG_DIR_EVENTS, () => queue.post('log-dir-events', () => this.handle()))
    if (names.length === 0) return
    const paths = names.map((name) => `${LOG_DIR_EVENTS}/${name}`)
    const notices = await Promise.all(paths.map((path) => coordination.getData(path)))
    const brokerIds = new Set<number>()
    for (const notice of notices) {
      const brokerId = notice === null ? null : decodeLogDirEvent(notice.data)
      if (brokerId !== null) brokerIds.add(brokerId)
    }
    const batch = this.scope.newBatch()
    for (const partition of context.partitionsOn(brokerIds)) {
      const asked = partition.assignment.replicas.filter((id) => brokerIds.has(id))
      if (partition.state !== null) batch.addLeaderAndIsr(asked, partition)
    }
    void this.scope.dispatch(batch)
    await Promise.all(paths.map((path) => this.remove(path)))
  }

  private async remove(path: string): Promise<void> {
    try {
      await this.scope.store.multi([{ type: 'delete', path, version: -1 }])
    } catch (error) {
      if (failureName(error) !== 'NONODE') throw error
    }
  }
}
