/**
 * A topic of a million messages in the real window on a real cluster: how soon its first rows are there, how soon those of any offset or time, how evenly all of
 * them scroll and in how much memory, a message of ten megabytes, and whether the window answers while ten thousand messages a second come in live. Prints each
 * figure beside what issue 6 asks for; ends with 1 where one was missed.
 *
 *   npx tsx bench/messages-window.ts [--messages 1000000] [--tail-seconds 10]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { openDisplay } from '../scripts/lib/display'
import { ensureBuilt } from '../scripts/setup/build.mjs'
import { Hand, median, missCount, prepare, quantile, say, scroll, settled, until, whileTyping } from './window-page'

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '1000000' }, 'tail-seconds': { type: 'string', default: '10' } },
})
const messageCount = Number(values.messages)
const tailMs = Number(values['tail-seconds']) * 1_000
const partitionCount = 4
const answerMs = 300
const growthMiBMax = 250
const batchSize = 5_000
const baseMs = Date.UTC(2026, 0, 1)

const visible = (testId: string): string =>
  `[...document.querySelectorAll('[data-testid="${testId}"]')].find((element) => element.checkVisibility())`
const rowsOf = `[...(${visible('messages-table')}?.querySelectorAll('[data-testid^="message-row-"]') ?? [])]`
const cell = (at: number): string => `${rowsOf}[0]?.querySelectorAll('[role=gridcell]')[${at}]?.textContent.trim()`
const status = (name: string): string => `${visible('messages-status')}?.dataset.${name}`
const milliseconds = (value: number): string => `${value.toFixed(0)} ms`

function recordOf(index: number) {
  return {
    key: `customer-${index % 5_000}`,
    value: `{"orderId":${90_000_000_000 + index},"status":"${index % 3 === 0 ? 'PAID' : 'PLACED'}","total":${(index * 37) % 50_000}}`,
    // One a millisecond: a time names an offset.
    timestamp: String(baseMs + Math.floor(index / partitionCount)),
  }
}

async function fill(producer: Producer): Promise<void> {
  const fromMs = performance.now()
  const perPartition = messageCount / partitionCount
  for (let at = 0; at < perPartition; at += batchSize) {
    const size = Math.min(batchSize, perPartition - at)
    const messages = Array.from({ length: partitionCount }, (_, partition) =>
      Array.from({ length: size }, (_each, index) => ({ partition, ...recordOf((at + index) * partitionCount + partition) })),
    ).flat()
    await producer.send({ topic: 'million', acks: 1, messages })
  }
  say(`${messageCount} messages written by an ordinary client`, `${((performance.now() - fromMs) / 1_000).toFixed(1)} s`)
}

async function memoryMiB(app: ElectronApplication): Promise<number> {
  const sizes = await app.evaluate(({ app: electron }) =>
    electron
      .getAppMetrics()
      .filter(({ type }) => type === 'Tab')
      .map(({ memory }) => memory.workingSetSize),
  )
  return Math.max(...sizes) / 1_024
}

async function openTopic(page: Page, topic: string): Promise<number> {
  await page.keyboard.press('Control+2')
  await settled(page, visible(`topic-link-${topic}`))
  const took = await until(page, `topic-link-${topic}`, `${rowsOf}.length > 0`)
  await settled(page, `${status('state')} === 'finished'`)
  return took
}

async function measureOpening(page: Page): Promise<void> {
  const took: number[] = []
  for (let round = 0; round < 6; round++) {
    if (round > 0) await page.keyboard.press('Control+w')
    took.push(await openTopic(page, 'million'))
  }
  const [first = Number.NaN, ...others] = took
  say('first rows after the click, the very first time', milliseconds(first), first <= answerMs)
  say(
    'first rows, five times more',
    `median ${milliseconds(median(others))}, worst ${milliseconds(Math.max(...others))}`,
    median(others) <= answerMs,
  )
}

async function measureJumps(page: Page, hand: Hand): Promise<void> {
  const perPartition = messageCount / partitionCount
  await hand.click('messages-start-offset')
  const toOffset: number[] = []
  for (let round = 1; round <= 10; round++) {
    const offset = Math.floor((perPartition * ((round * 7) % 10)) / 10) + round
    await hand.type('messages-offset', String(offset))
    toOffset.push(await until(page, 'messages-read', `${cell(1)} === '${offset}'`))
    await settled(page, `${status('state')} === 'finished'`)
  }
  say(
    'jump to an offset, ten of them',
    `median ${milliseconds(median(toOffset))}, worst ${milliseconds(Math.max(...toOffset))}`,
    median(toOffset) <= answerMs,
  )
  await hand.click('messages-start-time')
  const toTime: number[] = []
  for (let round = 1; round <= 10; round++) {
    const offset = Math.floor((perPartition * ((round * 3) % 10)) / 10) + round
    await hand.type('messages-time', String(baseMs + offset))
    toTime.push(await until(page, 'messages-read', `${cell(1)} === '${offset}'`))
    await settled(page, `${status('state')} === 'finished'`)
  }
  say(
    'jump to a time, ten of them',
    `median ${milliseconds(median(toTime))}, worst ${milliseconds(Math.max(...toTime))}`,
    median(toTime) <= answerMs,
  )
}

async function measureMillion(app: ElectronApplication, page: Page, hand: Hand, beforeMiB: number): Promise<void> {
  await hand.click('messages-start-offset')
  await hand.type('messages-offset', '0')
  await hand.choose('messages-limit', String(1_000_000))
  const firstRows = await until(page, 'messages-read', `${rowsOf}.length > 0`)
  const whole = await until(page, null, `${status('state')} === 'finished'`)
  const count = Number(await page.evaluate(status('rowCount')))
  say(
    'reading all of them',
    `${count} rows in ${((firstRows + whole) / 1_000).toFixed(1)} s, the first after ${milliseconds(firstRows)}`,
    count === messageCount,
  )
  const isWhole = `${rowsOf}.length > 5`
  for (const [words, byPx] of [
    ['a wheel turned fast, 100 px a frame', 100],
    ['the bar dragged, 20,000 px a frame', 20_000],
  ] as const) {
    const { count: frames, long, p99Ms, worstMs, empty } = await scroll(page, visible('messages-table'), byPx, 5_000, isWhole)
    say(
      `scrolling: ${words}`,
      `${long} of ${frames} frames over 50 ms, p99 ${p99Ms.toFixed(0)}, worst ${worstMs.toFixed(0)}; ${empty} without rows`,
      long / frames <= 0.02,
    )
  }
  const toRow: number[] = []
  for (let round = 1; round <= 10; round++) {
    const index = Math.floor((count * ((round * 7) % 10)) / 10)
    await page.evaluate(`${visible('messages-table')}.scrollTop = ${index * 26}`)
    toRow.push(await until(page, null, `document.querySelector('[data-testid="message-row-${index}"]')`))
  }
  say(
    'anywhere in the million rows',
    `median ${milliseconds(median(toRow))}, worst ${milliseconds(Math.max(...toRow))}`,
    median(toRow) <= answerMs,
  )
  const afterMiB = await memoryMiB(app)
  say(
    'memory of the window, from an empty one to after that',
    `${beforeMiB.toFixed(0)} MiB to ${afterMiB.toFixed(0)} MiB`,
    afterMiB - beforeMiB <= growthMiBMax,
  )
}

async function measureLarge(page: Page, producer: Producer): Promise<void> {
  const items = Array.from(
    { length: 100_000 },
    (_, index) => `{"sku":"A-${index}","id":${9_007_199_254_740_993n + BigInt(index)},"text":"${'x'.repeat(50)}"}`,
  )
  const value = `{"items":[${items.join(',')}]}`
  await producer.send({ topic: 'large', acks: 1, messages: [{ value }] })
  const opened = await openTopic(page, 'large')
  await page.evaluate('window.benchFrames = window.bench.frames(); undefined')
  const detail = await until(page, 'message-row-0', `${visible('message-tree')}?.textContent.includes('items')`)
  const frames = await page.evaluate<{ worstMs: number }>('window.benchFrames()')
  say(
    `a message of ${(value.length / 1_048_576).toFixed(1)} MiB`,
    `its row after ${milliseconds(opened)}, its tree after ${milliseconds(detail)}, worst frame ${frames.worstMs.toFixed(0)} ms`,
    detail <= 1_000,
  )
}

/** Ten thousand a second in twenty strokes, whatever the machine lets through; how many were sent is said beside the figure. */
function tail(producer: Producer) {
  let isOn = true
  let sent = 0
  const fromMs = performance.now()
  const ended = (async () => {
    while (isOn) {
      const messages = Array.from({ length: 500 }, (_, index) => ({ ...recordOf(sent + index), timestamp: String(Date.now()) }))
      await producer.send({ topic: 'tailed', acks: 1, messages })
      sent += messages.length
      const aheadMs = sent / 10 - (performance.now() - fromMs)
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs))
    }
    return (sent / (performance.now() - fromMs)) * 1_000
  })()
  return () => {
    isOn = false
    return ended
  }
}

async function measureTail(app: ElectronApplication, page: Page, hand: Hand, producer: Producer): Promise<void> {
  await page.keyboard.press('Control+2')
  await hand.click('topic-link-tailed')
  await hand.click('messages-start-live')
  const stop = tail(producer)
  await settled(page, `Number(${status('rowCount')}) > 5000`)
  const before = Number(await page.evaluate(status('rowCount')))
  const fromMs = performance.now()
  // A key that the list answers: the palette's field would be answered by a field.
  const { frames, keyMs } = await whileTyping(page, 'j', tailMs)
  const shown = ((Number(await page.evaluate(status('rowCount'))) - before) / (performance.now() - fromMs)) * 1_000
  const sent = await stop()
  say('live tail', `${sent.toFixed(0)}/s sent, ${shown.toFixed(0)}/s shown`, shown >= Math.min(9_000, sent * 0.9))
  say(
    '  keys answered meanwhile',
    `median ${quantile(keyMs, 0.5)} ms, p95 ${quantile(keyMs, 0.95)} ms, worst ${Math.max(...keyMs)} ms`,
    quantile(keyMs, 0.95) <= 100,
  )
  say('  frames meanwhile', `${frames.long} of ${frames.count} over 50 ms, worst ${frames.worstMs.toFixed(0)} ms`, null)
  say('  memory of the window', `${(await memoryMiB(app)).toFixed(0)} MiB`)
  await hand.click('messages-stop')
}

async function main(): Promise<void> {
  await ensureBuilt('window')
  const display = await openDisplay()
  const dataDirectory = mkdtempSync(join(tmpdir(), 'workbench-million-'))
  const app = await _electron.launch({
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      join(__dirname, '..'),
      '--port=0',
      '--coordination-port=0',
      '--registry-port=0',
    ],
    env: {
      ...process.env,
      ...(display.name === null ? {} : { DISPLAY: display.name }),
      BROKER_WORKBENCH_DATA_DIR: dataDirectory,
    } as Record<string, string>,
  })
  const page = await app.firstWindow()
  try {
    const hand = new Hand(page)
    await settled(page, `${visible('cluster-health')}?.dataset.health === 'healthy'`)
    const bootstrap = (await page.getByTestId('bootstrap-address').filter({ visible: true }).textContent()) ?? ''
    const kafka = new Kafka({
      brokers: bootstrap.replace(/\s/g, '').split(','),
      logLevel: logLevel.NOTHING,
      requestTimeout: 60_000,
    })
    const admin = kafka.admin()
    await admin.connect()
    const large = [{ name: 'max.message.bytes', value: String(16 << 20) }]
    await admin.createTopics({
      topics: [
        // Its times are of January: retention by time would take all of it away.
        {
          topic: 'million',
          numPartitions: partitionCount,
          replicationFactor: 1,
          configEntries: [{ name: 'retention.ms', value: '-1' }],
        },
        { topic: 'large', numPartitions: 1, replicationFactor: 1, configEntries: large },
        { topic: 'tailed', numPartitions: 3, replicationFactor: 1 },
      ],
    })
    await admin.disconnect()
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
    await fill(producer)
    await prepare(page)
    const beforeMiB = await memoryMiB(app)
    await measureOpening(page)
    await measureJumps(page, hand)
    await measureMillion(app, page, hand, beforeMiB)
    await measureLarge(page, producer)
    await measureTail(app, page, hand, producer)
    await producer.disconnect()
  } catch (error) {
    await page.screenshot({ path: join(tmpdir(), 'messages-window.png') }).catch(() => undefined)
    console.log(`It ended early; what the window showed is in ${join(tmpdir(), 'messages-window.png')}.`)
    throw error
  } finally {
    await app.close()
    display.close()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
  console.log(missCount() === 0 ? 'all within what issue 6 asks for' : `${missCount()} missed`)
  process.exitCode = missCount() === 0 ? 0 : 1
}

void main()
