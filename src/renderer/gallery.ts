/**
 * The window over the fake host, in a plain browser: `gallery.html?scenario=degraded&theme=dark`. For looking at it; never part of the build.
 * `window.fake` is the host, so that a script can kill brokers or make calls fail.
 */
import './styles/main.css'
import { FakeHost, type FakeScenario } from './host/fake/fake-host'
import { mountWindow } from './mount'

const query = new URLSearchParams(location.search)
const scenario = (query.get('scenario') ?? 'full') as FakeScenario
let behindMs = 0
if (scenario === 'degraded') behindMs = 200_000
const host = new FakeHost({ scenario, now: () => Date.now() - behindMs })
host.theme = (query.get('theme') ?? 'system') as FakeHost['theme']

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
void mountWindow(host, '#app')
Object.assign(window, { fake: host })
