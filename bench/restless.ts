/**
 * Fifty breaks at random, in the real window with every view open: the acceptance of the cluster view. The test is e2e/cluster.spec.ts's, which does ten;
 * this runs it alone, with more rounds, on the app as it is built.
 *
 *   npx tsx bench/restless.ts [--rounds 50] [--seed 6]
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: '6' } } })
const startedMs = Date.now()
const { status } = spawnSync(
  process.execPath,
  ['--import', 'tsx', join(__dirname, '../scripts/e2e.ts'), 'e2e/cluster.spec.ts', '-g', 'broken at random'],
  { stdio: 'inherit', env: { ...process.env, RESTLESS_ROUNDS: values.rounds, RESTLESS_SEED: values.seed } },
)
console.log(
  `${values.rounds} breaks, seed ${values.seed}: ${status === 0 ? 'the window was never behind' : 'failed'}, ${Math.round((Date.now() - startedMs) / 1000)} s`,
)
process.exitCode = status ?? 1
