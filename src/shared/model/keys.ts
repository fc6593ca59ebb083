/**
 * The keys of the window, as one table: the page binds and prints them, the native menu shows them, the settings change them. `Ctrl` is Cmd on
 * macOS. Changed keys are kept as overrides of this table, by the binding's id, so that a new version may still move what nobody touched.
 */
export type KeyGroup = 'Everywhere' | 'Tabs and panes' | 'Lists and tables' | 'Replica map' | 'Topic' | 'Schema'

export interface KeyBinding {
  /** The command that it runs, or (with `isOfView`) a name for what a view does by itself. */
  readonly id: string
  /** As it is printed: `Ctrl Shift B`. */
  readonly keys: string
  readonly label: string
  readonly group: KeyGroup
  /** The view that has the focus listens for it itself. */
  readonly isOfView?: boolean
  /** Stays what it is: arrows, Enter, and the pairs that every list knows. */
  readonly isFixed?: boolean
}

/** What was changed, by binding id; '' takes the key away. */
export type KeyOverrides = Readonly<Record<string, string>>

export const keyBindings: readonly KeyBinding[] = [
  { id: 'palette.open', keys: 'Ctrl K', label: 'Go to or run', group: 'Everywhere' },
  { id: 'view.cluster', keys: 'Ctrl 1', label: 'Cluster', group: 'Everywhere' },
  { id: 'view.topics', keys: 'Ctrl 2', label: 'Topics', group: 'Everywhere' },
  { id: 'view.produce', keys: 'Ctrl 3', label: 'Produce', group: 'Everywhere' },
  { id: 'view.groups', keys: 'Ctrl 4', label: 'Consumer groups', group: 'Everywhere' },
  { id: 'view.schemas', keys: 'Ctrl 5', label: 'Schemas', group: 'Everywhere' },
  { id: 'view.metrics', keys: 'Ctrl 6', label: 'Metrics', group: 'Everywhere' },
  { id: 'view.clients', keys: 'Ctrl 7', label: 'Clients', group: 'Everywhere' },
  { id: 'view.coordination', keys: 'Ctrl 8', label: 'Coordination', group: 'Everywhere' },
  { id: 'view.settings', keys: 'Ctrl ,', label: 'Settings', group: 'Everywhere' },
  { id: 'frame.region', keys: 'F6', label: 'Next region', group: 'Everywhere' },
  { id: 'cluster.copyBootstrap', keys: 'Ctrl Shift B', label: 'Copy the bootstrap address', group: 'Everywhere' },
  { id: 'topic.create', keys: 'N', label: 'New topic', group: 'Everywhere' },
  { id: 'toast.act', keys: 'Ctrl Shift Z', label: 'Undo, or what the newest notice offers', group: 'Everywhere' },
  { id: 'zoom.in', keys: 'Ctrl +', label: 'Larger', group: 'Everywhere' },
  { id: 'zoom.out', keys: 'Ctrl -', label: 'Smaller', group: 'Everywhere' },
  { id: 'zoom.reset', keys: 'Ctrl 0', label: 'Actual size', group: 'Everywhere' },
  { id: 'help.keys', keys: '?', label: 'These keys', group: 'Everywhere' },
  { id: 'confirm', keys: 'Ctrl Enter', label: 'Produce, register, confirm', group: 'Everywhere', isOfView: true },
  { id: 'tab.next', keys: 'Ctrl Tab', label: 'Next tab', group: 'Tabs and panes' },
  { id: 'tab.previous', keys: 'Ctrl Shift Tab', label: 'Previous tab', group: 'Tabs and panes' },
  { id: 'tab.close', keys: 'Ctrl W', label: 'Close the tab', group: 'Tabs and panes' },
  { id: 'tab.reopen', keys: 'Ctrl Shift T', label: 'Open the closed tab again', group: 'Tabs and panes' },
  { id: 'tab.moveLeft', keys: 'Ctrl Shift PageUp', label: 'Move the tab to the left', group: 'Tabs and panes' },
  { id: 'tab.moveRight', keys: 'Ctrl Shift PageDown', label: 'Move the tab to the right', group: 'Tabs and panes' },
  { id: 'tab.back', keys: 'Alt Left', label: 'Back', group: 'Tabs and panes' },
  { id: 'tab.forward', keys: 'Alt Right', label: 'Forward', group: 'Tabs and panes' },
  { id: 'pane.split', keys: 'Ctrl \\', label: 'Split, or move the tab across', group: 'Tabs and panes' },
  { id: 'pane.other', keys: 'Ctrl Shift \\', label: 'To the other pane', group: 'Tabs and panes' },
  { id: 'frame.list', keys: 'Ctrl B', label: 'Show or hide the list', group: 'Tabs and panes' },
  { id: 'frame.filter', keys: '/', label: 'Filter the list', group: 'Lists and tables' },
  { id: 'rows', keys: 'J K', label: 'Next, previous row', group: 'Lists and tables', isOfView: true, isFixed: true },
  { id: 'rows.open', keys: 'Enter', label: 'Open and keep', group: 'Lists and tables', isOfView: true, isFixed: true },
  { id: 'rows.ends', keys: 'Home End', label: 'First, last row', group: 'Lists and tables', isOfView: true, isFixed: true },
  { id: 'map.cells', keys: '↑ ↓ ← →', label: 'Move between cells', group: 'Replica map', isOfView: true, isFixed: true },
  { id: 'map.move', keys: 'Shift M', label: 'Move leadership here', group: 'Replica map', isOfView: true },
  { id: 'map.kill', keys: 'Shift K', label: 'Kill the broker of this column', group: 'Replica map', isOfView: true },
  { id: 'map.freeze', keys: 'Shift F', label: 'Freeze or resume it', group: 'Replica map', isOfView: true },
  { id: 'map.start', keys: 'S', label: 'Start it', group: 'Replica map', isOfView: true },
  { id: 'moment.previous', keys: '[', label: 'Before the previous event', group: 'Replica map', isOfView: true },
  { id: 'moment.next', keys: ']', label: 'After the next event', group: 'Replica map', isOfView: true },
  { id: 'moment.earlier', keys: 'Shift Left', label: '100 ms earlier', group: 'Replica map', isOfView: true },
  { id: 'moment.later', keys: 'Shift Right', label: '100 ms later', group: 'Replica map', isOfView: true },
  { id: 'moment.live', keys: 'End', label: 'Back to now', group: 'Replica map', isOfView: true, isFixed: true },
  { id: 'topic.produce', keys: 'P', label: 'Produce to this topic', group: 'Topic' },
  { id: 'messages.read', keys: 'F5', label: 'Read again', group: 'Topic', isOfView: true },
  { id: 'messages.live', keys: 'L', label: 'Live on or off', group: 'Topic', isOfView: true },
  { id: 'messages.filter', keys: 'F', label: 'Add a filter', group: 'Topic', isOfView: true },
  { id: 'messages.histogram', keys: 'H', label: 'Messages over time, on or off', group: 'Topic', isOfView: true },
  { id: 'messages.more', keys: 'M', label: 'Read more', group: 'Topic', isOfView: true },
  { id: 'messages.copyValue', keys: 'Ctrl C', label: 'Copy the value of the record', group: 'Topic', isOfView: true },
  { id: 'messages.copyRecord', keys: 'Ctrl Shift C', label: 'Copy the record as JSON', group: 'Topic', isOfView: true },
  { id: 'messages.resend', keys: 'R', label: 'Resend the record', group: 'Topic', isOfView: true },
  { id: 'messages.resendMany', keys: 'Shift R', label: 'Resend the chosen records', group: 'Topic', isOfView: true },
  { id: 'messages.edit', keys: 'E', label: 'Edit and resend it', group: 'Topic', isOfView: true },
  { id: 'produce.save', keys: 'Ctrl S', label: 'Save the message', group: 'Topic', isOfView: true },
  { id: 'marks.next', keys: 'F8', label: 'Next mark', group: 'Schema', isOfView: true },
  { id: 'marks.previous', keys: 'Shift F8', label: 'Previous mark', group: 'Schema', isOfView: true },
  { id: 'schema.fix', keys: 'Ctrl .', label: 'Apply the first fix', group: 'Schema', isOfView: true },
  { id: 'schema.complete', keys: 'Ctrl Space', label: 'Complete', group: 'Schema', isOfView: true },
  { id: 'schema.format', keys: 'Shift Alt F', label: 'Format', group: 'Schema', isOfView: true },
  { id: 'schema.find', keys: 'Ctrl F', label: 'Find in the schema', group: 'Schema', isOfView: true },
]

/** The table with what was changed. Overrides of bindings that are not there, or are fixed, count for nothing. */
export function withOverrides(overrides: KeyOverrides): readonly KeyBinding[] {
  return keyBindings.map((binding) => {
    const changed = binding.isFixed ? undefined : overrides[binding.id]
    return changed === undefined ? binding : { ...binding, keys: changed }
  })
}

/** `Ctrl Shift B` as Electron's menus write it; null for a chord that no menu can show, and for none. */
export function acceleratorOf(keys: string): string | null {
  const parts = keys.split(' ')
  const key = parts.pop()
  if (!key) return null
  const names: Readonly<Record<string, string>> = { '+': 'Plus' }
  const modifiers = parts.map((part) => (part === 'Ctrl' ? 'CommandOrControl' : part))
  return [...modifiers, names[key] ?? key].join('+')
}
