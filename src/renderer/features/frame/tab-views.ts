/** What each kind of tab shows, and which list stands beside each part. A table, so that a new part is a line here and one in tab-kinds.ts. */
import type { Component } from 'vue'
import ClientsList from '../clients/ClientsList.vue'
import ClientsView from '../clients/ClientsView.vue'
import ClusterList from '../cluster/ClusterList.vue'
import ClusterView from '../cluster/ClusterView.vue'
import CoordinationList from '../coordination/CoordinationList.vue'
import CoordinationView from '../coordination/CoordinationView.vue'
import GroupsList from '../groups/GroupsList.vue'
import GroupsView from '../groups/GroupsView.vue'
import GroupView from '../groups/GroupView.vue'
import MetricsList from '../metrics/MetricsList.vue'
import MetricsView from '../metrics/MetricsView.vue'
import ProduceList from '../produce/ProduceList.vue'
import ProduceView from '../produce/ProduceView.vue'
import SchemaList from '../schemas/SchemaList.vue'
import SchemasView from '../schemas/SchemasView.vue'
import SubjectView from '../schemas/SubjectView.vue'
import SettingsList from '../settings/SettingsList.vue'
import SettingsView from '../settings/SettingsView.vue'
import TopicList from '../topics/TopicList.vue'
import TopicsView from '../topics/TopicsView.vue'
import TopicView from '../topics/TopicView.vue'
import type { RailEntry, Tab, TabKind } from './tab-kinds'

interface TabView {
  readonly component: Component
  readonly props: (tab: Tab, isActive: boolean) => Readonly<Record<string, unknown>>
}

const none = (): Record<string, unknown> => ({})
const whenActive = (_tab: Tab, isActive: boolean): Record<string, unknown> => ({ isActive })
const ofTab = (tab: Tab, isActive: boolean): Record<string, unknown> => ({ tab, isActive })

export const tabViews: Readonly<Record<TabKind, TabView>> = {
  cluster: { component: ClusterView, props: whenActive },
  topics: { component: TopicsView, props: none },
  topic: { component: TopicView, props: ofTab },
  produce: { component: ProduceView, props: ofTab },
  groups: { component: GroupsView, props: whenActive },
  group: { component: GroupView, props: (tab, isActive) => ({ group: tab.group ?? '', isActive }) },
  schemas: { component: SchemasView, props: none },
  subject: { component: SubjectView, props: ofTab },
  coordination: { component: CoordinationView, props: whenActive },
  metrics: { component: MetricsView, props: whenActive },
  clients: { component: ClientsView, props: whenActive },
  settings: { component: SettingsView, props: whenActive },
}

export const railLists: Readonly<Record<RailEntry, Component>> = {
  cluster: ClusterList,
  topics: TopicList,
  produce: ProduceList,
  groups: GroupsList,
  schemas: SchemaList,
  coordination: CoordinationList,
  metrics: MetricsList,
  clients: ClientsList,
  settings: SettingsList,
}
