/** Collects the results of one suite as they come, from TypeScript or from the lines that a client's own program prints. Judges nothing. */
import type { CheckResult } from './suite'

/** Thrown by a check that finds that it cannot be made here. */
export class Skipped extends Error {}

const checkLimitMs = 120_000

export class Checks {
  readonly results: CheckResult[] = []
  private asked: ReadonlySet<string> | null = null

  constructor(private readonly onResult: (result: CheckResult) => void = () => undefined) {}

  /** For a quick run: from now on check() makes only those of these names. */
  restrictTo(names: readonly string[]): void {
    this.asked = new Set(names)
  }

  /** Runs one check to its end or to its limit; what it throws is why it failed. */
  async check(name: string, action: () => Promise<unknown>, limitMs = checkLimitMs): Promise<boolean> {
    if (this.asked !== null && !this.asked.has(name)) return false
    try {
      await withinLimit(action(), limitMs)
      this.passed(name)
      return true
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (error instanceof Skipped) this.skipped(name, reason)
      else this.failed(name, reason)
      return false
    }
  }

  passed(name: string): void {
    this.add({ name, status: 'passed', reason: '' })
  }

  failed(name: string, reason: string): void {
    this.add({ name, status: 'failed', reason: reason.trim() || 'no reason given' })
  }

  skipped(name: string, reason: string): void {
    this.add({ name, status: 'skipped', reason: reason.trim() || 'no reason given' })
  }

  /**
   * Lines that begin with `ok NAME`, `failed NAME: REASON` or `skipped NAME: REASON`; all others are talk. Answers how many it found, because a
   * program that prints none has not checked anything.
   */
  addLines(output: string): number {
    let count = 0
    for (const line of output.split('\n')) {
      const [, status, said = ''] = /^(ok|failed|skipped) (.+)$/.exec(line.trimEnd()) ?? []
      if (status === undefined) continue
      count++
      const colon = said.indexOf(': ')
      const [name, reason] = colon < 0 ? [said, ''] : [said.slice(0, colon), said.slice(colon + 2)]
      if (status === 'ok') this.passed(said)
      else if (status === 'failed') this.failed(name, reason)
      else this.skipped(name, reason)
    }
    return count
  }

  private add(result: CheckResult): void {
    this.results.push(result)
    this.onResult(result)
  }
}

/** As the promise goes, or an error when it is not settled in time. */
export function withinLimit<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limitMs / 1000} s`)), limitMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Asks again until the answer is not null, and answers it. */
export async function eventually<T>(what: string, ask: () => Promise<T | null> | T | null, limitMs = 20_000): Promise<T> {
  const deadlineMs = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (Date.now() > deadlineMs) throw new Error(`${what}: not within ${limitMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Throws where what came is not what should have come; compared as JSON, so buffers and maps are for the caller to spell out. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== shouldBe) throw new Error(`${what}: ${shorten(is)} is not ${shorten(shouldBe)}`)
}

/** Throws unless it holds. */
export function expectThat(what: string, holds: boolean): void {
  if (!holds) throw new Error(what)
}

const longestShown = 300

function shorten(json: string | undefined): string {
  const text = json ?? 'undefined'
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}… (${text.length} characters)`
}
