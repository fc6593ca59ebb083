/**
 * `npm run check`: everything that can be known without a window and a cluster, in seconds. Types of the window, of Node's side and of
 * main against the oldest Electron; lint and format; layers; unused code; unit tests. `npm test` begins with it.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { electron25Config } from './electron-25-types'
import { root, runSteps, type Step } from './lib/steps'
import { addTotals, readTotals } from './lib/test-totals'

async function main(): Promise<void> {
  const startedMs = performance.now()
  const reportFile = process.env['UNIT_REPORT'] ?? join(root, 'node_modules', '.cache', 'unit-tests.json')
  const electron25 = await electron25Config(root)

  const tsc = 'typescript/bin/tsc'
  // Longest first, so that no core idles at the end.
  const steps: Step[] = [
    {
      name: 'unit tests',
      script: 'vitest/vitest.mjs',
      args: [
        'run',
        '--project',
        'unit',
        '--project',
        'window',
        '--reporter',
        'default',
        '--reporter',
        'json',
        '--outputFile.json',
        reportFile,
      ],
    },
    { name: 'types: window', script: 'vue-tsc/bin/vue-tsc.js', args: ['-p', 'tsconfig.web.json', '--noEmit'] },
    { name: 'types: node', script: tsc, args: ['-p', 'tsconfig.node.json', '--noEmit'] },
    { name: 'types: e2e', script: tsc, args: ['-p', 'tsconfig.e2e.json', '--noEmit'] },
    ...(electron25 === null ? [] : [{ name: 'types: main, Electron 25', script: tsc, args: ['-p', electron25, '--noEmit'] }]),
    { name: 'lint and format', script: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
    {
      name: 'layers',
      script: 'dependency-cruiser/bin/dependency-cruise.mjs',
      args: ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long'],
    },
    { name: 'unused code', script: 'knip/bin/knip.js', args: [] },
  ]

  const results = await runSteps(steps, Math.max(2, Math.min(4, availableParallelism())))
  if (electron25 === null) {
    console.log('skipped types: main, Electron 25 (its declarations could not be fetched)')
  }
  const tests = addTotals([readTotals(reportFile, 'vitest')])
  const failed = results.filter((result) => !result.isGreen)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  console.log(
    failed.length === 0
      ? `\nChecked in ${seconds} s: all green, ${tests.passed} unit tests.`
      : `\nChecked in ${seconds} s. Failed: ${failed.map((result) => result.name).join(', ')}.`,
  )
  process.exitCode = failed.length === 0 ? 0 : 1
}

void main()
