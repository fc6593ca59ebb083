/**
 * Consumer groups under churn, with other people's clients as members, each in a process of its own: six of them over 24 partitions, one killed, started, or
 * asked to leave every few seconds at random, while records are written all the time. Both protocols, one after the other; then a group that lives goes from one
 * protocol to the other, member after member, and back (migration.ts).
 *
 *   npx tsx compat/groups/run.ts [--seconds 120] [--protocol classic|consumer|migration] [--seed N] [--quick] [--trace FILE]
 *
 * Prints `ok`, `failed` or `skipped` for each of three rules. At no time two members own a partition, but for one that the cluster has put out and that has
 * not heard of it. Every record is processed. Each rebalance ends within 3 s of its cause, as the cluster sees it: a member that is killed says nothing, and
 * its death is known when its session expires (6 s here); so the time counts from the last moment in which the cluster took the former members for the members.
 * Where somebody else comes or goes before a rebalance has ended, the time counts from then. For as long as the machine gives this program no time at all,
 * which it is told at the end, nobody else is held to have had any.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Admin } from '../../src/engine/client'
import { ServeProcess } from '../kafka-clients/serve-process'
import { feed, newClient, type Trace, watchGroup } from './group-watch'
import { GroupJudge } from './judge'
import { findClients, type MemberClient, MemberProcess, type Place, type Protocol } from './members'
import { migrate } from './migration'
import { limitMs, report } from './report'

const cacheDirectory = join(__dirname, '../../node_modules/.cache/compat')
const settings = ['group.consumer.session.timeout.ms=6000']

interface Size {
  readonly seconds: number
  readonly members: number
  readonly partitions: number
  /** Between one change and the next. */
  readonly changeEveryMs: readonly [number, number]
  readonly recordEveryMs: number
}

const whole: Size = { seconds: 120, members: 6, partitions: 24, changeEveryMs: [3_000, 8_000], recordEveryMs: 100 }
const quick: Size = { seconds: 8, members: 3, partitions: 6, changeEveryMs: [2_000, 2_500], recordEveryMs: 100 }

/** The same changes for the same seed; what follows from them is the machine's (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function churn(
  trace: Trace,
  bootstrap: string,
  protocol: Protocol,
  clients: readonly MemberClient[],
  size: Size,
  random: () => number,
): Promise<boolean> {
  const name = `churn-${protocol}`
  const place: Place = { bootstrap, topic: name, group: name }
  const client = newClient(bootstrap, 'groups-runner')
  const judge = new GroupJudge(size.partitions)
  const members: MemberProcess[] = []
  const counts = { started: 0, killed: 0, left: 0 }
  const between = ([lowest, highest]: readonly [number, number]) => lowest + random() * (highest - lowest)
  const start = () => {
    const chosen = clients[counts.started % clients.length]!
    const memberName = `${name}-${++counts.started}`
    members.push(
      new MemberProcess(chosen, place, memberName, protocol, (line) => {
        trace(memberName, line)
        judge.onLine(memberName, line)
      }),
    )
  }
  const takeAny = () => members.splice(Math.floor(random() * members.length), 1)[0]!
  const watch = watchGroup(client, name, judge, trace)
  try {
    await new Admin(client).createTopic({ name, partitionCount: size.partitions, replicationFactor: 3, configs: {} })
    await client.refresh()
    const stopFeeding = feed(client, name, size.partitions, size.recordEveryMs)
    for (let index = 0; index < size.members; index++) start()
    while (members.some(({ hasStarted, isAlive }) => isAlive && !hasStarted)) await pause(50)
    const endMs = Date.now() + size.seconds * 1_000
    while (Date.now() < endMs) {
      await pause(between(size.changeEveryMs))
      const isFew = members.length <= size.members - 2
      if (isFew || (members.length < size.members + 2 && random() < 0.5)) start()
      else if (random() < 0.7) {
        const victim = takeAny()
        const atMs = await victim.kill()
        trace(victim.name, { atMs, event: 'killed' })
        judge.onKilled(victim.name, atMs)
        counts.killed++
      } else {
        await takeAny().leave(20_000)
        counts.left++
      }
    }
    const ends = await stopFeeding()
    const patienceMs = Date.now() + 60_000
    while (judge.missing(ends) > 0 && Date.now() < patienceMs) await pause(200)
    await pause(limitMs)
    const latestMs = await watch.stop()
    return report(judge, ends, protocol, `${counts.started} started, ${counts.killed} killed, ${counts.left} left`, latestMs)
  } finally {
    await watch.stop()
    for (const member of members) await member.kill()
    client.close()
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      protocol: { type: 'string' },
      seed: { type: 'string', default: '1' },
      trace: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const base = values.quick ? quick : whole
  const size = { ...base, seconds: Number(values.seconds ?? base.seconds) }
  const { trace: file } = values
  const trace: Trace = (who, what) => {
    if (file !== undefined) appendFileSync(file, `${who} ${JSON.stringify(what)}\n`)
  }
  const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-groups-'))
  let server: ServeProcess | null = null
  let isWell = true
  try {
    server = await ServeProcess.start([
      ...['--brokers', '3', '--port', '0', '--coordination-port', '0', '--data-dir', directory],
      ...settings.flatMap((setting) => ['--config', setting]),
    ])
    for (const protocol of ['classic', 'consumer'] as const) {
      if (values.protocol !== undefined && values.protocol !== protocol) continue
      const { clients, missing } = await findClients(protocol, cacheDirectory)
      for (const why of missing) console.log(`skipped ${protocol}, one of its clients: ${why}`)
      if (clients.length === 0) continue
      console.log(`${protocol}: ${clients.map(({ name }) => name).join(' and ')}, seed ${values.seed}`)
      isWell = (await churn(trace, server.bootstrapServers, protocol, clients, size, randomOf(Number(values.seed)))) && isWell
    }
    if (values.protocol === undefined || values.protocol === 'migration')
      isWell = (await migrate(trace, server.bootstrapServers, cacheDirectory, values.quick)) && isWell
    return isWell ? 0 : 1
  } finally {
    await server?.terminate()
    rmSync(directory, { recursive: true, force: true })
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
