/**
 * What is open. A tab holds one object, once; showing an object again goes to its tab, in whichever pane it stands. A preview tab is reused by
 * the next preview; an edit, Enter or a double click keeps it. Also which list stands beside, the way back, and what was closed. Tabs come back
 * with the window (window-state.ts); those with drafts are claimed by the stores that keep the drafts.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { type PaneIndex, type RailEntry, railOf, type Tab, type TopicSection } from './tab-kinds'
import { onViewport } from './viewport'
import { type KeptTab, useKeptState, type WindowState } from './window-state'

export { type RailEntry, type Tab, type TopicSection, titleOf } from './tab-kinds'

export type MapFilter = 'all' | 'under-replicated' | 'offline' | 'moved'

/** Under it the list is a drawer (INTERFACE section 12). */
export const narrowWidth = 1200
const closedMax = 20
const defaultRatio = 0.5

export const useTabsStore = defineStore('tabs', () => {
  const kept = useKeptState()
  /** Which tab is in front in each pane; null: there is no second pane. */
  const front = ref<[string, string | null]>(kept ? mendFront(kept) : ['cluster', null])
  const tabs = ref<Tab[]>(kept ? kept.tabs.map(revive) : [newTab('cluster', 'cluster')])
  const focusedPane = ref<PaneIndex>(kept && front.value[1] !== null ? kept.focusedPane : 0)
  const ratio = ref(kept?.ratio ?? defaultRatio)
  const closed = ref<KeptTab[]>(kept?.closed ?? [])
  const isSplit = computed(() => front.value[1] !== null)
  const activeId = computed(() => front.value[focusedPane.value] ?? front.value[0])
  const active = computed(() => find(activeId.value) ?? null)
  const rail = ref<RailEntry>(active.value ? railOf(active.value) : 'cluster')
  /** In a narrow window the list lies over the work area: it opens when asked for only, and goes once something is chosen. */
  const isListOpen = ref(window.innerWidth >= narrowWidth && (kept?.isListOpen ?? true))
  /** What a person wants of it where there is room. */
  let wantsList = kept?.isListOpen ?? true
  let wasNarrow = window.innerWidth < narrowWidth
  onViewport((width) => {
    // A window made narrow must not find its work area covered, and one made wide has room for the list again.
    const isNarrow = width < narrowWidth
    if (isNarrow !== wasNarrow) isListOpen.value = !isNarrow && wantsList
    wasNarrow = isNarrow
  })
  /** Which partitions the replica map shows; here, since the status bar and the palette set it too. */
  const mapFilter = ref<MapFilter>('all')
  /** The topic dialog is opened from many places. */
  const isCreatingTopic = ref(false)
  const past: string[] = []
  const future: string[] = []
  /** Forms and drafts of the last time whose content has not been claimed yet. */
  const unclaimed = new Set(kept ? tabs.value.filter(holdsDraft).map((tab) => tab.id) : [])
  let produceCount = Math.max(0, ...tabs.value.map((tab) => Number(/^produce:(\d+)$/.exec(tab.id)?.[1] ?? 0)))

  function find(id: string | null): Tab | undefined {
    return tabs.value.find((tab) => tab.id === id)
  }
  const inPane = (pane: PaneIndex): Tab[] => tabs.value.filter((tab) => tab.pane === pane)

  function activate(id: string): void {
    const tab = find(id)
    if (!tab) return
    if (id === activeId.value) {
      rail.value = railOf(tab)
      return
    }
    past.push(activeId.value)
    future.length = 0
    go(id)
  }

  function go(id: string): void {
    const tab = find(id)
    if (!tab) return
    front.value[tab.pane] = id
    focusedPane.value = tab.pane
    rail.value = railOf(tab)
    if (window.innerWidth < narrowWidth) isListOpen.value = false
  }

  function show(tab: Tab, keep: boolean): Tab {
    const open = find(tab.id)
    if (open) {
      if (keep) open.isPreview = false
      activate(open.id)
      return open
    }
    tab.isPreview = !keep
    tab.pane = focusedPane.value
    const preview = keep ? -1 : tabs.value.findIndex((each) => each.isPreview && !each.hasDraft && each.pane === tab.pane)
    if (preview >= 0) tabs.value.splice(preview, 1, tab)
    else tabs.value.push(tab)
    activate(tab.id)
    return find(tab.id) ?? tab
  }

  function openTopic(topic: string, options: { readonly keep?: boolean; readonly section?: TopicSection } = {}): void {
    const tab = show(newTab(`topic:${topic}`, 'topic', { topic }), options.keep ?? false)
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

  /** A produce form of its own: one prefilled from a record, or (not shown at once) a draft of the last time, which gets its old tab. */
  function addProduce(topic: string | null, isShown: boolean): string {
    const waiting = isShown
      ? undefined
      : tabs.value.find((tab) => tab.kind === 'produce' && tab.topic === topic && unclaimed.has(tab.id))
    if (waiting) {
      unclaimed.delete(waiting.id)
      return waiting.id
    }
    const tab = newTab(`produce:${++produceCount}`, 'produce', { topic })
    if (isShown) show(tab, true)
    else tabs.value.push({ ...tab, pane: focusedPane.value })
    return tab.id
  }

  /** A subject, or (`id` given) a schema that no subject has yet. Not shown at once: a draft of the last time. */
  function openSubject(
    subject: string,
    options: { readonly keep?: boolean; readonly id?: string; readonly isShown?: boolean } = {},
  ): void {
    const tab = newTab(options.id ?? `subject:${subject}`, 'subject', { subject })
    if (options.isShown ?? true) show(tab, options.keep ?? false)
    else claimSubject(tab)
  }

  /** A schema that has no subject is counted anew at each start: any of its kind that waits will do. */
  function claimSubject(tab: Tab): void {
    const waiting = tabs.value.findIndex(
      (each) => (tab.subject === '' ? each.subject === '' : each.id === tab.id) && unclaimed.has(each.id),
    )
    const old = tabs.value[waiting]
    if (!old) {
      if (!find(tab.id)) tabs.value.push({ ...tab, pane: focusedPane.value })
      return
    }
    unclaimed.delete(old.id)
    if (old.id === tab.id) return
    tabs.value.splice(waiting, 1, { ...old, ...tab, pane: old.pane })
    if (front.value[old.pane] === old.id) front.value[old.pane] = tab.id
  }

  /** Once the stores that keep drafts have taken theirs: a schema without a subject that nobody knows any more was never written down. */
  function dropUnclaimed(): void {
    const lost = tabs.value.filter((tab) => tab.kind === 'subject' && tab.subject === '' && unclaimed.has(tab.id))
    unclaimed.clear()
    for (const tab of lost) close(tab.id, { isForgotten: true })
  }

  function close(id: string, options: { readonly isForgotten?: boolean } = {}): void {
    const index = tabs.value.findIndex((tab) => tab.id === id)
    const tab = tabs.value[index]
    if (!tab) return
    const at = inPane(tab.pane).findIndex((each) => each.id === id)
    tabs.value.splice(index, 1)
    if (!options.isForgotten) closed.value = [keptOf(tab), ...closed.value.filter((each) => each.id !== id)].slice(0, closedMax)
    const left = inPane(tab.pane)
    if (left.length === 0) return onEmptyPane(tab.pane)
    if (front.value[tab.pane] !== id) return
    let back = past.pop()
    while (back !== undefined && find(back)?.pane !== tab.pane) back = past.pop()
    const next = back ?? left[Math.min(at, left.length - 1)]?.id ?? null
    if (tab.pane === focusedPane.value && next !== null) go(next)
    else front.value[tab.pane] = next ?? front.value[0]
  }

  /** The last tab of a pane takes the pane with it; the last of all leaves the cluster. */
  function onEmptyPane(pane: PaneIndex): void {
    if (pane === 0 && isSplit.value) {
      for (const tab of tabs.value) tab.pane = 0
      front.value = [front.value[1] ?? '', null]
    } else if (pane === 1) front.value = [front.value[0], null]
    else {
      tabs.value.push(newTab('cluster', 'cluster'))
      front.value = ['cluster', null]
    }
    focusedPane.value = 0
    go(front.value[0])
  }

  function reopen(): void {
    let tab = closed.value.shift()
    while (tab && find(tab.id)) tab = closed.value.shift()
    if (!tab) return
    show(revive(tab), true)
  }

  /** Before another tab of that pane, or (null) behind the last. */
  function move(id: string, pane: PaneIndex, beforeId: string | null): void {
    const tab = find(id)
    if (!tab || id === beforeId || (pane === 1 && !isSplit.value)) return
    const from = tab.pane
    tabs.value.splice(tabs.value.indexOf(tab), 1)
    const at = beforeId === null ? -1 : tabs.value.findIndex((each) => each.id === beforeId)
    tab.pane = pane
    tab.isPreview = false
    if (at >= 0) tabs.value.splice(at, 0, tab)
    else tabs.value.push(tab)
    if (from === pane) return
    const left = inPane(from)
    if (left.length === 0) {
      front.value[pane] = id
      onEmptyPane(from)
      go(id)
      return
    }
    if (front.value[from] === id) front.value[from] = left.at(-1)?.id ?? front.value[0]
    go(id)
  }

  /** One pane: the tab goes into a second one beside it. Two: it goes across. */
  function splitOrMove(id: string = activeId.value): void {
    const tab = find(id)
    if (!tab) return
    if (isSplit.value) return move(id, tab.pane === 0 ? 1 : 0, null)
    // Neither pane may be without a tab: what stays behind is the cluster, or the topics where that is what goes.
    if (tabs.value.length === 1)
      tabs.value.push(tab.kind === 'cluster' ? newTab('topics', 'topics') : newTab('cluster', 'cluster'))
    front.value[1] = id
    tab.pane = 1
    tab.isPreview = false
    let back = past.at(-1)
    if (back === undefined || find(back)?.pane !== 0) back = inPane(0).at(-1)?.id
    front.value[0] = back ?? 'cluster'
    go(id)
  }

  /** Both panes' tabs in one; what is in front stays so. */
  function unsplit(): void {
    const id = activeId.value
    for (const tab of tabs.value) tab.pane = 0
    front.value = [id, null]
    focusedPane.value = 0
  }

  function focusPane(pane: PaneIndex): void {
    const id = front.value[pane]
    if (id !== null && pane !== focusedPane.value) go(id)
  }

  function step(from: string[], to: string[]): void {
    let id = from.pop()
    while (id !== undefined && (id === activeId.value || !find(id))) id = from.pop()
    if (id === undefined) return
    to.push(activeId.value)
    go(id)
  }

  /** The tab one place on in its pane, for the keyboard. */
  function moveBy(by: 1 | -1): void {
    const own = inPane(focusedPane.value)
    const at = own.findIndex((tab) => tab.id === activeId.value)
    const target = at + by
    if (at < 0 || target < 0 || target >= own.length) return
    move(activeId.value, focusedPane.value, (by === 1 ? own[target + 1]?.id : own[target]?.id) ?? null)
  }

  function closeAll(which: readonly Tab[]): void {
    // What holds a draft is closed by hand only.
    for (const tab of which) if (!tab.hasDraft) close(tab.id)
  }

  return {
    tabs,
    front,
    focusedPane,
    ratio,
    closed,
    isSplit,
    activeId,
    active,
    rail,
    isListOpen,
    mapFilter,
    isCreatingTopic,
    inPane,
    /** Whether it is seen: in front in its pane. */
    isInFront: (tab: Tab): boolean => front.value[tab.pane] === tab.id,
    /** Whether keys that no element has taken are for it: of two panes only one has them. */
    hasKeys: (id: string): boolean => !isSplit.value || activeId.value === id,
    activate,
    close,
    reopen,
    move,
    moveBy,
    splitOrMove,
    unsplit,
    focusPane,
    focusOtherPane: (): void => focusPane(focusedPane.value === 0 ? 1 : 0),
    resetRatio: (): void => {
      ratio.value = defaultRatio
    },
    closeOthers: (id: string): void => closeAll(inPane(find(id)?.pane ?? 0).filter((tab) => tab.id !== id)),
    closeRight: (id: string): void => {
      const own = inPane(find(id)?.pane ?? 0)
      closeAll(own.slice(own.findIndex((tab) => tab.id === id) + 1))
    },
    openTopic,
    openProduce,
    addProduce,
    openSubject,
    dropUnclaimed,
    openGroups: (): void => void show(newTab('groups', 'groups'), true),
    openGroup: (group: string, options: { readonly keep?: boolean } = {}): void =>
      void show(newTab(`group:${group}`, 'group', { group }), options.keep ?? false),
    openCoordination: (): void => void show(newTab('coordination', 'coordination'), true),
    openMetrics: (): void => void show(newTab('metrics', 'metrics'), true),
    openClients: (): void => void show(newTab('clients', 'clients'), true),
    openSchemas: (): void => void show(newTab('schemas', 'schemas'), true),
    openSettings: (): void => void show(newTab('settings', 'settings'), true),
    openCluster: (filter?: MapFilter): void => {
      if (filter) mapFilter.value = filter
      show(newTab('cluster', 'cluster'), true)
    },
    openTopics: (): void => void show(newTab('topics', 'topics'), true),
    createTopic: (): void => {
      isCreatingTopic.value = true
    },
    toggleList: (): void => {
      isListOpen.value = !isListOpen.value
      if (window.innerWidth >= narrowWidth) wantsList = isListOpen.value
    },
    /** What is kept of it for the next start. */
    toKeep: (): Omit<WindowState, 'used' | 'settingsPage'> => ({
      tabs: tabs.value.map(keptOf),
      front: [front.value[0], front.value[1]],
      focusedPane: focusedPane.value,
      ratio: ratio.value,
      isListOpen: wasNarrow ? wantsList : isListOpen.value,
      closed: closed.value,
    }),
    keep: (id: string): void => {
      const tab = find(id)
      if (tab) tab.isPreview = false
    },
    setDraft: (id: string, hasDraft: boolean): void => {
      const tab = find(id)
      if (!tab) return
      tab.hasDraft = hasDraft
      if (hasDraft) tab.isPreview = false
    },
    back: (): void => step(past, future),
    forward: (): void => step(future, past),
    /** Next (1) or previous (-1) tab of the pane, round the ends. */
    cycle: (by: 1 | -1): void => {
      const own = inPane(focusedPane.value)
      const index = own.findIndex((tab) => tab.id === activeId.value)
      const next = own[(index + by + own.length) % own.length]
      if (next) activate(next.id)
    },
    /** A topic that is gone takes its tab with it, for good. */
    closeTopic: (topic: string): void => close(`topic:${topic}`, { isForgotten: true }),
  }
})

function newTab(id: string, kind: Tab['kind'], of: Partial<Pick<Tab, 'topic' | 'subject' | 'group'>> = {}): Tab {
  return {
    id,
    kind,
    topic: null,
    subject: null,
    group: null,
    section: 'messages',
    isPreview: false,
    hasDraft: false,
    pane: 0,
    ...of,
  }
}

const holdsDraft = (tab: Tab): boolean => tab.kind === 'produce' || tab.kind === 'subject'

const revive = (tab: KeptTab): Tab => ({ ...tab, hasDraft: false })

function keptOf({ hasDraft: _, ...tab }: Tab): KeptTab {
  return tab
}

/** Tabs and what is in front may come from a file that somebody edited: each pane shows a tab of its own, or there is one pane. */
function mendFront({ tabs, front }: WindowState): [string, string | null] {
  const right = tabs.filter((tab) => tab.pane === 1)
  const left = tabs.filter((tab) => tab.pane === 0)
  if (left.length === 0 || right.length === 0) {
    for (const tab of tabs) tab.pane = 0
    return [tabs.some((tab) => tab.id === front[0]) ? front[0] : (tabs[0]?.id ?? 'cluster'), null]
  }
  const shown = (own: readonly KeptTab[], id: string | null): string => own.find((tab) => tab.id === id)?.id ?? own[0]?.id ?? ''
  return [shown(left, front[0]), shown(right, front[1])]
}
