/**
 * Leaders and replicas being moved: what is under way as main tells it, and what the window asked for. A broker that is being emptied stays in `drains`
 * until its last replica has gone, and is then removed, wherever the window is by then.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'
import type { PartitionsOutcome, ReassignmentView } from '../../../shared/model/cluster'
import { useHost } from '../../host/host'
import type { Move } from './replica-plan'
import { messageOf, useClusterStore } from './store'

export interface Drain {
  readonly brokerId: number
  readonly total: number
  /** Why it stopped. */
  error: string | null
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}-${partition}`

export const useReplicasStore = defineStore('replicas', () => {
  const host = useHost()
  const cluster = useClusterStore()
  const reassignments = shallowRef<readonly ReassignmentView[]>([])
  /** The most that were under way at once since none was: for the bar. */
  const total = ref(0)
  const isElecting = ref(false)
  const isMoving = ref(false)
  /** What was refused last, in a sentence; until the next attempt. */
  const error = ref<string | null>(null)
  const drains = reactive(new Map<number, Drain>())
  let isSubscribed = false

  function accept(now: readonly ReassignmentView[]): void {
    reassignments.value = now
    total.value = now.length === 0 ? 0 : Math.max(total.value, now.length)
    for (const drain of [...drains.values()])
      if (!now.some(({ removing }) => removing.includes(drain.brokerId))) void finish(drain)
  }

  async function load(): Promise<void> {
    if (!isSubscribed) {
      host.on('replicas.reassigning', accept)
      host.on('app.clientsEnded', ({ isAgain }) => {
        if (!isAgain) void ask()
      })
      host.on('timeline.appended', (events) => {
        // Somebody else's tool began one: from here on main looks by itself.
        if (events.some(({ type, actor }) => type === 'reassignment-begun' && actor !== 'you')) void ask()
      })
    }
    isSubscribed = true
    await ask()
  }

  async function ask(): Promise<void> {
    // Where no broker is up nothing is under way that could be asked for.
    await host.call('replicas.reassignments').then(accept, () => undefined)
  }

  async function attempt(run: () => Promise<PartitionsOutcome | undefined>): Promise<boolean> {
    error.value = null
    try {
      const outcome = await run()
      const first = outcome?.failures[0]
      if (outcome === undefined || first === undefined) return true
      const more = outcome.failures.length - 1
      error.value = `${keyOf(first)}: ${first.message}${more > 0 ? ` ${more} more were refused too.` : ''}`
      return outcome.doneCount > 0
    } catch (thrown) {
      error.value = messageOf(thrown)
      return false
    }
  }

  async function elect(partitions: readonly { readonly topic: string; readonly partition: number }[] | null): Promise<boolean> {
    if (isElecting.value) return false
    isElecting.value = true
    try {
      return await attempt(() =>
        host.call('replicas.elect', { partitions: partitions?.map(({ topic, partition }) => ({ topic, partition })) ?? null }),
      )
    } finally {
      isElecting.value = false
    }
  }

  async function reassign(moves: readonly Pick<Move, 'topic' | 'partition' | 'replicas'>[]): Promise<boolean> {
    if (moves.length === 0) return true
    isMoving.value = true
    try {
      return await attempt(() =>
        host.call('replicas.reassign', {
          moves: moves.map(({ topic, partition, replicas }) => ({ topic, partition, replicas: [...replicas] })),
        }),
      )
    } finally {
      isMoving.value = false
    }
  }

  /** Moves its replicas away and removes it when the last has gone. */
  async function drain(brokerId: number, moves: readonly Move[]): Promise<void> {
    const entry: Drain = reactive({ brokerId, total: moves.length, error: null })
    if (!(await reassign(moves))) {
      entry.error = error.value
      drains.set(brokerId, entry)
      return
    }
    drains.set(brokerId, entry)
    await ask()
  }

  async function finish(drain: Drain): Promise<void> {
    if (drain.error !== null) return
    drains.delete(drain.brokerId)
    // A broker whose removal is refused says why at its card.
    await cluster.act(drain.brokerId, 'remove')
  }

  async function cancel(): Promise<void> {
    drains.clear()
    await attempt(() => host.call('replicas.cancelReassignments', { partitions: null }))
  }

  const byPartition = computed(() => new Map(reassignments.value.map((each) => [keyOf(each), each])))

  return {
    reassignments,
    byPartition,
    total,
    isElecting,
    isMoving,
    error,
    drains,
    load,
    elect,
    reassign,
    drain,
    cancel,
    moveLeadership: (topic: string, partition: number, brokerId: number): Promise<boolean> =>
      attempt(async () => void (await host.call('replicas.moveLeadership', { topic, partition, brokerId }))),
    reassignmentOf: (partition: { readonly topic: string; readonly partition: number }): ReassignmentView | undefined =>
      byPartition.value.get(keyOf(partition)),
    dismissError: (): void => {
      error.value = null
    },
  }
})
