/**
 * Topics and their partitions as main last described them: whole once, then what changed. Also the history of who led what. Creates and deletes
 * too: those throw, since the form that asked shows the failure beside its cause.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'
import type { PartitionView, TopicsSnapshot } from '../../../shared/model/cluster'
import type { ConfigDefinitionView, ConfigEntryView, CreateTopicSpec, TopicsDelta, TopicView } from '../../../shared/model/topics'
import { useHost } from '../../host/host'
import { messageOf, useClusterStore } from '../cluster/store'
import { LeadershipHistory, type LeadershipStretch, partitionKey } from './leadership-history'

export const useTopicsStore = defineStore('topics', () => {
  const host = useHost()
  const cluster = useClusterStore()
  const topics = shallowRef<readonly TopicView[]>([])
  const partitions = shallowRef<readonly PartitionView[]>([])
  const isLoaded = ref(false)
  const loadError = ref<string | null>(null)
  const definitions = shallowRef<readonly ConfigDefinitionView[] | null>(null)
  const history = new LeadershipHistory()
  /** Created here and not reported yet: their page waits for them in place of saying that they do not exist. */
  const pending = reactive(new Set<string>())
  /** Grows whenever the history did, so that what draws it knows. */
  const historyVersion = ref(0)
  let isSubscribed = false

  const byTopic = new Map<
    string,
    { view: TopicView; readonly partitions: Map<number, PartitionView>; list: readonly PartitionView[] | null }
  >()
  /** Of the last description that was taken in; null: none yet, what comes meanwhile waits. */
  let revision: number | null = null
  let waiting: TopicsDelta[] = []
  let isLoading = false
  let names: readonly string[] = []

  function replaceAll({ revision: of, topics: views, partitions: all }: TopicsSnapshot): void {
    byTopic.clear()
    names = []
    apply({ revision: of, topics: views, partitions: all, removed: [] })
  }

  function accept(delta: TopicsDelta): void {
    if (revision === null) {
      waiting.push(delta)
      // It answers again: what could not be read can be now.
      if (loadError.value !== null) void load()
      return
    }
    if (delta.revision <= revision) return
    // One was missed, by a window that slept: the whole is asked for again.
    if (delta.revision !== revision + 1) void load()
    else apply(delta)
  }

  function apply({ revision: of, topics: views, partitions: changed, removed }: TopicsDelta): void {
    revision = of
    for (const name of removed) byTopic.delete(name)
    let haveNamesChanged = removed.length > 0
    for (const view of views) {
      const known = byTopic.get(view.name)
      if (known) known.view = view
      else {
        byTopic.set(view.name, { view, partitions: new Map(), list: null })
        haveNamesChanged = true
      }
      pending.delete(view.name)
    }
    for (const partition of changed) {
      const entry = byTopic.get(partition.topic)
      if (!entry) continue
      entry.partitions.set(partition.partition, partition)
      entry.list = null
    }
    if (haveNamesChanged) names = [...byTopic.keys()].sort((left, right) => (left < right ? -1 : 1))
    topics.value = names.flatMap((name) => byTopic.get(name)?.view ?? [])
    partitions.value = names.flatMap((name) => listOf(name))
    isLoaded.value = true
    loadError.value = null
    if (removed.length > 0) history.forget(removed)
    if (history.observe(changed, cluster.byId, Date.now())) historyVersion.value++
  }

  function listOf(name: string): readonly PartitionView[] {
    const entry = byTopic.get(name)
    if (!entry) return []
    entry.list ??= [...entry.partitions.values()].sort((left, right) => left.partition - right.partition)
    return entry.list
  }

  /** A leader that has died shows as a gap before any partition changes. */
  let lastStates = ''
  function observeBrokers(): void {
    const states = cluster.brokers.map(({ id, state }) => `${id} ${state}`).join()
    if (states === lastStates) return
    lastStates = states
    if (isLoaded.value && history.observe(partitions.value, cluster.byId, Date.now())) historyVersion.value++
  }

  async function load(): Promise<void> {
    if (!isSubscribed) {
      host.on('topics.changed', accept)
      host.on('cluster.changed', () => queueMicrotask(observeBrokers))
    }
    isSubscribed = true
    if (isLoading) return
    isLoading = true
    revision = null
    loadError.value = null
    try {
      replaceAll(await host.call('cluster.topics'))
    } catch (error) {
      loadError.value = messageOf(error)
    } finally {
      isLoading = false
    }
    const later = waiting
    waiting = []
    if (revision !== null) for (const delta of later) accept(delta)
  }

  async function loadDefinitions(): Promise<readonly ConfigDefinitionView[]> {
    definitions.value ??= await host.call('topics.configDefinitions')
    return definitions.value
  }

  const byName = computed(() => new Map(topics.value.map((topic) => [topic.name, topic])))
  const partitionsByTopic = computed(() => {
    void partitions.value
    return new Map(names.map((name) => [name, listOf(name)]))
  })

  return {
    topics,
    partitions,
    isLoaded,
    loadError,
    definitions,
    byName,
    partitionsByTopic,
    historyVersion,
    pending,
    load,
    loadDefinitions,
    leadershipOf: (topic: string, partition: number): readonly LeadershipStretch[] => history.of(topic, partition),
    partitionsOf: (topic: string): readonly PartitionView[] => partitionsByTopic.value.get(topic) ?? [],
    configsOf: (topic: string): Promise<readonly ConfigEntryView[]> => host.call('topics.configs', { topic }),
    create: async (spec: CreateTopicSpec): Promise<void> => {
      await host.call('topics.create', { ...spec, configs: { ...spec.configs } })
      if (!byName.value.has(spec.name)) pending.add(spec.name)
    },
    remove: (topic: string): Promise<undefined> => host.call('topics.delete', { topic }),
    partitionKey,
  }
})
