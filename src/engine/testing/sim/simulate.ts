/**
 * One simulated run from its seed: start, topics, a safety phase in which anything may break, then everything is healed and the cluster must become whole in
 * bounded time, and then all that was acknowledged is looked for. The same seed gives the same run, event by event. Used by the tests and by `npm run sim`.
 */
import { Admin, KafkaClient } from '../../client'
import { checkerFactories } from './checkers'
import { whatIsMissing, whatIsNotInPlace } from './convergence'
import { FaultDriver } from './faults'
import { drawConfig, drawFaults, type PlannedFault, type SimConfig } from './plan'
import { startWorkload } from './workload'
import { type Outcome, World } from './world'

export interface SimOptions {
  readonly seed: number
  /** Faults by id; without it all that the seed gives. */
  readonly onlyFaults?: ReadonlySet<number>
  /** Called for each line of the trace; without it there is none, and the run is the same. */
  readonly trace?: (line: string) => void
  /** Called with the world before it starts, for whoever wants to listen in. */
  readonly onDidMakeWorld?: (world: World) => void
  readonly config?: Partial<SimConfig>
}

export interface SimResult {
  readonly seed: number
  readonly outcome: 'passed' | Outcome
  /** The rule that was broken, in the words of the code that asserts it. */
  readonly invariant: string | null
  readonly message: string
  readonly atMs: number
  readonly eventCount: number
  readonly simulatedMs: number
  readonly stats: Readonly<Record<string, number>>
  readonly faults: readonly PlannedFault[]
}

/** All that may take: expired sessions, elections, replicas that catch up, retries of clients up to their delivery time-out. */
const CONVERGENCE_LIMIT_MS = 90_000
/**
 * Longer than the slowest verifier waits by itself: it knows what need not hold any more, and says what it has waited for. That of the transactions waits
 * a minute for their ends, a minute for its reading, and a minute for the offsets of each transactional id whose markers may have been lost.
 */
const VERIFY_LIMIT_MS = 600_000
const TOPICS_LIMIT_MS = 60_000
/** How often it is looked at whether the world has become whole: looking costs more than an event. */
const LOOK_MS = 100

/** Never rejects for what the world did. */
export async function simulate(options: SimOptions): Promise<SimResult> {
  const { seed, onlyFaults, trace } = options
  const config: SimConfig = { ...drawConfig(seed), ...options.config }
  const faults = drawFaults(seed, config).filter(({ id }) => onlyFaults?.has(id) ?? true)
  const world = new World({ seed, config, ...(trace === undefined ? {} : { trace }) })
  try {
    options.onDidMakeWorld?.(world)
    await live(world, faults)
  } catch (error) {
    // A failure of the world is noted already; anything else is one of the simulator.
    if (world.failure === null) world.failWith(error)
  } finally {
    world.close()
  }
  const { failure } = world
  return {
    seed,
    outcome: failure?.outcome ?? 'passed',
    invariant: failure?.invariant ?? null,
    message: failure?.message ?? '',
    atMs: failure?.atMs ?? world.nowMs,
    eventCount: world.scheduler.eventCount,
    simulatedMs: world.nowMs,
    stats: Object.fromEntries([...world.stats].sort(([a], [b]) => (a < b ? -1 : 1))),
    faults,
  }
}

async function live(world: World, faults: readonly PlannedFault[]): Promise<void> {
  for (const make of checkerFactories) world.checkers.push(make(world))
  await world.boot()
  await createTopics(world)
  world.phase = 'safety'
  world.trace.line('world', 'serves; faults may come')
  const workload = startWorkload(world)
  workload.start()
  const driver = new FaultDriver(world, faults)
  driver.start()
  await world.runFor(world.config.safetyMs)
  world.phase = 'healing'
  driver.heal()
  await world.runFor(world.config.workAfterHealingMs)
  workload.stop()
  await converge(world, () => {
    if (!workload.isIdle) return 'clients still wait for answers'
    return whatIsMissing(world) ?? whatIsNotInPlace(world, workload)
  })
  world.phase = 'converged'
  world.trace.line('world', 'is whole again')
  for (const checker of world.checkers) {
    const look = checker.atEnd?.()
    if (look !== undefined) await world.settle(look, VERIFY_LIMIT_MS)
  }
  await world.settle(workload.verify(), VERIFY_LIMIT_MS)
}

async function createTopics(world: World): Promise<void> {
  const process = world.clientProcess('setup')
  const client = new KafkaClient({ platform: process.platform, bootstrap: world.bootstrap, clientId: 'setup' })
  const admin = new Admin(client)
  for (const { name, partitions, replicationFactor, configs } of world.config.topics) {
    const topic = { name, partitionCount: partitions, replicationFactor, configs }
    await world.settle(admin.createTopic(topic), TOPICS_LIMIT_MS)
  }
  client.close()
}

/** Fails the world with what is missing, and rejects, where it does not become whole in time. */
async function converge(world: World, missing: () => string | null): Promise<void> {
  const deadlineMs = world.nowMs + CONVERGENCE_LIMIT_MS
  let last: string | null = null
  while (world.nowMs < deadlineMs) {
    last = missing()
    if (last === null) return
    await world.runFor(LOOK_MS)
  }
  const message = `${CONVERGENCE_LIMIT_MS} ms after everything was healed: ${last ?? ''}`
  world.fail('no-convergence', message)
  throw new Error(message)
}
