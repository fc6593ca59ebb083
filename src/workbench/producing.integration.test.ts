/** Runs on a real cluster: templates and formats as bytes, rates by the clock, transactions kept and thrown away, lines, and what is kept of it all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkbenchKit } from './testing/workbench-kit'

const kit = new WorkbenchKit()
beforeAll(async () => {
  await kit.open(3)
  await kit.untilWhole()
  await kit.createTopic('made', 3)
})
afterAll(() => kit.dispose())

const lines = (text: string, change: object = {}) =>
  kit.services['produce.checkLines']({
    topic: 'made',
    name: 'some.jsonl',
    kind: 'records',
    text,
    key: { format: 'text' },
    value: { format: 'json' },
    mapping: null,
    ...change,
  })

async function records(topic: string) {
  const { readId, rows } = await kit.read({ topic, start: { kind: 'oldest' } })
  return Promise.all(rows.map(({ index }) => kit.services['messages.detail']({ readId, index })))
}
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())

describe('a run', () => {
  it('fills templates in so that key and value belong together, the same for the same seed', async () => {
    await kit.createTopic('templates', 1)
    const input = {
      topic: 'templates',
      key: { format: 'text' as const, text: '{{uuid}}' },
      value: {
        format: 'json' as const,
        text: '{"id":"{{uuid}}","n":{{index}},"who":"{{faker.person.fullName}}","big":{{random 9007199254740993 9007199254740993}}}',
      },
      headers: [{ key: 'n', value: { format: 'int64' as const, text: '{{index}}' } }],
      count: 3,
      seed: 7,
    }
    const preview = await kit.services['produce.preview']({
      request: { acks: -1, partition: null, timestamp: null, compression: 'none', ...input },
      count: 5,
    })
    await kit.produce(input)
    const made = await records('templates')
    expect(made.map((record) => text(record.keyBytes))).toEqual(preview.map((each) => each.key))
    expect(made.map((record) => text(record.valueBytes))).toEqual(preview.map((each) => each.value))
    const values = made.map((record) => JSON.parse(text(record.valueBytes)!) as { id: string; n: number; who: string })
    expect(values.map(({ id }) => id)).toEqual(made.map((record) => text(record.keyBytes)))
    expect(values.map(({ n }) => n)).toEqual([0, 1, 2])
    expect(new Set(values.map(({ who }) => who)).size).toBeGreaterThan(1)
    expect(text(made[0]!.valueBytes)).toContain('"big":9007199254740993')
    expect([...made[2]!.headers[0]!.value!]).toEqual([0, 0, 0, 0, 0, 0, 0, 2])
  })

  it('keeps its rate by the clock, stands still while it is paused, and ends when it is stopped', async () => {
    const runId = await kit.startProduce({
      topic: 'made',
      count: null,
      pace: { perSecond: 100, startAtMs: null, repeatEveryMs: null },
    })
    const told = () => kit.produceProgress(runId)[kit.produceProgress(runId).length - 1]
    const before = await kit.until('fifty are sent', () => (told() && told()!.acknowledgedCount >= 50 ? told() : undefined))
    // By the clock: as many as its time says, but for what is under way.
    expect(Math.abs(before.sentCount - before.elapsedMs / 10)).toBeLessThan(40)
    await kit.services['produce.pause']({ runId, isPaused: true })
    const paused = await kit.until('it is paused', () => (told()?.state === 'paused' ? told() : undefined))
    await kit.services['produce.pause']({ runId, isPaused: false })
    await kit.until('it goes on', () => (told()!.sentCount > paused.sentCount ? true : undefined))
    await kit.services['produce.cancel']({ runId })
    // It says so at once, and what was under way is still acknowledged.
    const ended = await kit.until('it is cancelled, and all that was sent is acknowledged', () => {
      const run = told()
      return run?.state === 'cancelled' && run.acknowledgedCount === run.sentCount ? run : undefined
    })
    expect(ended.latencyCounts.reduce((sum, each) => sum + each, 0)).toBe(ended.acknowledgedCount)
  })

  it('commits its transactions, or aborts them on purpose', async () => {
    await kit.createTopic('transactions', 2)
    const send = (transactionalId: string, abortPercent: number) =>
      kit.produce({ topic: 'transactions', count: 25, transaction: { transactionalId, recordsPerTransaction: 10, abortPercent } })
    expect(await send('kept', 0)).toMatchObject({
      state: 'finished',
      acknowledgedCount: 25,
      transactions: { committed: 3, aborted: 0 },
    })
    expect(await send('thrown-away', 100)).toMatchObject({ state: 'finished', transactions: { committed: 0, aborted: 3 } })
    const all = await records('transactions')
    expect(all.every((record) => record.batch.isTransactional)).toBe(true)
  })

  it('says what Kafka refuses by name, counted, with what to do', async () => {
    await kit.createTopic('small', 1, { 'max.message.bytes': '2000' })
    const ended = await kit.produce({
      topic: 'small',
      value: { format: 'text', text: '{{string 4000}}' },
      count: 2,
      batchBytes: 1_024,
    })
    expect(ended).toMatchObject({ state: 'failed', failedCount: 2, errors: [{ name: 'MESSAGE_TOO_LARGE', count: 2 }] })
    expect(ended.error?.message).toContain('max.message.bytes')
  })
})

describe('lines', () => {
  it('are sent byte for byte, or not at all where one is wrong', async () => {
    await kit.createTopic('imported', 2)
    const wrong = await lines('{"key":"a","value":1}\n{"key":"b" "value":2}\n{"ky":"c"}\n{"value":null,"partition":9}')
    expect(wrong.problems.map(({ line, column }) => [line, column])).toEqual([
      [2, 12],
      [3, 2],
      [4, 1],
    ])
    const check = await lines(
      '{"topic":"x","partition":1,"offset":4,"timestamp":1700000000123,"key":"a","value":{"id":7205759403792793601},"headers":[{"key":"h","value":"1"},{"key":"h","value":null}]}\r\n\n{"key":null,"value":{"base64":"/wA="},"partition":0}\n',
    )
    expect(check).toMatchObject({ count: 2, problemCount: 0 })
    const { runId } = await kit.services['produce.start']({
      ...{
        topic: 'imported',
        partition: null,
        key: { format: 'null', text: '' },
        value: { format: 'null', text: '' },
        headers: [],
      },
      ...{ acks: -1, timestamp: null, compression: 'none', count: 1, lines: { linesId: check.linesId, name: 'some.jsonl' } },
    })
    expect(await kit.untilProduced(runId)).toMatchObject({ state: 'finished', acknowledgedCount: 2 })
    const [second, first] = (await records('imported')).sort((a, b) => a.partition - b.partition)
    expect([first!.partition, first!.timestamp, text(first!.keyBytes), text(first!.valueBytes)]).toEqual([
      1,
      '1700000000123',
      'a',
      '{"id":7205759403792793601}',
    ])
    expect(first!.headers.map(({ key, value }) => [key, text(value)])).toEqual([
      ['h', '1'],
      ['h', null],
    ])
    expect([second!.keyBytes, [...second!.valueBytes!]]).toEqual([null, [0xff, 0]])
  })
})

describe('what is kept', () => {
  it('is there again in another process: runs with what they sent, and saved messages', async () => {
    const before = await kit.services['produce.runs'](undefined)
    expect(before[0]).toMatchObject({
      topic: 'imported',
      label: 'some.jsonl',
      source: 'lines',
      count: 2,
      progress: { state: 'finished' },
    })
    const request = await kit.services['produce.request']({ runId: before.find(({ topic }) => topic === 'templates')!.runId })
    expect(request).toMatchObject({ seed: 7, count: 3 })
    const message = { id: 'a', name: 'One', folder: 'F', request: { ...request, headers: [...request.headers] }, savedAtMs: 1 }
    await kit.services['produce.save']({ messages: [message], folders: [] })
    await kit.reopen()
    const after = await kit.services['produce.runs'](undefined)
    expect(after.map(({ runId, topic }) => [runId, topic])).toEqual(before.map(({ runId, topic }) => [runId, topic]))
    expect(after[0]!.againProblem).toContain('Choose the file again')
    const saved = await kit.services['produce.saved'](undefined)
    expect(saved).toMatchObject({ folders: ['F'], messages: [{ name: 'One', request: { seed: 7 } }], problem: null })
  })
})
