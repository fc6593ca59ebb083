import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

describe('npm run torture', () => {
  it('loses, repeats and reorders nothing in a short turn with power losses', async () => {
    const args = ['--import', 'tsx', join(__dirname, 'index.ts'), '--minutes', '0.3', '--seed', '2']
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(process.execPath, args, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }))
    })
    expect(output).toMatch(/lost 0, duplicated 0, reordered 0, holes 0, foreign 0/)
    expect(code).toBe(0)
    expect(Number(/^(\d+) records acknowledged/m.exec(output)?.[1])).toBeGreaterThan(100)
    expect(Number(/power-loss-of-all (\d+)/.exec(output)?.[1])).toBeGreaterThan(0)
  }, 400_000)
})
