/** Everything that can be run or gone to by name: what the palette lists, what keys and the native menu call. */
import {
  Activity,
  Bookmark,
  Braces,
  Columns2,
  Copy,
  Crosshair,
  FolderOpen,
  FolderTree,
  Keyboard,
  Layers,
  Moon,
  PanelLeft,
  PanelsTopLeft,
  Play,
  Plug,
  Plus,
  Send,
  Server,
  Settings,
  Snowflake,
  Square,
  Sun,
  SunMoon,
  TriangleAlert,
  Undo2,
  Users,
  Zap,
  ZoomIn,
  ZoomOut,
} from '@lucide/vue'
import { type Component, computed } from 'vue'
import { useHost } from '../../host/host'
import { useCopyText, useToasts } from '../../ui'
import { actionsIn, type BrokerAction, messageOf, useClusterStore } from '../cluster/store'
import { fromRequest } from '../produce/produce-form'
import { useProduceStore } from '../produce/produce-store'
import { useSavedStore } from '../produce/saved-store'
import { useDocumentsStore } from '../schemas/documents-store'
import { useSchemasStore } from '../schemas/store'
import { settingsSections, useSettingsStore } from '../settings/settings-store'
import { useTopicsStore } from '../topics/store'
import { useFrameStore } from './frame-store'
import { useObjectCommands } from './object-commands'
import { usePaletteSources } from './palette-sources'
import { usePreferencesStore } from './preferences-store'
import { focusNextRegion } from './regions'
import { titleOf, useTabsStore } from './tabs-store'

export type CommandKind = 'command' | 'topic' | 'broker' | 'subject' | 'group' | 'setting' | 'message' | 'position'

export interface Command {
  readonly id: string
  readonly kind: CommandKind
  readonly title: string
  readonly hint?: string | undefined
  readonly icon: Component
  readonly brokerId?: number | undefined
  /** Not offered by the palette: only its key makes sense. */
  readonly isHidden?: boolean
  readonly run: () => void
}

const actionWords: Readonly<Record<BrokerAction, { readonly verb: string; readonly icon: Component }>> = {
  start: { verb: 'Start', icon: Play },
  stop: { verb: 'Stop', icon: Square },
  kill: { verb: 'Kill', icon: Zap },
  freeze: { verb: 'Freeze', icon: Snowflake },
  resume: { verb: 'Resume', icon: Play },
  remove: { verb: 'Remove', icon: Square },
}

export function useCommands() {
  const host = useHost()
  const cluster = useClusterStore()
  const topics = useTopicsStore()
  const tabs = useTabsStore()
  const schemas = useSchemasStore()
  const saved = useSavedStore()
  const documents = useDocumentsStore()
  const frame = useFrameStore()
  const preferences = usePreferencesStore()
  const settings = useSettingsStore()
  const produce = useProduceStore()
  const sources = usePaletteSources()
  const { commandsOf, positionCommands } = useObjectCommands()
  const copyText = useCopyText()
  const toasts = useToasts()

  /** For what a command does out of sight: a failure has no place of its own to be shown at. */
  function attempt(what: string, work: Promise<unknown>): void {
    work.catch((error: unknown) => toasts.show({ severity: 'error', title: what, detail: messageOf(error) }))
  }

  function addBroker(): void {
    tabs.openCluster()
    frame.isAddingBroker = true
  }

  async function copyAddress(name: string, address: string | undefined): Promise<void> {
    if (!address) return
    await copyText(address)
    toasts.show({ severity: 'ok', title: `${name} copied`, detail: address })
  }

  const zoomHint = computed(() => `${preferences.zoomPercent} %`)
  const zoom = (by: 1 | -1): void => attempt('Could not keep the size', preferences.stepZoom(by))

  /** A form that was closed waits with what was written in it; its tab alone would be empty. */
  function reopenTab(): void {
    const [last] = tabs.closed
    const waiting = last?.kind === 'produce' ? produce.closed.findIndex((each) => (each.form.topic || null) === last.topic) : -1
    if (waiting < 0) return tabs.reopen()
    tabs.closed.shift()
    produce.reopen(waiting)
  }

  const commands = computed<readonly Command[]>(() => [
    {
      id: 'palette.open',
      kind: 'command',
      title: 'Go to or run',
      icon: Crosshair,
      isHidden: true,
      run: () => frame.togglePalette(),
    },
    { id: 'view.cluster', kind: 'command', title: 'Go to the cluster', icon: Server, run: () => tabs.openCluster() },
    { id: 'view.topics', kind: 'command', title: 'Go to topics', icon: Layers, run: () => tabs.openTopics() },
    { id: 'view.produce', kind: 'command', title: 'Go to produce', icon: Send, run: () => tabs.openProduce() },
    { id: 'view.groups', kind: 'command', title: 'Go to consumer groups', icon: Users, run: () => tabs.openGroups() },
    { id: 'view.metrics', kind: 'command', title: 'Go to metrics', icon: Activity, run: () => tabs.openMetrics() },
    { id: 'view.clients', kind: 'command', title: 'Go to clients', icon: Plug, run: () => tabs.openClients() },
    {
      id: 'view.coordination',
      kind: 'command',
      title: 'Go to coordination',
      icon: FolderTree,
      run: () => tabs.openCoordination(),
    },
    { id: 'view.schemas', kind: 'command', title: 'Go to schemas', icon: Braces, run: () => tabs.openSchemas() },
    { id: 'schema.create', kind: 'command', title: 'New schema', icon: Plus, run: () => documents.askNew() },
    { id: 'topic.create', kind: 'command', title: 'New topic', icon: Plus, run: () => tabs.createTopic() },
    {
      id: 'topic.produce',
      kind: 'command',
      title: 'Produce to this topic',
      icon: Send,
      isHidden: tabs.active?.kind !== 'topic',
      run: () => tabs.active?.kind === 'topic' && tabs.openProduce(tabs.active.topic),
    },
    {
      id: 'map.under-replicated',
      kind: 'command',
      title: 'Show under-replicated partitions',
      hint: String(cluster.view?.underReplicatedCount ?? 0),
      icon: TriangleAlert,
      run: () => tabs.openCluster('under-replicated'),
    },
    {
      id: 'map.offline',
      kind: 'command',
      title: 'Show offline partitions',
      hint: String(cluster.view?.offlineCount ?? 0),
      icon: TriangleAlert,
      run: () => tabs.openCluster('offline'),
    },
    {
      id: 'cluster.copyBootstrap',
      kind: 'command',
      title: 'Copy the bootstrap address',
      hint: cluster.view?.bootstrapServers,
      icon: Copy,
      run: () => attempt('Could not copy', copyAddress('Bootstrap address', cluster.view?.bootstrapServers)),
    },
    {
      id: 'registry.copyAddress',
      kind: 'command',
      title: 'Copy the address of the schema registry',
      hint: schemas.registry?.url ?? undefined,
      icon: Copy,
      isHidden: !schemas.registry?.url,
      run: () => attempt('Could not copy', copyAddress('Registry address', schemas.registry?.url ?? undefined)),
    },
    {
      id: 'cluster.copyCoordination',
      kind: 'command',
      title: 'Copy the coordination address',
      hint: cluster.view ? `${cluster.view.coordination.host}:${cluster.view.coordination.port}` : undefined,
      icon: Copy,
      run: () =>
        attempt(
          'Could not copy',
          copyAddress(
            'Coordination address',
            cluster.view ? `${cluster.view.coordination.host}:${cluster.view.coordination.port}` : undefined,
          ),
        ),
    },
    {
      id: 'broker.add',
      kind: 'command',
      title: 'Add a broker',
      icon: Plus,
      run: addBroker,
    },
    {
      id: 'app.openDataDirectory',
      kind: 'command',
      title: 'Open the data folder',
      hint: cluster.view?.dataDirectory,
      icon: FolderOpen,
      run: () => attempt('Could not open the data folder', host.call('app.openDataDirectory')),
    },
    {
      id: 'theme.system',
      kind: 'command',
      title: 'Theme: as the system',
      icon: SunMoon,
      run: () => attempt('Could not set the theme', preferences.setTheme('system')),
    },
    {
      id: 'theme.light',
      kind: 'command',
      title: 'Theme: light',
      icon: Sun,
      run: () => attempt('Could not set the theme', preferences.setTheme('light')),
    },
    {
      id: 'theme.dark',
      kind: 'command',
      title: 'Theme: dark',
      icon: Moon,
      run: () => attempt('Could not set the theme', preferences.setTheme('dark')),
    },
    {
      id: 'frame.list',
      kind: 'command',
      title: 'Show or hide the list',
      icon: PanelLeft,
      run: () => tabs.toggleList(),
    },
    { id: 'frame.region', kind: 'command', title: 'Next region', icon: Crosshair, isHidden: true, run: focusNextRegion },
    { id: 'frame.filter', kind: 'command', title: 'Filter the list', icon: Crosshair, isHidden: true, run: focusListFilter },
    { id: 'tab.next', kind: 'command', title: 'Next tab', icon: Crosshair, isHidden: true, run: () => tabs.cycle(1) },
    { id: 'tab.previous', kind: 'command', title: 'Previous tab', icon: Crosshair, isHidden: true, run: () => tabs.cycle(-1) },
    {
      id: 'tab.close',
      kind: 'command',
      title: 'Close the tab',
      icon: Crosshair,
      isHidden: true,
      run: () => tabs.close(tabs.activeId),
    },
    { id: 'tab.back', kind: 'command', title: 'Back', icon: Crosshair, isHidden: true, run: tabs.back },
    { id: 'tab.forward', kind: 'command', title: 'Forward', icon: Crosshair, isHidden: true, run: tabs.forward },
    {
      id: 'tab.reopen',
      kind: 'command',
      title: 'Open the closed tab again',
      hint: tabs.closed[0] && titleOf({ ...tabs.closed[0], hasDraft: false }),
      icon: Undo2,
      isHidden: tabs.closed.length === 0,
      run: reopenTab,
    },
    { id: 'tab.moveLeft', kind: 'command', title: 'Move the tab to the left', icon: PanelsTopLeft, run: () => tabs.moveBy(-1) },
    { id: 'tab.moveRight', kind: 'command', title: 'Move the tab to the right', icon: PanelsTopLeft, run: () => tabs.moveBy(1) },
    {
      id: 'tab.closeOthers',
      kind: 'command',
      title: 'Close the other tabs',
      icon: PanelsTopLeft,
      run: () => tabs.closeOthers(tabs.activeId),
    },
    {
      id: 'pane.split',
      kind: 'command',
      title: tabs.isSplit ? 'Move the tab to the other pane' : 'Split: put the tab beside',
      icon: Columns2,
      run: () => tabs.splitOrMove(),
    },
    {
      id: 'pane.unsplit',
      kind: 'command',
      title: 'One pane again',
      icon: Columns2,
      isHidden: !tabs.isSplit,
      run: () => tabs.unsplit(),
    },
    {
      id: 'pane.other',
      kind: 'command',
      title: 'To the other pane',
      icon: Columns2,
      isHidden: !tabs.isSplit,
      run: () => tabs.focusOtherPane(),
    },
    { id: 'zoom.in', kind: 'command', title: 'Larger', hint: zoomHint.value, icon: ZoomIn, run: () => zoom(1) },
    { id: 'zoom.out', kind: 'command', title: 'Smaller', hint: zoomHint.value, icon: ZoomOut, run: () => zoom(-1) },
    {
      id: 'zoom.reset',
      kind: 'command',
      title: 'Actual size',
      hint: zoomHint.value,
      icon: ZoomOut,
      run: () => attempt('Could not keep the size', preferences.setZoom(100)),
    },
    { id: 'toast.act', kind: 'command', title: 'Undo', icon: Undo2, isHidden: true, run: () => toasts.actNewest() },
    { id: 'view.settings', kind: 'command', title: 'Go to settings', icon: Settings, run: () => tabs.openSettings() },
    {
      id: 'sample.open',
      kind: 'command',
      title: 'Add sample data',
      icon: Plus,
      isHidden: true,
      run: () => {
        settings.section = 'sample'
        tabs.openSettings()
      },
    },
    ...settingsSections.map(
      ({ id, label, words }): Command => ({
        id: `settings.${id}`,
        kind: 'setting',
        title: label,
        hint: words,
        icon: Settings,
        run: () => {
          settings.section = id
          tabs.openSettings()
        },
      }),
    ),
    { id: 'help.keys', kind: 'command', title: 'Show the keys', icon: Keyboard, run: () => frame.showKeys() },
    ...brokerCommands.value,
    ...topics.topics.map(
      (topic): Command => ({
        id: `topic:${topic.name}`,
        kind: 'topic',
        title: topic.name,
        hint: `${topic.partitionCount} partitions${topic.offlineCount > 0 ? `, ${topic.offlineCount} offline` : topic.underReplicatedCount > 0 ? `, ${topic.underReplicatedCount} under-replicated` : ''}`,
        icon: Layers,
        run: () => tabs.openTopic(topic.name, { keep: true }),
      }),
    ),
    ...sources.groups.map(
      (group): Command => ({
        id: `group:${group.groupId}`,
        kind: 'group',
        title: group.groupId,
        hint: `group, ${group.state}`,
        icon: Users,
        run: () => tabs.openGroup(group.groupId, { keep: true }),
      }),
    ),
    ...sources.saved.map(
      (message): Command => ({
        id: `saved:${message.id}`,
        kind: 'message',
        title: message.name,
        hint: `to ${message.request.topic}${message.folder ? `, in ${message.folder}` : ''}`,
        icon: Send,
        run: () => produce.openForm(fromRequest(message.request)),
      }),
    ),
    ...saved.saved.messages.map(
      (message): Command => ({
        id: `saved:${message.id}`,
        kind: 'command',
        title: `Saved message: ${message.name}`,
        hint: [message.folder, message.request.topic].filter((part) => part !== '').join(', '),
        icon: Bookmark,
        run: () => saved.open(message),
      }),
    ),
    ...schemas.subjects.map(
      (subject): Command => ({
        id: `subject:${subject.subject}`,
        kind: 'subject',
        title: subject.subject,
        hint: `schema, v${subject.latestVersion}`,
        icon: Braces,
        run: () => tabs.openSubject(subject.subject, { keep: true }),
      }),
    ),
  ])

  const brokerCommands = computed<readonly Command[]>(() =>
    cluster.brokers.flatMap((broker) =>
      actionsIn[broker.state].map((action): Command => {
        const { verb, icon } = actionWords[action]
        return {
          id: `broker:${broker.id}:${action}`,
          kind: 'broker',
          title: `${verb} broker ${broker.id}`,
          hint: `${broker.state}${broker.isController ? ', controller' : ''}, leads ${broker.leaderCount}`,
          icon,
          brokerId: broker.id,
          run: () => {
            void cluster.act(broker.id, action).then((done) => {
              if (!done && tabs.active?.kind !== 'cluster')
                toasts.show({
                  severity: 'error',
                  title: `Broker ${broker.id} was not changed`,
                  detail: cluster.actionErrors.get(broker.id) ?? null,
                  action: { label: 'Show', run: () => tabs.openCluster() },
                })
            })
          },
        }
      }),
    ),
  )

  return {
    commands,
    commandsOf: (object: Command) => commandsOf(object, commands.value),
    positionCommands,
    run: (id: string): void => commands.value.find((command) => command.id === id)?.run(),
  }
}

function focusListFilter(): void {
  document.querySelector<HTMLInputElement>('[data-region=list] input')?.focus()
}
