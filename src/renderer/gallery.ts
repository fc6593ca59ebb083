/**
 * For looking at it, never part of the build. `gallery.html` is the design system, every component in its states (`?theme=dark`);
 * `gallery.html?scenario=degraded` is the window over the fake host, in a plain browser. There `window.fake` is the host, so that a script can kill
 * brokers or make calls fail.
 */
import './styles/main.css'
import { createApp, h } from 'vue'
import UiGallery from './gallery/UiGallery.vue'
import { FakeHost, type FakeScenario } from './host/fake/fake-host'
import { mountWindow } from './mount'
import { UiProvider } from './ui'

const query = new URLSearchParams(location.search)
const theme = query.get('theme') ?? 'system'

if (query.has('scenario')) void showWindow(query.get('scenario') as FakeScenario)
else {
  const isDark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
  createApp({ render: () => h(UiProvider, null, { default: () => h(UiGallery) }) }).mount('#app')
}

async function showWindow(scenario: FakeScenario): Promise<void> {
  let behindMs = 0
  if (scenario === 'degraded') behindMs = 200_000
  const host = new FakeHost({ scenario, now: () => Date.now() - behindMs })
  host.theme = theme as FakeHost['theme']
  if (scenario === 'degraded') {
    // Lived through before the window opens, in steps, so that the timeline has real intervals.
    const { cluster } = host
    const pass = (ms: number): void => {
      for (let at = 0; at < ms; at += 10) {
        behindMs = Math.max(0, behindMs - 10)
        cluster.tick()
      }
    }
    cluster.freeze(3)
    pass(8_000)
    cluster.resume(3)
    pass(120_000)
    cluster.kill(2)
    pass(1_600)
    const behind = cluster.partition('payments', 3)
    const slow = behind?.replicas.find((replica) => replica.brokerId === 3)
    if (behind && slow && behind.leader !== 3) {
      slow.logEndOffset -= 124_800
      behind.isr = behind.isr.filter((id) => id !== 3)
    }
    pass(12_000)
    behindMs = 0
  }
  host.run()
  await mountWindow(host, '#app')
  Object.assign(window, { fake: host })
}
