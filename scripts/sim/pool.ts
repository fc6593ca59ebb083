/**
 * Children that run seeds, one seed each at a time, so that no core waits for a slow one. A child that dies or does not answer in time is a
 * crash of its seed; another takes its place. Knows nothing of what a seed means, nor of what to print.
 */
import { type ChildProcess, fork } from 'node:child_process'
import type { RunAnswer, RunOrder } from './messages'

export interface PoolOptions {
  readonly bundleFile: string
  readonly jobs: number
  /** Of real time, for one seed. */
  readonly seedLimitMs: number
}

/** A child is replaced after so many seeds: what one run leaves behind must not grow into the next thousand. */
const SEEDS_A_CHILD = 250
const STDERR_KEPT_CHARS = 4_000

export class SimPool {
  private readonly idle: SimChild[] = []
  private readonly all = new Set<SimChild>()
  private readonly waiting: ((child: SimChild) => void)[] = []

  constructor(private readonly options: PoolOptions) {
    for (let index = 0; index < options.jobs; index++) this.add()
  }

  /** Waits for a child that is free, and then for the run. Never rejects. */
  async run(order: RunOrder): Promise<RunAnswer> {
    const child = this.idle.pop() ?? (await new Promise<SimChild>((resolve) => this.waiting.push(resolve)))
    const answer = await child.run(order)
    if (child.isUsable) this.release(child)
    else {
      this.all.delete(child)
      child.end()
      this.add()
    }
    return answer
  }

  /** All of `orders`, as many at once as there are children; `onAnswer` answers whether to go on. */
  async runAll(orders: Iterable<RunOrder>, onAnswer: (answer: RunAnswer) => boolean): Promise<void> {
    const iterator = orders[Symbol.iterator]()
    let goesOn = true
    const worker = async (): Promise<void> => {
      while (goesOn) {
        const next = iterator.next()
        if (next.done === true) return
        goesOn = onAnswer(await this.run(next.value)) && goesOn
      }
    }
    await Promise.all(Array.from({ length: this.options.jobs }, worker))
  }

  end(): void {
    for (const child of this.all) child.end()
    this.all.clear()
  }

  private add(): void {
    const child = new SimChild(this.options)
    this.all.add(child)
    this.release(child)
  }

  private release(child: SimChild): void {
    const next = this.waiting.shift()
    if (next === undefined) this.idle.push(child)
    else next(child)
  }
}

class SimChild {
  private process: ChildProcess | null = null
  private seedCount = 0
  private stderr = ''

  constructor(private readonly options: PoolOptions) {}

  get isUsable(): boolean {
    return this.process?.connected === true && this.seedCount < SEEDS_A_CHILD
  }

  run(order: RunOrder): Promise<RunAnswer> {
    const child = this.start()
    this.seedCount++
    return new Promise((resolve) => {
      const conclude = (answer: RunAnswer): void => {
        clearTimeout(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        resolve(answer)
      }
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        conclude(crash(order, `The run did not end within ${this.options.seedLimitMs / 1000} s of real time, and was stopped.`))
      }, this.options.seedLimitMs)
      child.once('message', (answer) => conclude(answer as RunAnswer))
      child.once('exit', (code, signal) => {
        const how = signal === null ? `with code ${code}` : `by ${signal}`
        conclude(crash(order, `The process of the simulation ended ${how}.\n${this.stderr.trim()}`.trim()))
      })
      child.send(order)
    })
  }

  end(): void {
    this.process?.kill('SIGKILL')
    this.process = null
  }

  private start(): ChildProcess {
    if (this.process !== null) return this.process
    const child = fork(this.options.bundleFile, [], {
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-STDERR_KEPT_CHARS)
    })
    // Sending to one that has just died: its exit tells.
    child.on('error', () => undefined)
    this.process = child
    return child
  }
}

function crash({ seed }: RunOrder, message: string): RunAnswer {
  return {
    result: {
      seed,
      outcome: 'crash',
      invariant: null,
      message,
      atMs: Number.NaN,
      eventCount: 0,
      simulatedMs: 0,
      stats: {},
      faults: [],
    },
    faultWords: [],
  }
}
