/**
 * Topics and their partitions as main last described them, whole each time, and the history of who led what. Also creates and deletes:
 * those throw, since the form that asked shows the failure beside its cause.
 */
import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowRef } from 'vue'
import type { PartitionView } from '../../../shared/model/cluster'
import type { ConfigDefinitionView, ConfigEntryView, CreateTopicSpec, TopicView } from '../../../shared/model/topics'
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

  function accept(next: { readonly topics: readonly TopicView[]; readonly partitions: readonly PartitionView[] }): void {
    topics.value = [...next.topics].sort((left, right) => (left.name < right.name ? -1 : 1))
    partitions.value = next.partitions
    for (const topic of next.topics) pending.delete(topic.name)
    isLoaded.value = true
    loadError.value = null
    observe()
  }

  /** Also after cluster events: a leader that has died shows as a gap before any partition changes. */
  function observe(): void {
    if (isLoaded.value && history.observe(partitions.value, cluster.byId, Date.now())) historyVersion.value++
  }

  async function load(): Promise<void> {
    if (!isSubscribed) {
      host.on('topics.changed', accept)
      host.on('cluster.changed', () => queueMicrotask(observe))
    }
    isSubscribed = true
    try {
      const [first, views] = await Promise.all([host.call('topics.list'), host.call('topics.partitions', { topic: null })])
      if (!isLoaded.value) accept({ topics: first, partitions: views })
    } catch (error) {
      loadError.value = messageOf(error)
    }
  }

  async function loadDefinitions(): Promise<readonly ConfigDefinitionView[]> {
    definitions.value ??= await host.call('topics.configDefinitions')
    return definitions.value
  }

  const byName = computed(() => new Map(topics.value.map((topic) => [topic.name, topic])))
  const partitionsByTopic = computed(() => {
    const byTopic = new Map<string, PartitionView[]>()
    for (const partition of partitions.value) {
      const list = byTopic.get(partition.topic)
      if (list) list.push(partition)
      else byTopic.set(partition.topic, [partition])
    }
    for (const list of byTopic.values()) list.sort((left, right) => left.partition - right.partition)
    return byTopic
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
