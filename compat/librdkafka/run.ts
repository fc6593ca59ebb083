/**
 * librdkafka's broker-facing tests, as one may run them while looking for a cause: some numbers only, with all that they say kept in files.
 *
 *   npx tsx compat/librdkafka/run.ts [--mode default] [--tests 0001,0011] [--output DIRECTORY] [--slow] [--debug broker,protocol]
 *
 * The suite of `npm run compat` runs the same; see suite.ts. Exit code 1 where a test failed.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Checks } from '../run/checks'
import { Context } from '../run/context'
import { buildTestRunner } from './build'
import { modes } from './modes'
import { runMode } from './run-mode'

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'default' },
      tests: { type: 'string' },
      output: { type: 'string' },
      debug: { type: 'string' },
      slow: { type: 'boolean', default: false },
    },
  })
  const mode = modes.find(({ name }) => name === values.mode)
  if (mode === undefined) throw new Error(`--mode is one of ${modes.map(({ name }) => name).join(', ')}`)
  const checks = new Checks(({ name, status, reason }) => {
    console.log(`${new Date().toISOString().slice(11, 19)} ${status} ${name}${reason === '' ? '' : `: ${reason}`}`)
  })
  const cacheDirectory = join(__dirname, '..', '..', 'node_modules', '.cache', 'compat')
  const context = new Context(!values.slow, cacheDirectory, checks)
  try {
    const runner = await buildTestRunner(context)
    if (!runner.isFound) throw new Error(runner.why)
    if (values.output !== undefined) mkdirSync(values.output, { recursive: true })
    await runMode(context, runner, mode, {
      numbers: values.tests?.split(',') ?? null,
      isThorough: values.slow,
      outputDirectory: values.output ?? null,
      debug: values.debug ?? null,
    })
  } finally {
    await context.end()
  }
  const count = (status: string) => checks.results.filter((result) => result.status === status).length
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
  return count('failed') === 0 ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
