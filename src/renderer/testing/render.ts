/** Mounts a component of the window over a fake host with a clock of the test's own. For tests only. */
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { type Component, createApp, h } from 'vue'
import { useClusterStore } from '../features/cluster/store'
import { useTimelineStore } from '../features/cluster/timeline-store'
import { type WindowState, windowStateKey } from '../features/frame/window-state'
import { useTopicsStore } from '../features/topics/store'
import { FakeHost, type FakeHostOptions } from '../host/fake/fake-host'
import { hostKey } from '../host/host'
import { copyTextKey, UiProvider } from '../ui'

export interface Bench {
  readonly host: FakeHost
  /** Moves the fake cluster's clock on and tells the window. */
  pass(ms: number): Promise<void>
  /** Mounts with everything provided, inside the design system's provider. */
  render(component: Component, props?: Record<string, unknown>): VueWrapper
}

export async function createBench(
  options: FakeHostOptions = {},
  { windowState = null }: { windowState?: WindowState | null } = {},
): Promise<Bench> {
  let offsetMs = 0
  const host = new FakeHost({ now: () => Date.now() + offsetMs, ...options })
  const pinia = createPinia()
  const copyText = async (text: string): Promise<void> => {
    await host.call('app.copyText', { text })
  }
  // Stores take the host from the app they are installed in.
  createApp({}).provide(hostKey, host).provide(windowStateKey, windowState).provide(copyTextKey, copyText).use(pinia)
  setActivePinia(pinia)
  await Promise.all([useClusterStore().load(), useTopicsStore().load(), useTimelineStore().load()])
  return {
    host,
    async pass(ms) {
      offsetMs += ms
      host.tick()
      await settle()
    },
    render(component, props = {}) {
      return mount(UiProvider, {
        attachTo: document.body,
        slots: { default: () => h(component, props) },
        global: { plugins: [pinia], provide: { [hostKey as symbol]: host, [copyTextKey as symbol]: copyText } },
      })
    },
  }
}

/** Lets answers of the fake host arrive and the page follow. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
}
