/**
 * A fault of several steps, which hardly ever come together by chance: the leader of a partition loses touch with one follower, which has none with
 * the others either; it dies, and so does its successor. Each leaves a tail that another lacks, and the third, elected last, has more of the
 * first leader's epoch than the second (KIP-279). Carried out by faults.ts.
 */
import type { SeededRandom } from './seeded-random'
import type { SimBroker, World } from './world'

/** What it needs of faults.ts: both are taken back there when the world is healed. */
export interface TwoTailsMeans {
  cut(broker: SimBroker, other: SimBroker, durationMs: number): void
  kill(broker: SimBroker, durationMs: number): void
  isHealed(): boolean
}

/** Nobody is elected in the place of the first before its session is over. */
const SUCCESSION_LIMIT_MS = 8_000
const LOOK_MS = 20

export function strikeTwoLeaders(world: World, random: SeededRandom, { cut, kill, isHealed }: TwoTailsMeans): void {
  const first = anyLeader(world, random)
  if (first === null) return
  const { topic, partition, leader } = first
  const others = [...world.brokers.values()].filter(({ id, state }) => id !== leader.id && state === 'running')
  const [second, ...rest] = others.splice(random.below(others.length), 1).concat(others)
  if (second === undefined || rest.length === 0) return
  const lastingMs = world.config.sessionTimeoutMs + random.between(2_000, 4_000)
  const tell = (text: string): void => world.trace.line('fault', `two tails of ${topic}-${partition}: ${text}`)
  tell(
    `${leader.name}, who leads, and ${second.name}, and ${second.name} and all others, do not reach each other for ${lastingMs} ms`,
  )
  cut(leader, second, lastingMs)
  for (const other of rest) cut(second, other, lastingMs)
  world.scheduler.after(random.between(100, 900), null, 'two tails', () => {
    if (isHealed()) return
    tell(`kills ${leader.name}`)
    kill(leader, lastingMs + random.between(0, 3_000))
    awaitSuccessor(world.nowMs + SUCCESSION_LIMIT_MS)
  })

  function awaitSuccessor(deadlineMs: number): void {
    world.scheduler.after(LOOK_MS, null, 'two tails', () => {
      if (isHealed() || world.nowMs > deadlineMs) return
      const successor = [...world.brokers.values()].find((broker) => broker !== leader && leads(broker, topic, partition))
      if (successor === undefined) return awaitSuccessor(deadlineMs)
      world.scheduler.after(random.between(50, 800), null, 'two tails', () => {
        if (isHealed()) return
        tell(`kills ${successor.name}, who leads now`)
        kill(successor, random.between(500, 4_000))
      })
    })
  }
}

function anyLeader(world: World, random: SeededRandom): { topic: string; partition: number; leader: SimBroker } | null {
  const led: { topic: string; partition: number; leader: SimBroker }[] = []
  for (const leader of world.brokers.values())
    for (const { topic, partition, role, isr } of leader.broker?.partitionStates() ?? [])
      if (role === 'leader' && isr.length > 2) led.push({ topic, partition, leader })
  return led.length === 0 ? null : random.pick(led)
}

function leads({ broker }: SimBroker, topic: string, partition: number): boolean {
  for (const status of broker?.partitionStates() ?? [])
    if (status.topic === topic && status.partition === partition) return status.role === 'leader'
  return false
}
