/**
 * What the benches of the window measure in its page: how long until something is drawn, how evenly frames come, how late keys are answered. Each runs where the
 * window runs, so that no message to the browser is in the figure. Used by messages-window.ts and many-partitions-window.ts.
 */
import { loadavg } from 'node:os'
import type { Page } from '@playwright/test'

/** A frame is one that somebody sees missing from here on. */
export const longFrameMs = 50

export interface Frames {
  readonly count: number
  readonly long: number
  readonly p99Ms: number
  readonly worstMs: number
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Presses and types between what is measured. Tabs that are not in front keep their elements; only those of one are meant. */
export class Hand {
  constructor(private readonly page: Page) {}

  click(testId: string): Promise<void> {
    return this.page.getByTestId(testId).filter({ visible: true }).click()
  }

  type(testId: string, text: string): Promise<void> {
    return this.page.getByTestId(testId).filter({ visible: true }).fill(text)
  }

  async choose(testId: string, value: string): Promise<void> {
    await this.click(testId)
    await this.page.locator(`[role=option][data-value=${JSON.stringify(value)}]`).click()
  }
}

let misses = 0

/** One line: what, the figure, whether it is within what is asked for, and how busy the machine was. */
export function say(what: string, figure: string, isWithin: boolean | null = null): void {
  if (isWithin === false) misses++
  const verdict = isWithin === null ? '' : isWithin ? 'ok' : 'MISSED'
  console.log(`${what.padEnd(58)} ${figure.padEnd(46)} ${verdict.padEnd(7)} load ${loadavg()[0]?.toFixed(1)}`)
}

export const missCount = (): number => misses

const sinceClick = `
  window.bench = {
    /** Clicks the element of this test id and answers how many milliseconds until the page says so. */
    until: async (testId, isThere) => {
      const seen = (id) => [...document.querySelectorAll('[data-testid="' + id + '"]')].find((element) => element.checkVisibility())
      const from = performance.now()
      if (testId !== null) seen(testId).click()
      while (!isThere()) {
        if (performance.now() - from > 60000) throw new Error('not within a minute of pressing ' + testId)
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
      return performance.now() - from
    },
    /** Writes into the field of this test id, as one types the last letter. */
    write: (testId, text, isThere) => {
      const field = [...document.querySelectorAll('[data-testid="' + testId + '"]')].find((element) => element.checkVisibility())
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text)
      field.dispatchEvent(new Event('input', { bubbles: true }))
      return window.bench.until(null, isThere)
    },
    frames: () => {
      const gaps = []
      let last = performance.now()
      let isOn = true
      const next = (now) => { gaps.push(now - last); last = now; if (isOn) requestAnimationFrame(next) }
      requestAnimationFrame((now) => { last = now; requestAnimationFrame(next) })
      return () => {
        isOn = false
        gaps.sort((a, b) => a - b)
        return { count: gaps.length, long: gaps.filter((gap) => gap > ${longFrameMs}).length, p99Ms: gaps[Math.floor(gaps.length * 0.99)] ?? 0, worstMs: gaps[gaps.length - 1] ?? 0 }
      }
    },
    /** Scrolls by so many pixels a frame for so long, and answers the frames and in how many of them a row was still on its way. */
    scroll: async (scroller, byPx, forMs, isWhole) => {
      const stop = window.bench.frames()
      const from = performance.now()
      let empty = 0
      let direction = 1
      while (performance.now() - from < forMs) {
        if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) direction = -1
        else if (scroller.scrollTop <= 0) direction = 1
        scroller.scrollTop += byPx * direction
        await new Promise((resolve) => requestAnimationFrame(resolve))
        if (!isWhole()) empty++
      }
      return { ...stop(), empty }
    },
    keys: () => {
      const durations = []
      const observer = new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (entry.name === 'keydown') durations.push(entry.duration) })
      observer.observe({ type: 'event', durationThreshold: 16 })
      return () => { observer.disconnect(); return durations }
    },
  }`

/** Through the debugger: the page's own policy lets no script in. */
export const prepare = (page: Page): Promise<unknown> => page.evaluate(sinceClick)

/** Between what is measured. Asked from here, since the page's policy lets nothing that waits there be made of a text. */
export async function settled(page: Page, isThere: string): Promise<void> {
  for (let round = 0; round < 1_200; round++) {
    if (await page.evaluate<boolean>(`Boolean(${isThere})`)) return
    await page.waitForTimeout(100)
  }
  throw new Error(`not within two minutes: ${isThere}`)
}

/** `isThere` is an expression over the page. */
export const until = (page: Page, testId: string | null, isThere: string): Promise<number> =>
  page.evaluate(`window.bench.until(${JSON.stringify(testId)}, () => Boolean(${isThere}))`)

export const write = (page: Page, testId: string, text: string, isThere: string): Promise<number> =>
  page.evaluate(`window.bench.write(${JSON.stringify(testId)}, ${JSON.stringify(text)}, () => Boolean(${isThere}))`)

export const scroll = (
  page: Page,
  scroller: string,
  byPx: number,
  forMs: number,
  isWhole = 'true',
): Promise<Frames & { readonly empty: number }> =>
  page.evaluate(`window.bench.scroll(${scroller}, ${byPx}, ${forMs}, () => Boolean(${isWhole}))`)

/** Frames and, from the browser's own event timing, how long each key waited for its paint, while `work` runs. Keys answered within 16 ms are not told of: they count as 16. */
export async function whileTyping(
  page: Page,
  key: string,
  forMs: number,
): Promise<{ readonly frames: Frames; readonly keyMs: readonly number[] }> {
  await page.evaluate('window.benchFrames = window.bench.frames(); window.benchKeys = window.bench.keys(); undefined')
  const until = Date.now() + forMs
  let pressed = 0
  while (Date.now() < until) {
    await page.keyboard.press(key)
    pressed++
    await page.waitForTimeout(100)
  }
  const told: number[] = await page.evaluate('window.benchKeys()')
  const frames: Frames = await page.evaluate('window.benchFrames()')
  return { frames, keyMs: [...told, ...Array.from({ length: Math.max(0, pressed - told.length) }, () => 16)] }
}
