/**
 * Runs one target: makes its inputs, runs them, and judges what comes of each. Input `index` of a run is a function of seed, target and index, so that
 * runs can be cut into pieces for several threads and any input can be made again. Used by `npm run fuzz` and by the quick tier of `npm test`.
 */
import { getHeapStatistics } from 'node:v8'
import { type AllocationMeter, startAllocationMeter } from './allocation-meter'
import { FuzzRandom } from './fuzz-random'
import type { Finding, FuzzTarget } from './fuzz-target'
import { INPUT_BYTES_MAX, mutateBytes } from './mutations'

/** Valid inputs are made anew after so many. */
const POOL_EPOCH = 20_000
const POOL_SIZE = 48
const TIME_MS_MAX = 1000
/** What one input may leave on the heap until the next collection. */
const HEAP_BYTES_MAX = 256 * 1024 * 1024
/** How often the event loop gets its turn, where unhandled rejections show. */
const TURN_EVERY = 200

export interface FuzzerOptions {
  readonly seed: number
  /** Told before every input, so that a watcher knows which one hangs. */
  readonly onWillRun?: (index: number) => void
}

type Verdict = Pick<Finding, 'kind' | 'signature' | 'message'>

export class Fuzzer {
  readonly #pool: Uint8Array[] = []
  #poolEpoch = -1
  readonly #asyncFailures: unknown[] = []
  readonly #meter: AllocationMeter
  readonly #onUnhandled = (error: unknown): void => void this.#asyncFailures.push(error)

  constructor(
    readonly target: FuzzTarget,
    private readonly options: FuzzerOptions,
  ) {
    this.#meter = startAllocationMeter()
    process.on('unhandledRejection', this.#onUnhandled)
    process.on('uncaughtException', this.#onUnhandled)
  }

  close(): void {
    this.#meter.stop()
    process.off('unhandledRejection', this.#onUnhandled)
    process.off('uncaughtException', this.#onUnhandled)
  }

  /** The input with this number. */
  input(index: number): Buffer {
    const { target, options } = this
    const epoch = Math.floor(index / POOL_EPOCH)
    if (epoch !== this.#poolEpoch) this.#fillPool(epoch)
    const random = FuzzRandom.of(options.seed, target.name, index)
    const other = () => random.pick(this.#pool)
    const mode = random.below(100)
    if (mode < 4) return random.bytes(random.size(400))
    const valid = other()
    if (mode < 10) return Buffer.from(valid)
    const mutated = target.mutate?.(valid, random, other) ?? mutateBytes(valid, random, other)
    return Buffer.from(mutated.length > INPUT_BYTES_MAX ? mutated.subarray(0, INPUT_BYTES_MAX) : mutated)
  }

  /** Runs the inputs from `from` to before `to`. Ends at the first finding, if there is one. */
  async run(from: number, to: number): Promise<Finding | null> {
    let lastTurn = from
    for (let index = from; index < to; index++) {
      this.options.onWillRun?.(index)
      const input = this.input(index)
      const outcome = this.#judge(input)
      const verdict = outcome instanceof Promise ? await outcome : outcome
      if (verdict !== null) return this.#found(verdict, index, input)
      if (index - lastTurn < TURN_EVERY && index + 1 < to) continue
      await turn()
      if (this.#asyncFailures.length > 0) return this.#blame(lastTurn, index + 1)
      lastTurn = index + 1
    }
    return null
  }

  /** One input on its own, with time for what it may have left behind. */
  async runInput(input: Buffer, index = -1): Promise<Finding | null> {
    const verdict = await this.#judge(input)
    await turn()
    const failure = this.#asyncFailures.splice(0)[0]
    if (verdict !== null) return this.#found(verdict, index, input)
    return failure === undefined ? null : this.#found(verdictOf('unhandled', failure), index, input)
  }

  #fillPool(epoch: number): void {
    const random = FuzzRandom.of(this.options.seed, this.target.name, 'pool', epoch)
    this.#pool.length = 0
    for (let count = 0; count < POOL_SIZE; count++) this.#pool.push(this.target.seed(random))
    this.#poolEpoch = epoch
    this.#meter.take()
  }

  #judge(input: Buffer): Verdict | null | Promise<Verdict | null> {
    this.#meter.take()
    const heapBefore = heapBytes()
    const startedMs = performance.now()
    try {
      const running = this.target.run(input)
      if (running instanceof Promise) {
        return running.then(
          () => this.#measure(input, startedMs, heapBefore),
          (error: unknown) => verdictOf('error', error),
        )
      }
    } catch (error) {
      return verdictOf('error', error)
    }
    return this.#measure(input, startedMs, heapBefore)
  }

  #measure(input: Buffer, startedMs: number, heapBefore: number): Verdict | null | Promise<Verdict | null> {
    const tookMs = performance.now() - startedMs
    const grownBytes = heapBytes() - heapBefore
    const allocated = this.#meter.take()
    const allowed = this.target.allocationMax?.(input.length) ?? 65_536 + input.length * 64
    if (allocated > allowed) {
      const message = `${input.length} bytes made it allocate ${allocated} bytes of buffers, ${allowed} is the most`
      return verdictOf('memory', new Error(message))
    }
    if (grownBytes > HEAP_BYTES_MAX)
      return verdictOf('memory', new Error(`${input.length} bytes left ${grownBytes} bytes on the heap`))
    return tookMs > TIME_MS_MAX ? this.#measureAgain(input, tookMs) : null
  }

  /** The machine may have been busy with something else: the best of three tries counts. */
  async #measureAgain(input: Buffer, firstMs: number): Promise<Verdict | null> {
    let bestMs = firstMs
    for (let attempt = 0; attempt < 2 && bestMs > TIME_MS_MAX; attempt++) {
      const startedMs = performance.now()
      await this.target.run(input)
      bestMs = Math.min(bestMs, performance.now() - startedMs)
    }
    this.#meter.take()
    return bestMs > TIME_MS_MAX ? verdictOf('slow', new Error(`${input.length} bytes take ${Math.round(bestMs)} ms`)) : null
  }

  /** Something failed after its input had ended: each of the inputs since the last turn is run once more, on its own. */
  async #blame(from: number, to: number): Promise<Finding> {
    const first = this.#asyncFailures.splice(0)[0]
    for (let index = from; index < to; index++) {
      const finding = await this.runInput(this.input(index), index)
      if (finding !== null) return finding
    }
    return this.#found(verdictOf('unhandled', first), from, this.input(from))
  }

  #found(verdict: Verdict, index: number, input: Buffer): Finding {
    return { target: this.target.name, seed: this.options.seed, index, inputHex: input.toString('hex'), ...verdict }
  }
}

function verdictOf(kind: Finding['kind'], thrown: unknown): Verdict {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  // Two inputs have found the same fault where the same kind of error comes from the same place.
  const place = error.stack?.split('\n').find((line) => line.includes('/src/') && !line.includes('/testing/fuzz/')) ?? ''
  const words = kind === 'memory' || kind === 'slow' ? kind : error.message.replace(/\d+/g, '#').slice(0, 80)
  const signature = `${error.name}: ${words} ${place.replace(/.*\/src\//, '').trim()}`
  return { kind, signature, message: error.stack ?? error.message }
}

function heapBytes(): number {
  const { used_heap_size: used, external_memory: external } = getHeapStatistics()
  return used + external
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
