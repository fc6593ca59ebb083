/**
 * `npm test`: everything. The checks and unit tests, the integration tests with real workers and sockets, the build, and the journeys
 * through the real Electron window on a display of its own. The last line says how many tests passed and failed, over all of them.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openDisplay } from './lib/display'
import { report, root, runStep, type StepResult } from './lib/steps'
import { addTotals, readTotals, type Totals } from './lib/test-totals'
import { ensureBuilt } from './setup/build.mjs'

const reports = join(root, 'node_modules', '.cache', 'test-reports')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

const steps: StepResult[] = []
const totals: Totals[] = []

async function runTests(
  name: string,
  kind: 'vitest' | 'playwright',
  script: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<void> {
  console.log(`\n── ${name}`)
  const file = join(reports, `${name.replaceAll(' ', '-')}.json`)
  const vitestReport = kind === 'vitest' ? ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', file] : []
  const variables = { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: file }
  const result = await runStep({ name, script, args: [...args, ...vitestReport], env: variables, isLoud: true })
  steps.push(result)
  totals.push(readTotals(file, kind))
}

async function build(): Promise<boolean> {
  console.log('\n── build')
  const startedMs = performance.now()
  let output = ''
  try {
    await ensureBuilt('headless')
    await ensureBuilt('window')
  } catch (error) {
    output = error instanceof Error ? error.message : String(error)
  }
  const result = { name: 'build', isGreen: output === '', seconds: (performance.now() - startedMs) / 1000, output }
  report(result)
  steps.push(result)
  return result.isGreen
}

async function main(): Promise<void> {
  console.log('── check')
  const unitReport = join(reports, 'unit.json')
  steps.push(
    await runStep({
      name: 'check',
      script: 'tsx/dist/cli.mjs',
      args: [join(root, 'scripts', 'check.ts')],
      env: { UNIT_REPORT: unitReport },
      isLoud: true,
    }),
  )
  totals.push(readTotals(unitReport, 'vitest'))

  // Before the integration tests: they start the workers and the command line as they are built.
  if (await build()) {
    await runTests(
      'integration tests',
      'vitest',
      'vitest/vitest.mjs',
      ['run', '--project', 'integration', '--passWithNoTests'],
      {},
    )
    const display = await openDisplay()
    await runTests(
      'e2e tests',
      'playwright',
      '@playwright/test/cli.js',
      ['test'],
      display.name === null ? {} : { DISPLAY: display.name },
    )
    display.close()
  }

  const total = addTotals(totals)
  const red = steps.filter((step) => !step.isGreen)
  console.log('\n── summary')
  for (const step of steps) {
    console.log(`${step.isGreen ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(28)} ${step.seconds.toFixed(1).padStart(6)} s`)
  }
  // Named again here: what keeps only the end of a long output still says what failed.
  for (const failure of total.failures) {
    console.log(`\nFAILED  ${failure.replaceAll(`${root}/`, '')}`)
  }
  // What failed without a failing test (types, lint, the build) must not end in a line that says "0 failed".
  const failed = total.failed === 0 && red.length > 0 ? red.length : total.failed
  console.log(`${total.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

void main()
