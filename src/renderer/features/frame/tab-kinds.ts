/** What kinds of tab there are: to which part of the workbench each belongs, its icon and its title. What each shows stands in tab-views.ts. */
import { Activity, Braces, FolderTree, Layers, Plug, Send, Server, Settings, Users } from '@lucide/vue'
import type { Component } from 'vue'

export type RailEntry =
  | 'cluster'
  | 'topics'
  | 'produce'
  | 'groups'
  | 'schemas'
  | 'coordination'
  | 'metrics'
  | 'clients'
  | 'settings'
export type TabKind = RailEntry | 'topic' | 'subject' | 'group'
export const topicSections = ['messages', 'partitions', 'config', 'analysis'] as const
export type TopicSection = (typeof topicSections)[number]

/** One of two panes; the second exists while the window is split. */
export type PaneIndex = 0 | 1

export interface Tab {
  readonly id: string
  readonly kind: TabKind
  /** The topic it is about: of a topic tab always, of a produce tab where one is chosen. */
  topic: string | null
  /** The subject of a subject tab; '' for a schema that has none yet. */
  subject: string | null
  /** The group of a group tab. */
  readonly group: string | null
  section: TopicSection
  isPreview: boolean
  hasDraft: boolean
  pane: PaneIndex
}

interface TabKindFacts {
  readonly rail: RailEntry
  readonly icon: Component
  readonly title: (tab: Pick<Tab, 'topic' | 'subject' | 'group'>) => string
}

export const tabKinds: Readonly<Record<TabKind, TabKindFacts>> = {
  cluster: { rail: 'cluster', icon: Server, title: () => 'Cluster' },
  topics: { rail: 'topics', icon: Layers, title: () => 'Topics' },
  topic: { rail: 'topics', icon: Layers, title: ({ topic }) => topic ?? '' },
  produce: { rail: 'produce', icon: Send, title: ({ topic }) => (topic ? `Produce to ${topic}` : 'Produce') },
  groups: { rail: 'groups', icon: Users, title: () => 'Groups' },
  group: { rail: 'groups', icon: Users, title: ({ group }) => group ?? '' },
  schemas: { rail: 'schemas', icon: Braces, title: () => 'Schemas' },
  subject: { rail: 'schemas', icon: Braces, title: ({ subject }) => subject || 'New schema' },
  coordination: { rail: 'coordination', icon: FolderTree, title: () => 'Coordination' },
  metrics: { rail: 'metrics', icon: Activity, title: () => 'Metrics' },
  clients: { rail: 'clients', icon: Plug, title: () => 'Clients' },
  settings: { rail: 'settings', icon: Settings, title: () => 'Settings' },
}

export const isTabKind = (kind: string): kind is TabKind => Object.hasOwn(tabKinds, kind)

/** The part of the workbench that a tab belongs to. */
export const railOf = (tab: Pick<Tab, 'kind'>): RailEntry => tabKinds[tab.kind].rail

export const titleOf = (tab: Tab): string => tabKinds[tab.kind].title(tab)
