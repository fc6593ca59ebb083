/** Java's clients, its console tools and Kafka Streams, in `npm run compat`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandCodecClient } from '../codecs/command-client'
import { complaintOf } from '../run/programs'
import { type CodecClient, type CompatSuite, codecs, type SuiteContext } from '../run/suite'
import { consoleTools } from './console-tools'
import { currentVersion, java, javaArguments, oldVersion, type Wanted } from './maven'

const timeLimitMs = 1_500_000
const programTimeLimitMs = 1_200_000

interface Program {
  readonly main: string
  readonly arguments?: readonly string[]
}

async function runProgram(context: SuiteContext, wanted: Wanted, bootstrap: string, program: Program): Promise<void> {
  const found = await java(context, wanted)
  if (!found.isFound) throw new Error(found.why)
  const args = javaArguments(found.classPath, program.main, bootstrap, ...(program.arguments ?? []))
  const result = await context.run('java', args, { timeLimitMs: programTimeLimitMs })
  const count = context.checks.addLines(result.stdout.toString())
  const complaint = complaintOf(program.main, result)
  if (complaint !== '') throw new Error(complaint)
  if (count === 0) throw new Error(`${program.main} has not checked anything`)
}

async function detect(context: Parameters<CompatSuite['prepare']>[0], wanted: Wanted) {
  const found = await java(context, wanted)
  return found.isFound ? { version: wanted.version } : { skipped: found.why }
}

const current: Wanted = { version: currentVersion, hasTools: false, sources: ['everywhere', 'current'] }
const old: Wanted = { version: oldVersion, hasTools: false, sources: ['everywhere'] }
const tools: Wanted = { version: currentVersion, hasTools: true, sources: [] }
const streams: Wanted = { version: currentVersion, hasTools: true, sources: ['everywhere', 'streams'] }

const javaSuite: CompatSuite = {
  name: 'java',
  timeLimitMs,
  prepare: (context) => detect(context, current),
  async run(context) {
    const { bootstrapServers } = await context.serve()
    await runProgram(context, current, bootstrapServers, {
      main: 'ClientChecks',
      arguments: context.isQuick ? ['producing', 'transactions'] : [],
    })
    if (!context.isQuick) await runProgram(context, current, bootstrapServers, { main: 'CurrentChecks' })
  },
}

/** Transactions of version 2 (KIP-890), which the client takes up by itself where the brokers have them. */
const transactionsSuite: CompatSuite = {
  name: 'java-transactions-2',
  isInQuickRuns: false,
  timeLimitMs,
  prepare: (context) => detect(context, current),
  async run(context) {
    const { bootstrapServers } = await context.serve(['--brokers', '3', '--config', 'transaction.version=2'])
    await runProgram(context, current, bootstrapServers, { main: 'ClientChecks', arguments: ['transactions'] })
  },
}

const oldSuite: CompatSuite = {
  name: 'java-old',
  knownFailures: [
    {
      check: 'a batch larger than the topic allows is split',
      reason:
        'this version of the client splits batches down to its batch.size only, and so sends the same again for ever; the current one halves them',
    },
  ],
  isInQuickRuns: false,
  timeLimitMs,
  prepare: (context) => detect(context, old),
  async run(context) {
    const { bootstrapServers } = await context.serve()
    await runProgram(context, old, bootstrapServers, { main: 'ClientChecks' })
  },
}

const toolsSuite: CompatSuite = {
  name: 'java-tools',
  isInQuickRuns: false,
  timeLimitMs,
  prepare: (context) => detect(context, tools),
  async run(context) {
    const found = await java(context, tools)
    if (!found.isFound) throw new Error(found.why)
    await consoleTools(context, found.classPath)
  },
}

const streamsSuite: CompatSuite = {
  name: 'java-streams',
  isInQuickRuns: false,
  timeLimitMs,
  prepare: (context) => detect(context, streams),
  async run(context) {
    const directory = mkdtempSync(join(tmpdir(), 'broker-workbench-streams-'))
    try {
      const { bootstrapServers } = await context.serve()
      await runProgram(context, streams, bootstrapServers, { main: 'StreamsChecks', arguments: [directory] })
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

export const suites: readonly CompatSuite[] = [javaSuite, transactionsSuite, oldSuite, toolsSuite, streamsSuite]

export const codecClients: readonly CodecClient[] = [
  commandCodecClient({
    name: 'java',
    writes: codecs,
    reads: codecs,
    async find(context) {
      const found = await java(context, current)
      if (!found.isFound) return { skipped: found.why }
      return { version: currentVersion, command: ['java', ...javaArguments(found.classPath, 'CodecProbe')] }
    },
  }),
]
