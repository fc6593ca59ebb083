/**
 * Runs simulations one after the other, as it is told over IPC. Bundled (bundle.ts) and started by pool.ts, many seeds a process; a process of its
 * own, so that a run that crashes or never ends takes nothing else with it.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { describeFault } from '../../src/engine/testing/sim/plan'
import { type SimOptions, type SimResult, simulate } from '../../src/engine/testing/sim/simulate'
import { simulateTraced } from '../../src/engine/testing/sim/simulate-traced'
import type { RunAnswer, RunOrder } from './messages'

const TRACE_CHUNK_CHARS = 256 * 1024

async function obey({ seed, onlyFaults, traceFile }: RunOrder): Promise<RunAnswer> {
  const options: SimOptions = { seed, ...(onlyFaults === null ? {} : { onlyFaults: new Set(onlyFaults) }) }
  const result = await (traceFile === null ? simulate(options) : runTraced(options, traceFile))
  return { result, faultWords: result.faults.map(describeFault) }
}

async function runTraced(options: SimOptions, traceFile: string): Promise<SimResult> {
  const file = openSync(traceFile, 'w')
  let pending = ''
  const flush = (): void => {
    writeSync(file, pending)
    pending = ''
  }
  try {
    return await simulateTraced(options, (line) => {
      pending += `${line}\n`
      if (pending.length > TRACE_CHUNK_CHARS) flush()
    })
  } finally {
    flush()
    closeSync(file)
  }
}

process.on('message', (order: RunOrder) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      // simulate() never rejects for what the world did: this is a bug of the simulator, and pool.ts tells it as a crash.
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () => process.exit(1))
    },
  )
})
process.on('disconnect', () => process.exit(0))
