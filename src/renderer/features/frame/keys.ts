/**
 * The keys that work everywhere, as one table: it binds them and it prints them (`?`, the palette, tooltips). Keys of one view are handled
 * by that view and listed here for `?` only. Single keys act only when no field has the focus. Ctrl is Cmd on macOS.
 */
export interface KeyBinding {
  readonly keys: string
  readonly label: string
  /** The command it runs; null where the view itself listens. */
  readonly command: string | null
  readonly group: 'Everywhere' | 'Lists and tables' | 'Replica map' | 'Topic' | 'Schema'
}

export const keyBindings: readonly KeyBinding[] = [
  { keys: 'Ctrl K', label: 'Go to or run', command: 'palette.open', group: 'Everywhere' },
  { keys: 'Ctrl 1', label: 'Cluster', command: 'view.cluster', group: 'Everywhere' },
  { keys: 'Ctrl 2', label: 'Topics', command: 'view.topics', group: 'Everywhere' },
  { keys: 'Ctrl 3', label: 'Produce', command: 'view.produce', group: 'Everywhere' },
  { keys: 'Ctrl 5', label: 'Schemas', command: 'view.schemas', group: 'Everywhere' },
  { keys: 'Ctrl 4', label: 'Consumer groups', command: 'view.groups', group: 'Everywhere' },
  { keys: 'Ctrl 6', label: 'Metrics', command: 'view.metrics', group: 'Everywhere' },
  { keys: 'Ctrl 7', label: 'Clients', command: 'view.clients', group: 'Everywhere' },
  { keys: 'Ctrl 8', label: 'Coordination', command: 'view.coordination', group: 'Everywhere' },
  { keys: 'Ctrl B', label: 'Show or hide the list', command: 'frame.list', group: 'Everywhere' },
  { keys: 'Ctrl Tab', label: 'Next tab', command: 'tab.next', group: 'Everywhere' },
  { keys: 'Ctrl Shift Tab', label: 'Previous tab', command: 'tab.previous', group: 'Everywhere' },
  { keys: 'Ctrl W', label: 'Close the tab', command: 'tab.close', group: 'Everywhere' },
  { keys: 'Alt Left', label: 'Back', command: 'tab.back', group: 'Everywhere' },
  { keys: 'Alt Right', label: 'Forward', command: 'tab.forward', group: 'Everywhere' },
  { keys: 'F6', label: 'Next region', command: 'frame.region', group: 'Everywhere' },
  { keys: 'Ctrl Shift B', label: 'Copy the bootstrap address', command: 'cluster.copyBootstrap', group: 'Everywhere' },
  { keys: 'N', label: 'New topic', command: 'topic.create', group: 'Everywhere' },
  { keys: '/', label: 'Filter the list', command: 'frame.filter', group: 'Everywhere' },
  { keys: '?', label: 'These keys', command: 'help.keys', group: 'Everywhere' },
  { keys: 'J K', label: 'Next, previous row', command: null, group: 'Lists and tables' },
  { keys: 'Enter', label: 'Open and keep', command: null, group: 'Lists and tables' },
  { keys: 'Home End', label: 'First, last row', command: null, group: 'Lists and tables' },
  { keys: '↑ ↓ ← →', label: 'Move between cells', command: null, group: 'Replica map' },
  { keys: 'Shift K', label: 'Kill the broker of this column', command: null, group: 'Replica map' },
  { keys: 'Shift F', label: 'Freeze or resume it', command: null, group: 'Replica map' },
  { keys: 'S', label: 'Start it', command: null, group: 'Replica map' },
  { keys: 'P', label: 'Produce to this topic', command: 'topic.produce', group: 'Topic' },
  { keys: 'F5', label: 'Read again', command: null, group: 'Topic' },
  { keys: 'L', label: 'Live on or off', command: null, group: 'Topic' },
  { keys: 'Ctrl C', label: 'Copy the value of the record', command: null, group: 'Topic' },
  { keys: 'Ctrl Shift C', label: 'Copy the record as JSON', command: null, group: 'Topic' },
  { keys: 'R', label: 'Resend the record', command: null, group: 'Topic' },
  { keys: 'E', label: 'Edit and resend it', command: null, group: 'Topic' },
  { keys: 'Ctrl Enter', label: 'Produce, confirm', command: null, group: 'Topic' },
  { keys: 'Ctrl Enter', label: 'Register the draft', command: null, group: 'Schema' },
  { keys: 'F8', label: 'Next mark', command: null, group: 'Schema' },
  { keys: 'Shift F8', label: 'Previous mark', command: null, group: 'Schema' },
  { keys: 'Ctrl .', label: 'Apply the first fix', command: null, group: 'Schema' },
  { keys: 'Ctrl Space', label: 'Complete', command: null, group: 'Schema' },
  { keys: 'Shift Alt F', label: 'Format', command: null, group: 'Schema' },
  { keys: 'Ctrl F', label: 'Find in the schema', command: null, group: 'Schema' },
]

/** The binding of a command as it is printed. */
export const keysOf = (command: string): string | undefined => keyBindings.find((binding) => binding.command === command)?.keys

const names: Readonly<Record<string, string>> = { ArrowLeft: 'Left', ArrowRight: 'Right', ArrowUp: 'Up', ArrowDown: 'Down' }

/** A key press as the table writes it: `Ctrl Shift B`. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = names[event.key] ?? (event.key.length === 1 ? event.key.toUpperCase() : event.key)
  const isSymbol = key.length === 1 && key.toLowerCase() === key.toUpperCase()
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl')
  if (event.altKey) parts.push('Alt')
  // A symbol's own shift is part of writing it: `?` is not `Shift ?`.
  if (event.shiftKey && !isSymbol) parts.push('Shift')
  return [...parts, key].join(' ')
}

export function isEditing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLInputElement ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement)
  )
}

/** Listens on the window. Answers a function that stops. */
export function bindKeys(run: (command: string) => void): () => void {
  const commands = new Map(keyBindings.flatMap((binding) => (binding.command ? [[binding.keys, binding.command]] : [])))
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return
    const chord = chordOf(event)
    const command = commands.get(chord)
    if (!command) return
    const isSingle = !event.ctrlKey && !event.metaKey && !event.altKey && !/^F\d/.test(chord)
    if (isSingle && (isEditing(event.target) || document.querySelector('[role=dialog], [role=menu], [role=listbox]'))) return
    event.preventDefault()
    run(command)
  }
  window.addEventListener('keydown', onKey)
  return () => window.removeEventListener('keydown', onKey)
}
