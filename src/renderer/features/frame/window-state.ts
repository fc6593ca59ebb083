/**
 * What of the frame outlives the window: which tabs are open, in what order and in which pane, those that were closed, and the commands used
 * last. Read once before the window is mounted, written a moment after a change. What cannot be read counts as nothing: a lost tab must
 * never keep the window from opening.
 */
import * as v from 'valibot'
import { type InjectionKey, inject, onBeforeUnmount, watch } from 'vue'
import type { Host } from '../../host/host'
import { isTabKind, type TabKind, topicSections } from './tab-kinds'

const tabSchema = v.object({
  id: v.string(),
  kind: v.custom<TabKind>((kind) => typeof kind === 'string' && isTabKind(kind)),
  topic: v.nullable(v.string()),
  subject: v.nullable(v.string()),
  group: v.nullable(v.string()),
  section: v.fallback(v.picklist(topicSections), 'messages'),
  isPreview: v.boolean(),
  pane: v.picklist([0, 1]),
})

const stateSchema = v.object({
  tabs: v.pipe(v.array(tabSchema), v.maxLength(500)),
  /** In front, of each pane. */
  front: v.tuple([v.string(), v.nullable(v.string())]),
  focusedPane: v.picklist([0, 1]),
  /** The left pane's share of the work area. */
  ratio: v.fallback(v.pipe(v.number(), v.minValue(0.2), v.maxValue(0.8)), 0.5),
  isListOpen: v.fallback(v.boolean(), true),
  closed: v.fallback(v.array(tabSchema), []),
  used: v.fallback(v.array(v.string()), []),
  settingsPage: v.fallback(v.string(), ''),
})

export type KeptTab = v.InferOutput<typeof tabSchema>
export type WindowState = v.InferOutput<typeof stateSchema>

/** The state of the last time, null where there is none. */
export const windowStateKey: InjectionKey<WindowState | null> = Symbol('windowState')

export const useKeptState = (): WindowState | null => inject(windowStateKey, null)

export async function readWindowState(host: Host): Promise<WindowState | null> {
  try {
    const text = await host.call('app.readWindowState')
    return text === null ? null : parseWindowState(text)
  } catch {
    return null
  }
}

export function parseWindowState(text: string): WindowState | null {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    return null
  }
  const read = v.safeParse(stateSchema, content)
  return read.success && read.output.tabs.length > 0 ? read.output : null
}

const writeDelayMs = 400

/** Writes what `state` answers a moment after it changed, and when the page goes. A failure is not worth a word: it is tried at the next change. */
export function keepWindowState(host: Host, state: () => WindowState): void {
  let written = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  function write(): void {
    clearTimeout(timer)
    const text = JSON.stringify(state())
    if (text === written) return
    written = text
    host.call('app.writeWindowState', { text }).catch(() => {
      written = ''
    })
  }
  const stop = watch(
    () => JSON.stringify(state()),
    () => {
      clearTimeout(timer)
      timer = setTimeout(write, writeDelayMs)
    },
  )
  window.addEventListener('pagehide', write)
  onBeforeUnmount(() => {
    stop()
    clearTimeout(timer)
    window.removeEventListener('pagehide', write)
  })
}
