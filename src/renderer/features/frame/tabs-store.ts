/**
 * What is open. A tab holds one object; showing an object again goes to its tab. A preview tab is reused by the next preview; an edit,
 * Enter or a double click keeps it. Also which list stands beside, and the way back.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { onViewport } from './viewport'

export type RailEntry = 'cluster' | 'topics' | 'produce' | 'groups' | 'schemas' | 'coordination' | 'metrics' | 'clients'
export type TopicSection = 'messages' | 'partitions' | 'config'

export interface Tab {
  readonly id: string
  readonly kind: RailEntry | 'topic' | 'subject' | 'group'
  /** The topic it is about: of a topic tab always, of a produce tab where one is chosen. */
  topic: string | null
  /** The subject of a subject tab; '' for a schema that has none yet. */
  subject: string | null
  /** The group of a group tab. */
  readonly group: string | null
  section: TopicSection
  isPreview: boolean
  hasDraft: boolean
}

export type MapFilter = 'all' | 'under-replicated' | 'offline' | 'moved'

/** Under it the list is a drawer (INTERFACE section 12). */
export const narrowWidth = 1200

export const useTabsStore = defineStore('tabs', () => {
  const tabs = ref<Tab[]>([newTab('cluster', 'cluster', null)])
  const activeId = ref('cluster')
  const rail = ref<RailEntry>('cluster')
  /** In a narrow window the list lies over the work area: it opens when asked for only, and goes once something is chosen. */
  const isListOpen = ref(window.innerWidth >= narrowWidth)
  let wasNarrow = !isListOpen.value
  onViewport((width) => {
    // A window made narrow must not find its work area covered, and one made wide has room for the list again.
    const isNarrow = width < narrowWidth
    if (isNarrow !== wasNarrow) isListOpen.value = !isNarrow
    wasNarrow = isNarrow
  })
  /** Which partitions the replica map shows; here, since the status bar and the palette set it too. */
  const mapFilter = ref<MapFilter>('all')
  /** The topic dialog is opened from many places. */
  const isCreatingTopic = ref(false)
  const past: string[] = []
  const future: string[] = []
  let produceCount = 0

  const active = computed(() => tabs.value.find((tab) => tab.id === activeId.value) ?? null)

  function activate(id: string): void {
    if (id === activeId.value) return
    past.push(activeId.value)
    future.length = 0
    go(id)
  }

  function go(id: string): void {
    const tab = tabs.value.find((each) => each.id === id)
    if (!tab) return
    activeId.value = id
    rail.value = railOf(tab)
    if (window.innerWidth < narrowWidth) isListOpen.value = false
  }

  function show(tab: Tab, keep: boolean): Tab {
    const open = tabs.value.find((each) => each.id === tab.id)
    if (open) {
      if (keep) open.isPreview = false
      activate(open.id)
      return open
    }
    tab.isPreview = !keep
    const preview = keep ? -1 : tabs.value.findIndex((each) => each.isPreview && !each.hasDraft)
    if (preview >= 0) tabs.value.splice(preview, 1, tab)
    else tabs.value.push(tab)
    activate(tab.id)
    return tabs.value.find((each) => each.id === tab.id) ?? tab
  }

  function openTopic(topic: string, options: { readonly keep?: boolean; readonly section?: TopicSection } = {}): void {
    const tab = show(newTab(`topic:${topic}`, 'topic', topic), options.keep ?? false)
    if (options.section) tab.section = options.section
  }

  /** A produce form: the one that is open without a draft, or a new one. */
  function openProduce(topic: string | null = null): void {
    const free = tabs.value.find(
      (tab) => tab.kind === 'produce' && (topic === null || tab.topic === topic || (tab.topic === null && !tab.hasDraft)),
    )
    if (free) {
      free.topic = topic ?? free.topic
      activate(free.id)
    } else addProduce(topic, true)
  }

  /** A produce form of its own: one prefilled from a record, or (not shown at once) a draft of the last time. */
  function addProduce(topic: string | null, isShown: boolean): string {
    const tab = newTab(`produce:${++produceCount}`, 'produce', topic)
    if (isShown) show(tab, true)
    else tabs.value.push(tab)
    return tab.id
  }

  /** A subject, or (`id` given) a schema that no subject has yet. Not shown at once: a draft of the last time. */
  function openSubject(
    subject: string,
    options: { readonly keep?: boolean; readonly id?: string; readonly isShown?: boolean } = {},
  ): void {
    const tab = newTab(options.id ?? `subject:${subject}`, 'subject', null, subject)
    if (options.isShown ?? true) show(tab, options.keep ?? false)
    else if (!tabs.value.some((each) => each.id === tab.id)) tabs.value.push(tab)
  }

  function close(id: string): void {
    const index = tabs.value.findIndex((tab) => tab.id === id)
    if (index < 0) return
    tabs.value.splice(index, 1)
    if (tabs.value.length === 0) tabs.value.push(newTab('cluster', 'cluster', null))
    if (activeId.value !== id) return
    let back = past.pop()
    while (back !== undefined && !tabs.value.some((tab) => tab.id === back)) back = past.pop()
    go(back ?? tabs.value[Math.min(index, tabs.value.length - 1)]?.id ?? 'cluster')
  }

  function step(from: string[], to: string[]): void {
    let id = from.pop()
    while (id !== undefined && (id === activeId.value || !tabs.value.some((tab) => tab.id === id))) id = from.pop()
    if (id === undefined) return
    to.push(activeId.value)
    go(id)
  }

  return {
    tabs,
    activeId,
    active,
    rail,
    isListOpen,
    mapFilter,
    isCreatingTopic,
    activate,
    close,
    openTopic,
    openProduce,
    addProduce,
    openSubject,
    openGroups: (): void => void show(newTab('groups', 'groups', null), true),
    openGroup: (group: string, options: { readonly keep?: boolean } = {}): void =>
      void show({ ...newTab(`group:${group}`, 'group', null), group }, options.keep ?? false),
    openCoordination: (): void => void show(newTab('coordination', 'coordination', null), true),
    openMetrics: (): void => void show(newTab('metrics', 'metrics', null), true),
    openClients: (): void => void show(newTab('clients', 'clients', null), true),
    openSchemas: (): void => void show(newTab('schemas', 'schemas', null), true),
    openCluster: (filter?: MapFilter): void => {
      if (filter) mapFilter.value = filter
      show(newTab('cluster', 'cluster', null), true)
    },
    openTopics: (): void => void show(newTab('topics', 'topics', null), true),
    createTopic: (): void => {
      isCreatingTopic.value = true
    },
    toggleList: (): void => {
      isListOpen.value = !isListOpen.value
    },
    keep: (id: string): void => {
      const tab = tabs.value.find((each) => each.id === id)
      if (tab) tab.isPreview = false
    },
    setDraft: (id: string, hasDraft: boolean): void => {
      const tab = tabs.value.find((each) => each.id === id)
      if (!tab) return
      tab.hasDraft = hasDraft
      if (hasDraft) tab.isPreview = false
    },
    back: (): void => step(past, future),
    forward: (): void => step(future, past),
    /** Next (1) or previous (-1) tab, round the ends. */
    cycle: (by: 1 | -1): void => {
      const index = tabs.value.findIndex((tab) => tab.id === activeId.value)
      const next = tabs.value[(index + by + tabs.value.length) % tabs.value.length]
      if (next) activate(next.id)
    },
    /** A topic that is gone takes its tab with it. */
    closeTopic: (topic: string): void => close(`topic:${topic}`),
  }
})

const objects: Partial<Record<Tab['kind'], RailEntry>> = { topic: 'topics', subject: 'schemas', group: 'groups' }

/** The part of the workbench that a tab belongs to. */
export function railOf(tab: Tab): RailEntry {
  return objects[tab.kind] ?? (tab.kind as RailEntry)
}

const titles: Partial<Record<Tab['kind'], string>> = {
  cluster: 'Cluster',
  topics: 'Topics',
  groups: 'Groups',
  schemas: 'Schemas',
  coordination: 'Coordination',
  metrics: 'Metrics',
  clients: 'Clients',
}

export function titleOf(tab: Tab): string {
  const title = titles[tab.kind]
  if (title) return title
  if (tab.kind === 'group') return tab.group ?? ''
  if (tab.kind === 'topic') return tab.topic ?? ''
  if (tab.kind === 'subject') return tab.subject || 'New schema'
  return tab.topic ? `Produce to ${tab.topic}` : 'Produce'
}

function newTab(id: string, kind: Tab['kind'], topic: string | null, subject: string | null = null): Tab {
  return { id, kind, topic, subject, group: null, section: 'messages', isPreview: false, hasDraft: false }
}
