/**
 * The second tier of proof: a real cluster in a process of its own, real sockets, files and clients, and faults of every kind at random.
 *
 *   npm run torture -- [--minutes 3] [--seed S]
 *
 * The seed decides the faults; what the machine makes of them is its own (docs/torture.md). Exit code 0: nothing was lost, duplicated or reordered.
 * 1: something was. 2: the cluster did not recover in time, or a part of it crashed by itself. 3: the test could not run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildCluster } from './build'
import type { ProducerKind } from './clients/client'
import { kafkajsIdempotent, kafkajsPlain } from './clients/kafkajs'
import { ownIdempotent, ownPlain } from './clients/own'
import { rdkafkaIdempotent, rdkafkaPlain } from './clients/rdkafka'
import { ClusterProcess } from './cluster/cluster-process'
import type { TortureSettings } from './cluster/settings'
import { Target } from './faults/target'
import { Ledger } from './history/ledger'
import { Topology } from './network/topology'
import { Random } from './random'
import { describeFailure, summary } from './report'
import { type RoundKind, Rounds } from './round'
import { RunTimeline } from './timeline'

const brokerCount = 3
const sessionTimeoutMs = 1_500
const faultsForMs = 40_000
const recordsPerSecond = 150
const allKinds: readonly ProducerKind[] = [
  rdkafkaIdempotent,
  rdkafkaPlain,
  kafkajsIdempotent,
  kafkajsPlain,
  ownIdempotent,
  ownPlain,
]

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '3' }, seed: { type: 'string' } } })
  const minutes = Number(values.minutes)
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
  if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
    console.error('npm run torture -- [--minutes M] [--seed S]: M a number above 0, S a whole number')
    return 3
  }
  const directory = mkdtempSync(join(tmpdir(), 'workbench-torture-'))
  const bundle = join(__dirname, '../../node_modules/.cache/torture', String(process.pid))
  const random = new Random(seed)
  const kinds = allKinds.filter((kind) => {
    const why = kind.unavailable()
    if (why !== null) console.log(`LEFT OUT ${kind.name}: ${why}`)
    return why === null
  })
  console.log(`seed ${seed}, ${minutes} minutes, ${brokerCount} brokers, data in ${directory}`)
  await buildCluster(bundle)
  const directories = { data: join(directory, 'data'), journals: join(directory, 'journals') }
  mkdirSync(directories.journals)
  const topology = await Topology.open(brokerCount, random.fork())
  const settings: TortureSettings = {
    dataDirectory: directories.data,
    journalDirectory: directories.journals,
    sessionTimeoutMs,
    brokerConfigs: {},
    coordinationPort: topology.coordinationPort,
    hiddenPorts: topology.hiddenPorts,
    frontPorts: topology.frontPorts,
    routes: topology.routes,
  }
  const settingsPath = join(directory, 'settings.json')
  writeFileSync(settingsPath, JSON.stringify(settings, null, 2))
  const timeline = new RunTimeline(join(directory, 'timeline.log'))
  const cluster = new ClusterProcess({ bundleDirectory: bundle, settingsPath, onSaid: (line) => timeline.said(line) })
  const target = new Target(cluster, topology, timeline, random.fork(), directories)
  const ledger = new Ledger()
  const rounds = new Rounds(target, ledger, kinds)
  const endAll = async (): Promise<void> => {
    rounds.kill()
    await cluster.killHard()
    topology.close()
    rmSync(bundle, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(`${signal}: ending; data in ${directory}`)
      void endAll().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143))
    })
  }
  let failure: string | null = null
  let recordsRead = 0
  try {
    await cluster.start()
    const endMs = Date.now() + minutes * 60_000
    for (const [number, kind] of roundsOf(random.fork())) {
      const leftMs = endMs - Date.now()
      if (number > 1 && leftMs < 15_000) break
      // What is left of the time goes to the last round, but for what its end takes.
      const forMs = leftMs < faultsForMs * 1.8 ? Math.max(8_000, leftMs - 15_000) : faultsForMs
      const startMs = Date.now()
      const acknowledgedBefore = ledger.acknowledgedTotal
      const faultsBefore = timeline.faultTotal
      const result = await rounds.play({
        number,
        kind,
        faultsForMs: forMs,
        isLast: endMs - Date.now() - forMs < faultsForMs,
        recordsPerSecond,
      })
      recordsRead += result.readRecords
      console.log(
        `round ${number} ${kind}: ${timeline.faultTotal - faultsBefore} faults in ${(forMs / 1000).toFixed(0)} s, ` +
          `${ledger.acknowledgedTotal - acknowledgedBefore} acknowledged, whole again after ${(result.settledMs / 1000).toFixed(1)} s, ` +
          `${result.readRecords} read, ${describeCounts(ledger)} (${((Date.now() - startMs) / 1000).toFixed(0)} s)`,
      )
      if (cluster.unexpectedEnd !== null) throw new Error(cluster.unexpectedEnd)
      if (ledger.violations.length > 0) break
      const [crash] = timeline.unexplainedCrashes
      if (crash !== undefined) throw new Error(`crashed by itself: ${crash}`)
    }
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    // What can be read tells whether more than time was lost.
    recordsRead += await rounds.judge().catch((why: unknown) => {
      timeline.note(`not read after the failure: ${(why as Error).message}`)
      return 0
    })
  }
  console.log(summary({ seed, timeline, ledger, troubles: rounds.troubles, recordsRead }))
  const isGood = failure === null && ledger.violations.length === 0
  if (!isGood) console.log(describeFailure({ seed, minutes, directory, failure, ledger, timeline, target }))
  await endAll()
  if (isGood) rmSync(directory, { recursive: true, force: true })
  return isGood ? 0 : ledger.violations.length > 0 ? 1 : 2
}

/** All three kinds in every three rounds, in a random order. */
function* roundsOf(random: Random): Generator<readonly [number, RoundKind]> {
  for (let number = 1; ; ) {
    const kinds: RoundKind[] = ['mixed', 'deaths', 'power']
    while (kinds.length > 0) {
      const [kind] = kinds.splice(random.between(0, kinds.length - 1), 1)
      yield [number++, kind as RoundKind]
    }
  }
}

function describeCounts(ledger: Ledger): string {
  const of = (kind: 'lost' | 'duplicated' | 'reordered'): number => ledger.counts.get(kind) ?? 0
  return `${of('lost')} lost, ${of('duplicated')} duplicated, ${of('reordered')} reordered`
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(3)
  },
)
