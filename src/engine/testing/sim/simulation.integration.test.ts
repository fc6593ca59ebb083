/** Two hundred seeds by the same command that people run, in processes of their own on all cores; a failure prints the line that replays it. */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { simulateTraced } from './simulate-traced'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..')
/** Two minutes on two quiet cores; a machine that is busy with something else must not fail it. */
const LIMIT_MS = 900_000

function sim(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', join(root, 'scripts', 'sim', 'index.ts'), ...args]
    const child = execFile(process.execPath, command, { cwd: root, maxBuffer: 256 * 1024 * 1024 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

describe('the simulator', () => {
  it(
    'finds nothing in 200 seeds',
    async () => {
      const { code, output } = await sim('--seeds', '1..200')
      if (code !== 0) throw new Error(output.split('\n').slice(-60).join('\n'))
      expect(output).toContain('200 passed, 0 failed')
    },
    LIMIT_MS,
  )

  it(
    'gives the same trace in a fresh process as in this one',
    async () => {
      const lines: string[] = []
      await simulateTraced({ seed: 3 }, (line) => lines.push(line))
      const { code, output } = await sim('--seed', '3', '--trace')
      expect(code).toBe(0)
      expect(output.slice(0, output.indexOf('\n1 seed:'))).toBe(lines.join('\n'))
    },
    LIMIT_MS,
  )

  it('says what is wrong with its command line', async () => {
    const { code, output } = await sim('--seeds', '5..1')
    expect(code).toBe(2)
    expect(output).toContain('--seeds 5..1 is empty.')
  })
})
