/** Runs named programs a few at a time, keeps their output to themselves unless they fail, and says at the end how each went. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

export interface Step {
  readonly name: string
  /** A bin of node_modules/.bin by its script, run by this Node. */
  readonly script: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Its output goes to the terminal as it comes. */
  readonly isLoud?: boolean
}

export interface StepResult {
  readonly name: string
  readonly isGreen: boolean
  readonly seconds: number
  readonly output: string
}

export const root = join(__dirname, '..', '..')

export function runStep(step: Step): Promise<StepResult> {
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', step.script), ...step.args], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: process.stdout.isTTY ? '1' : '0', ...step.env },
      stdio: step.isLoud ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    const end = (isGreen: boolean) =>
      resolve({
        name: step.name,
        isGreen,
        seconds: (performance.now() - startedMs) / 1000,
        output: Buffer.concat(chunks).toString('utf8'),
      })
    child.once('error', (error) => {
      chunks.push(Buffer.from(String(error)))
      end(false)
    })
    child.once('close', (code) => end(code === 0))
  })
}

/** In the order given, at most `concurrency` at once; each is reported as it ends. */
export async function runSteps(steps: readonly Step[], concurrency: number): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  const waiting = [...steps]
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const result = await runStep(step)
      report(result)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return results
}

export function report(result: StepResult): void {
  console.log(`${result.isGreen ? 'ok    ' : 'FAILED'}  ${result.name.padEnd(28)} ${result.seconds.toFixed(1).padStart(6)} s`)
  if (!result.isGreen && result.output !== '') {
    console.log(`\n${result.output.trimEnd()}\n`)
  }
}
