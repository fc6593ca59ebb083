/**
 * Binds the table of keys to the window. Chords with Ctrl or Alt are taken before anything else sees them: an editor with the focus would keep
 * some for itself. Single keys come last, and only while no field has the focus. A changed key of a view is sent on to it as the key that the
 * view listens for, so no view needs to know that keys can be changed.
 */
import { computed, ref } from 'vue'
import { type KeyBinding, type KeyOverrides, keyBindings, withOverrides } from '../../../shared/model/keys'

export { type KeyBinding, keyBindings } from '../../../shared/model/keys'

/** What was changed, as main keeps it. */
export const keyOverrides = ref<KeyOverrides>({})
/** The table as it holds now. */
export const effectiveKeys = computed(() => withOverrides(keyOverrides.value))

/** The chord of a command as it is printed; undefined where it has none. */
export const keysOf = (id: string): string | undefined =>
  effectiveKeys.value.find((binding) => binding.id === id)?.keys || undefined

/** A chord of the table as it is now called: what a view prints is what it listens for, and that may have been changed. */
export function printedKeys(keys: string): string {
  const isTaken = Object.keys(keyOverrides.value).length > 0
  if (!isTaken) return keys
  const binding = keyBindings.find((each) => each.keys === keys)
  return binding ? (keysOf(binding.id) ?? '') : keys
}

const names: Readonly<Record<string, string>> = {
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ' ': 'Space',
  '=': '+',
}

/** A key press as the table writes it: `Ctrl Shift B`. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  // Ctrl Shift \ arrives as Ctrl Shift |: the key is meant, and Shift is told beside it.
  const shifted = event.key === '|' && event.ctrlKey ? '\\' : event.key
  const key = names[shifted] ?? (shifted.length === 1 ? shifted.toUpperCase() : shifted)
  const isSymbol = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== '\\'
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl')
  // A symbol's own shift is part of writing it: `?` is not `Shift ?`.
  if (event.shiftKey && !isSymbol) parts.push('Shift')
  if (event.altKey) parts.push('Alt')
  return [...parts, key].join(' ')
}

/** Whether a press is only of keys that go with another. */
export const isModifier = (key: string): boolean =>
  ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead'].includes(key)

export function isEditing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLInputElement ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement)
  )
}

const isSingleKey = (chord: string): boolean => !/^(?:Ctrl|Alt|Shift Alt)(?: |$)/.test(chord) && !/^(?:Shift )?F\d/.test(chord)

/** Whose chord it is, once some were changed: those of the table that it now means. */
const byChord = computed(() => {
  const map = new Map<string, KeyBinding>()
  for (const binding of effectiveKeys.value) if (binding.keys !== '' && !map.has(binding.keys)) map.set(binding.keys, binding)
  return map
})

/** Chords of the table that mean nothing any more. */
const given = computed(() => {
  const left = new Set<string>()
  for (const binding of keyBindings)
    if (binding.isOfView && (keyOverrides.value[binding.id] ?? binding.keys) !== binding.keys) left.add(binding.keys)
  for (const binding of effectiveKeys.value) left.delete(binding.keys)
  return left
})

/** Events that were made here from a changed key: they are what the view waits for. */
const sentOn = new WeakSet<Event>()

/** Listens on the window. Answers a function that stops. */
export function bindKeys(run: (command: string) => void): () => void {
  function take(event: KeyboardEvent, binding: KeyBinding): void {
    event.preventDefault()
    event.stopPropagation()
    run(binding.id)
  }
  const onCapture = (event: KeyboardEvent): void => {
    if (event.isComposing || sentOn.has(event)) return
    const chord = chordOf(event)
    if (isRecording(event.target)) return
    const binding = byChord.value.get(chord)
    if (!binding) {
      if (given.value.has(chord) && !(isSingleKey(chord) && isEditing(event.target))) event.stopPropagation()
      return
    }
    if (isSingleKey(chord) && (isEditing(event.target) || isBehindPopup())) return
    if (binding.isOfView) {
      const known = keyBindings.find((each) => each.id === binding.id)
      if (known && known.keys !== chord) sendOn(event, known.keys)
      return
    }
    // Single keys wait until the view has had its chance (below).
    if (!isSingleKey(chord) && !(isUnderDialog() && binding.id !== 'palette.open')) take(event, binding)
  }
  const onBubble = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || sentOn.has(event) || isRecording(event.target)) return
    const chord = chordOf(event)
    const binding = byChord.value.get(chord)
    if (!binding || binding.isOfView || !isSingleKey(chord) || isEditing(event.target) || isBehindPopup()) return
    take(event, binding)
  }
  window.addEventListener('keydown', onCapture, true)
  window.addEventListener('keydown', onBubble)
  return () => {
    window.removeEventListener('keydown', onCapture, true)
    window.removeEventListener('keydown', onBubble)
  }
}

/** The field in which a new chord is pressed takes every key as it is. */
const isRecording = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('[data-records-keys]') !== null

const isBehindPopup = (): boolean =>
  document.querySelector('[role=dialog], [role=menu], [role=listbox]:not([data-inline])') !== null

/** Commands that would change what stands behind a question wait until it is answered. The palette is no question. */
const isUnderDialog = (): boolean => document.querySelector('[role=dialog][data-state=open], [role=alertdialog]') !== null

/** The press again, with another key, at the same place. */
function sendOn(event: KeyboardEvent, chord: string): void {
  event.preventDefault()
  event.stopImmediatePropagation()
  const parts = chord.split(' ')
  const key = parts.at(-1) ?? ''
  const shift = parts.includes('Shift')
  const real =
    Object.entries(names).find(([, name]) => name === key)?.[0] ?? (key.length === 1 && !shift ? key.toLowerCase() : key)
  const made = new KeyboardEvent('keydown', {
    key: real,
    code: /^[A-Z]$/.test(key) ? `Key${key}` : key,
    ctrlKey: parts.includes('Ctrl'),
    altKey: parts.includes('Alt'),
    shiftKey: shift,
    bubbles: true,
    cancelable: true,
    composed: true,
  })
  sentOn.add(made)
  event.target?.dispatchEvent(made)
}
