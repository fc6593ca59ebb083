/** One thread of `npm run fuzz`: runs the pieces of work that it is given, and says before each input which one it is, for the watcher. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Finding } from '../../src/engine/testing/fuzz/fuzz-target'
import { Fuzzer } from '../../src/engine/testing/fuzz/fuzzer'
import { minimize } from '../../src/engine/testing/fuzz/minimize'
import { allTargets } from './targets'

export interface Piece {
  readonly target: string
  readonly from: number
  readonly to: number
}

export interface WorkerData {
  readonly seed: number
  /** The index of the input that runs, and a count that grows with each. */
  readonly progress: SharedArrayBuffer
}

/** What comes of a piece: how far it got, and what ended it. */
export interface PieceResult {
  readonly done: number
  readonly finding: Finding | null
  readonly ms: number
}

const { seed, progress } = workerData as WorkerData
const shared = new Int32Array(progress)
const prepared = new Set<string>()
const port = parentPort!

async function run({ target: name, from, to }: Piece): Promise<PieceResult> {
  const target = allTargets.find((candidate) => candidate.name === name)!
  if (!prepared.has(name)) await target.prepare?.()
  prepared.add(name)
  const startedMs = performance.now()
  const fuzzer = new Fuzzer(target, {
    seed,
    onWillRun(index) {
      shared[0] = index
      shared[1]!++
    },
  })
  try {
    const found = await fuzzer.run(from, to)
    const finding = found === null ? null : await minimized(fuzzer, found)
    return { done: found === null ? to : found.index + 1, finding, ms: performance.now() - startedMs }
  } finally {
    fuzzer.close()
  }
}

/** A hang or a slow input would take its time at every try, and is kept as it is. */
async function minimized(fuzzer: Fuzzer, finding: Finding): Promise<Finding> {
  if (finding.kind === 'slow') return finding
  const deadlineMs = performance.now() + 5_000
  const smaller = await minimize(Buffer.from(finding.inputHex, 'hex'), async (candidate) => {
    shared[1]!++
    return performance.now() < deadlineMs && (await fuzzer.runInput(candidate))?.signature === finding.signature
  })
  return { ...finding, inputHex: smaller.toString('hex') }
}

port.on('message', (piece: Piece) => {
  void run(piece).then((result) => port.postMessage(result))
})
