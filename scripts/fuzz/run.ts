/**
 * The long run: cuts every target's inputs into pieces, has threads work them off, and watches the threads. A thread that stands at one input for too
 * long, runs out of memory or dies has found something too; another takes its place and goes on behind that input.
 */
import { Worker } from 'node:worker_threads'
import type { Finding, FuzzTarget } from '../../src/engine/testing/fuzz/fuzz-target'
import { Fuzzer } from '../../src/engine/testing/fuzz/fuzzer'
import { allTargets } from './targets'
import type { Piece, PieceResult, WorkerData } from './worker'

const HANG_MS = 20_000
/** Before its first input a thread loads everything, on a busy machine for long. */
const START_MS = 180_000
const WATCH_MS = 1_000
const HEAP_MB_MAX = 1_024
const PIECE_INPUTS_MAX = 20_000

export interface RunOptions {
  readonly seed: number
  readonly inputs: number
  readonly minutes: number | null
  readonly jobs: number
  readonly targets: readonly FuzzTarget[]
  onFinding(finding: Finding): void
  onProgress(done: number, total: number): void
}

export interface TargetTotals {
  inputs: number
  ms: number
  findings: number
}

/** Inputs by target: a share of `inputs` each, and no fewer than its minimum in a run that is long enough for it. */
export function planInputs(targets: readonly FuzzTarget[], inputs: number): Map<string, number> {
  const minimumOf = (target: FuzzTarget) => Math.min(target.minimum, Math.ceil(inputs / targets.length / 5))
  const shares = targets.reduce((sum, target) => sum + target.share, 0)
  const minimums = targets.reduce((sum, target) => sum + minimumOf(target), 0)
  const rest = Math.max(0, inputs - minimums)
  return new Map(targets.map((target) => [target.name, minimumOf(target) + Math.ceil((rest * target.share) / shares)]))
}

/** The pieces of all targets in turns, so that a run that is ended early has seen all of them. */
export function piecesOf(plan: ReadonlyMap<string, number>): Piece[] {
  const pieces: (Piece & { readonly place: number })[] = []
  for (const [target, inputs] of plan) {
    const count = Math.max(8, Math.ceil(inputs / PIECE_INPUTS_MAX))
    for (let piece = 0; piece < count; piece++) {
      const from = Math.floor((inputs * piece) / count)
      const to = Math.floor((inputs * (piece + 1)) / count)
      if (to > from) pieces.push({ target, from, to, place: piece / count })
    }
  }
  return pieces.sort((left, right) => left.place - right.place)
}

export async function runAll(options: RunOptions): Promise<Map<string, TargetTotals>> {
  const plan = planInputs(options.targets, options.inputs)
  const total = [...plan.values()].reduce((sum, inputs) => sum + inputs, 0)
  const queue = piecesOf(plan)
  const totals = new Map(options.targets.map(({ name }) => [name, { inputs: 0, ms: 0, findings: 0 }]))
  const deadlineMs = options.minutes === null ? Number.POSITIVE_INFINITY : performance.now() + options.minutes * 60_000
  let done = 0
  const next = () => (performance.now() < deadlineMs ? queue.shift() : undefined)
  const onResult = (piece: Piece, result: PieceResult) => {
    const sums = totals.get(piece.target)!
    sums.inputs += result.done - piece.from
    sums.ms += result.ms
    done += result.done - piece.from
    if (result.finding !== null) {
      sums.findings++
      options.onFinding(result.finding)
    }
    if (result.done < piece.to) queue.unshift({ ...piece, from: result.done })
    options.onProgress(done, total)
  }
  await Promise.all(Array.from({ length: options.jobs }, () => workOff(options.seed, next, onResult)))
  return totals
}

async function workOff(
  seed: number,
  next: () => Piece | undefined,
  onResult: (piece: Piece, result: PieceResult) => void,
): Promise<void> {
  let thread: FuzzThread | null = null
  for (let piece = next(); piece !== undefined; piece = next()) {
    thread ??= new FuzzThread(seed)
    const result = await thread.run(piece)
    if (thread.isOver) thread = null
    onResult(piece, result)
  }
  await thread?.end()
}

class FuzzThread {
  isOver = false
  private readonly shared = new Int32Array(new SharedArrayBuffer(8))
  private readonly worker: Worker

  constructor(private readonly seed: number) {
    const data: WorkerData = { seed, progress: this.shared.buffer as SharedArrayBuffer }
    this.worker = new Worker(new URL('./worker.mjs', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    })
  }

  run(piece: Piece): Promise<PieceResult> {
    return new Promise((resolve) => {
      const startedMs = performance.now()
      const { worker, shared } = this
      let seen = -1
      let seenMs = performance.now()
      shared[0] = piece.from
      const settle = (result: PieceResult) => {
        clearInterval(watcher)
        worker.off('message', settle)
        worker.off('error', onError)
        worker.off('exit', onExit)
        resolve(result)
      }
      const endedBy = (kind: 'hang' | 'crash', message: string) => {
        this.isOver = true
        void worker.terminate()
        const index = shared[0]!
        const finding = this.findingAt(piece.target, index, kind, message)
        settle({ done: index + 1, finding, ms: performance.now() - startedMs })
      }
      const watcher = setInterval(() => {
        if (shared[1] !== seen) {
          seen = shared[1]!
          seenMs = performance.now()
        } else if (performance.now() - seenMs > (seen === 0 ? START_MS : HANG_MS)) {
          endedBy('hang', `no end within ${HANG_MS / 1000} s`)
        }
      }, WATCH_MS)
      const onError = (error: Error) => endedBy('crash', error.stack ?? error.message)
      const onExit = (code: number) => endedBy('crash', `the thread ended with code ${code}`)
      worker.on('message', settle)
      worker.on('error', onError)
      worker.on('exit', onExit)
      worker.postMessage(piece)
    })
  }

  async end(): Promise<void> {
    await this.worker.terminate()
  }

  private findingAt(name: string, index: number, kind: 'hang' | 'crash', message: string): Finding {
    const target = allTargets.find((candidate) => candidate.name === name)!
    const fuzzer = new Fuzzer(target, { seed: this.seed })
    const inputHex = fuzzer.input(index).toString('hex')
    fuzzer.close()
    return {
      target: name,
      seed: this.seed,
      index,
      kind,
      signature: `${kind}: ${message.split('\n')[0] ?? ''}`,
      message,
      inputHex,
    }
  }
}
