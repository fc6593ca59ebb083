/** The services behind the window over a real cluster of three brokers: topics, producing and reading, also while brokers die. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkbenchKit } from './testing/workbench-kit'

const kit = new WorkbenchKit()

beforeAll(async () => {
  await kit.open()
  // Asked before anything serves: it waits for the cluster.
  await kit.createTopic('orders', 3)
})
afterAll(async () => {
  await kit.dispose()
  expect(kit.problems).toEqual([])
})

describe('topics', () => {
  it('refuses with the error and the words of Kafka', async () => {
    const create = (fields: object) =>
      kit.services['topics.create']({ name: 'refused', partitionCount: 1, replicationFactor: 1, configs: {}, ...fields })
    await expect(create({ name: 'orders' })).rejects.toMatchObject({ kind: 'protocol', code: 'TOPIC_ALREADY_EXISTS' })
    await expect(create({ name: 'no/slash' })).rejects.toMatchObject({ kind: 'protocol', code: 'INVALID_TOPIC_EXCEPTION' })
    await expect(create({ replicationFactor: 4 })).rejects.toMatchObject({ kind: 'protocol', code: 'INVALID_REPLICATION_FACTOR' })
    await expect(create({ configs: { 'retention.ms': 'soon' } })).rejects.toMatchObject({
      kind: 'protocol',
      code: 'INVALID_CONFIG',
    })
    await expect(kit.services['topics.delete']({ topic: 'nowhere' })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    })
    await expect(kit.services['topics.configs']({ topic: 'nowhere' })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    })
    expect((await kit.services['topics.list'](undefined)).map(({ name }) => name)).toEqual(['orders'])
  })

  it('shows configs with their source, and forgets a deleted topic', async () => {
    await kit.createTopic('brief', 2, { 'retention.ms': '60000', 'cleanup.policy': 'compact' })
    const configs = await kit.services['topics.configs']({ topic: 'brief' })
    const config = (name: string) => configs.find((entry) => entry.name === name)
    expect(config('retention.ms')).toMatchObject({ value: '60000', isDefault: false, source: 'topic', type: 'long' })
    expect(config('segment.bytes')).toMatchObject({ value: '1073741824', isDefault: true, isReadOnly: false })
    expect(config('cleanup.policy')?.documentation).not.toBe('')
    await kit.until('the list shows it', async () =>
      (await kit.services['topics.list'](undefined)).find(
        ({ name, cleanupPolicy, retentionMs }) => name === 'brief' && cleanupPolicy === 'compact' && retentionMs === '60000',
      ),
    )
    await kit.services['topics.delete']({ topic: 'brief' })
    await kit.until(
      'it is gone',
      async () => (await kit.services['topics.list'](undefined)).every(({ name }) => name !== 'brief') || undefined,
    )
    const definitions = await kit.services['topics.configDefinitions'](undefined)
    expect(definitions.map(({ name }) => name)).toContain('min.insync.replicas')
  })
})

describe('producing', () => {
  it.each([
    [-1, 'none'],
    [-1, 'gzip'],
    [-1, 'snappy'],
    [1, 'lz4'],
    [1, 'zstd'],
    [0, 'none'],
  ] as const)(
    'writes 1,000 messages with acks %i, compression %s, and they are read as they were written',
    async (acks, compression) => {
      const topic = `thousand-${acks === -1 ? 'all' : acks}-${compression}`
      await kit.createTopic(topic, 3)
      const padding = 'the same words again '.repeat(20)
      const end = await kit.produce({
        topic,
        acks,
        compression,
        count: 1_000,
        key: { format: 'text', text: 'key {{index}}' },
        value: { format: 'json', text: `{"n":{{index}},"padding":"${padding}"}` },
      })
      expect(end).toMatchObject({ state: 'finished', sentCount: 1_000, acknowledgedCount: 1_000, failedCount: 0, error: null })
      if (acks !== 0) {
        expect(end.partitions.reduce((sum, { count }) => sum + count, 0)).toBe(1_000)
        for (const { firstOffset, lastOffset, count } of end.partitions) expect([firstOffset, lastOffset]).toEqual([0, count - 1])
        expect(end.latencyMs?.max).toBeGreaterThan(0)
      } else {
        expect(end.last?.offset).toBe(-1)
      }
      if (acks !== -1) {
        // Written, but not yet everywhere: readers see them when the followers have them.
        await kit.until('all are there', async () =>
          (await kit.services['topics.list'](undefined)).find(
            ({ name, messageCount }) => name === topic && messageCount === 1_000,
          ),
        )
      }
      const { progress, rows, readId } = await kit.read({ topic, start: { kind: 'oldest' } })
      expect(progress).toMatchObject({ state: 'finished', rowCount: 1_000, droppedCount: 0, error: null })
      const indexes = rows.map(({ key }) => Number(key.text.slice(4)))
      expect([...indexes].sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, index) => index))
      for (const partition of [0, 1, 2]) {
        const ofPartition = rows.filter((row) => row.partition === partition)
        expect(ofPartition.map(({ offset }) => offset)).toEqual(ofPartition.map((_, index) => index))
        const written = ofPartition.map(({ key }) => Number(key.text.slice(4)))
        expect(written).toEqual([...written].sort((a, b) => a - b))
      }
      expect(rows[0]?.value).toMatchObject({ kind: 'json', isCut: false })
      const detail = await kit.services['messages.detail']({ readId, index: 999 })
      expect(detail.batch.compression).toBe(compression)
      expect(Buffer.from(detail.valueBytes ?? []).toString()).toBe(`{"n":${indexes[999]},"padding":"${padding}"}`)
      await kit.services['messages.close']({ readId })
    },
  )

  it('writes null, empty and binary payloads, headers of one name, and any int64 timestamp, and reads the very same', async () => {
    // By default Kafka refuses timestamps of more than an hour ahead.
    await kit.createTopic('any-bytes', 3, { 'message.timestamp.after.max.ms': '9223372036854775807' })
    const send = async (fields: Partial<Parameters<typeof kit.produce>[0]>) =>
      expect(await kit.produce({ topic: 'any-bytes', partition: 0, ...fields })).toMatchObject({ state: 'finished', error: null })
    const payload = (format: 'text' | 'hex' | 'base64' | 'null', text = '') => ({ format, text })
    await send({ key: payload('null'), value: payload('null') })
    await send({ key: payload('text'), value: payload('text') })
    await send({
      key: payload('hex', '00 ff 80'),
      value: payload('base64', '//79/A=='),
      headers: [
        { key: 'h', value: payload('text', 'one') },
        { key: 'h', value: payload('text', 'two') },
        { key: 'none', value: payload('null') },
        { key: '', value: payload('text') },
      ],
    })
    await send({ value: payload('text', 'largest'), timestamp: '9223372036854775807' })
    await send({ value: payload('text', 'beyond a double'), timestamp: '9007199254740993' })
    await send({ value: payload('text', 'a text with ünïcode 🦉') })
    const { rows, readId } = await kit.read({ topic: 'any-bytes', partitions: [0], start: { kind: 'oldest' } })
    expect(rows.map(({ value }) => value.kind)).toEqual(['null', 'empty', 'binary', 'text', 'text', 'text'])
    expect(rows.map(({ key }) => key.kind)).toEqual(['null', 'empty', 'binary', 'null', 'null', 'null'])
    const details = await Promise.all(rows.map(({ index }) => kit.services['messages.detail']({ readId, index })))
    expect(details[0]).toMatchObject({ keyBytes: null, valueBytes: null, topic: 'any-bytes', timestampType: 'CreateTime' })
    expect(details[1]).toMatchObject({ keyBytes: new Uint8Array(), valueBytes: new Uint8Array() })
    expect([...(details[2]?.keyBytes ?? [])]).toEqual([0, 255, 128])
    expect([...(details[2]?.valueBytes ?? [])]).toEqual([255, 254, 253, 252])
    expect(details[2]?.headers.map(({ key, value }) => [key, value === null ? null : Buffer.from(value).toString()])).toEqual([
      ['h', 'one'],
      ['h', 'two'],
      ['none', null],
      ['', ''],
    ])
    expect(details[3]?.timestamp).toBe('9223372036854775807')
    expect(details[4]?.timestamp).toBe('9007199254740993')
    expect(Buffer.from(details[5]?.valueBytes ?? []).toString()).toBe('a text with ünïcode 🦉')
    await expect(kit.services['messages.detail']({ readId, index: 6 })).rejects.toMatchObject({ code: 'ROW_GONE' })
    await kit.services['messages.close']({ readId })
    await expect(kit.services['messages.rows']({ readId, from: 0, count: 1 })).rejects.toMatchObject({ code: 'READ_CLOSED' })
  })

  it('says what is wrong before anything is sent', async () => {
    const start = (fields: object) => kit.startProduce({ topic: 'orders', ...fields })
    await expect(start({ value: { format: 'json', text: '{' } })).rejects.toMatchObject({
      kind: 'expected',
      code: 'INVALID_PAYLOAD',
    })
    await expect(start({ key: { format: 'hex', text: 'f' } })).rejects.toMatchObject({
      message: expect.stringContaining('The key is not hex'),
    })
    await expect(start({ timestamp: '9223372036854775808' })).rejects.toMatchObject({ code: 'INVALID_TIMESTAMP' })
    expect(await kit.produce({ topic: 'orders', partition: 7 })).toMatchObject({
      state: 'failed',
      failedCount: 1,
      error: { name: 'UNKNOWN_TOPIC_OR_PARTITION', message: expect.stringContaining('orders has partitions 0 to 2, no 7') },
    })
    expect(await kit.produce({ topic: 'nowhere', count: 100_000 })).toMatchObject({
      state: 'failed',
      sentCount: 0,
      error: { name: 'UNKNOWN_TOPIC_OR_PARTITION', message: expect.stringContaining('There is no topic nowhere') },
    })
    expect(await kit.produce({ topic: 'orders', timestamp: '9223372036854775807' })).toMatchObject({
      state: 'failed',
      error: { name: 'INVALID_TIMESTAMP' },
    })
    await kit.createTopic('small', 1, { 'max.message.bytes': '1000' })
    expect(await kit.produce({ topic: 'small', value: { format: 'text', text: 'x'.repeat(2_000) } })).toMatchObject({
      state: 'failed',
      error: { name: 'MESSAGE_TOO_LARGE' },
    })
  })

  it('loses nothing, doubles nothing and keeps the order through the death of the leader', async () => {
    await kit.createTopic('through-a-kill', 1, { 'min.insync.replicas': '2' })
    const { leader } = await kit.partition('through-a-kill')
    const count = 20_000
    const readId = await kit.openRead({ topic: 'through-a-kill', start: { kind: 'live' } })
    const early = await kit.startProduce({ topic: 'through-a-kill', count, value: { format: 'text', text: 'early {{index}}' } })
    await kit.untilRead(readId, 'reads', ({ rowCount }) => rowCount > 0)
    await kit.services['cluster.killBroker']({ brokerId: leader ?? -1 })
    // However quick the first run was: this one begins while the dead broker is still the leader for everybody.
    const runId = await kit.startProduce({ topic: 'through-a-kill', count })
    expect(await kit.untilProduced(early)).toMatchObject({ state: 'finished', acknowledgedCount: count, failedCount: 0 })
    const retried = await kit.until('a retry is told', () => kit.produceProgress(runId).find(({ error }) => error !== null))
    expect(retried.error?.message).toMatch(/Trying again\.$/)
    const noted = await kit.untilRead(readId, 'notes the trouble', ({ error }) => error !== null)
    expect(noted).toMatchObject({ state: 'live', error: expect.stringMatching(/\. Reading goes on when a leader answers\.$/) })
    const end = await kit.untilProduced(runId)
    expect(end).toMatchObject({ state: 'finished', acknowledgedCount: count, failedCount: 0, error: null })
    const lastOffset = end.last?.offset ?? -1
    const { rows } = await kit.read({ topic: 'through-a-kill', start: { kind: 'oldest' } })
    // Also a batch whose answer was lost is there once: the producer is idempotent.
    const read = rows.map(({ value }) => value.text)
    for (const word of ['early', 'value']) {
      const written = Array.from({ length: count }, (_, index) => `${word} ${index}`)
      expect(read.filter((text) => text.startsWith(word))).toEqual(written)
    }
    const caughtUp = await kit.untilRead(
      readId,
      'has caught up and is well again',
      ({ error, rowCount }) => error === null && rowCount > noted.rowCount,
    )
    expect(caughtUp.state).toBe('live')
    await kit.until('the live read has the last one', async () => {
      const progress = kit.readProgress(readId).at(-1)
      const [row] = await kit.services['messages.rows']({ readId, from: (progress?.rowCount ?? 1) - 1, count: 1 })
      return (row !== undefined && row.offset >= lastOffset) || undefined
    })
    await kit.services['messages.stop']({ readId })
    expect((await kit.untilRead(readId, 'stops', ({ state }) => state === 'stopped')).error).toBeNull()
    await kit.services['messages.close']({ readId })
    await kit.services['cluster.startBroker']({ brokerId: leader ?? -1 })
    await kit.untilWhole()
  })

  it('ends at once when it is cancelled, and soon where no leader answers', async () => {
    const runId = await kit.startProduce({ topic: 'orders', count: 1_000_000 })
    await kit.until('it is under way', () => kit.produceProgress(runId).find(({ acknowledgedCount }) => acknowledgedCount > 0))
    await kit.services['produce.cancel']({ runId })
    const end = await kit.untilProduced(runId)
    expect(end.state).toBe('cancelled')
    expect(end.sentCount).toBeLessThan(1_000_000)
    expect(end.acknowledgedCount + end.failedCount).toBe(end.sentCount)
    // Cancelling what has ended is nothing.
    await kit.services['produce.cancel']({ runId })

    await kit.createTopic('alone', 1, {}, 1)
    const { leader } = await kit.partition('alone')
    await kit.services['cluster.killBroker']({ brokerId: leader ?? -1 })
    const waiting = await kit.startProduce({ topic: 'alone' })
    await kit.until('it tries again', () => kit.produceProgress(waiting).find(({ error }) => error !== null))
    await kit.services['produce.cancel']({ runId: waiting })
    expect(await kit.untilProduced(waiting)).toMatchObject({ state: 'cancelled', acknowledgedCount: 0 })
    await kit.services['cluster.startBroker']({ brokerId: leader ?? -1 })
    await kit.untilWhole()
    await kit.services['topics.delete']({ topic: 'alone' })
  })
})

describe('reading', () => {
  beforeAll(async () => {
    await kit.createTopic('numbers', 3)
    // Timestamp 1000 + n, partition n % 3.
    for (const partition of [0, 1, 2]) {
      for (let n = partition; n < 30; n += 3) {
        const text = `{"n":${n}}`
        await kit.produce({ topic: 'numbers', partition, value: { format: 'json', text }, timestamp: String(1_000 + n) })
      }
    }
  })

  const numbersOf = (rows: readonly { value: { text: string } }[]) =>
    rows.map(({ value }) => (JSON.parse(value.text) as { n: number }).n)
  const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

  it('shows the newest over all partitions, newest first', async () => {
    const { rows, progress } = await kit.read({ topic: 'numbers', start: { kind: 'newest', count: 5 } })
    expect(numbersOf(rows)).toEqual([29, 28, 27, 26, 25])
    expect(progress).toMatchObject({ state: 'finished', rowCount: 5, error: null })
  })

  it('reads from an offset, from a time, from chosen partitions, up to a limit, in pages', async () => {
    const offset = await kit.read({ topic: 'numbers', start: { kind: 'offset', offset: 8 } })
    expect(ascending(numbersOf(offset.rows))).toEqual([24, 25, 26, 27, 28, 29])
    const time = await kit.read({ topic: 'numbers', start: { kind: 'time', timestampMs: 1_020 } })
    expect(ascending(numbersOf(time.rows))).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    const future = await kit.read({ topic: 'numbers', start: { kind: 'time', timestampMs: 9_999_999 } })
    expect(future).toMatchObject({ rows: [], progress: { state: 'finished', error: null } })
    const partition = await kit.read({ topic: 'numbers', partitions: [1], start: { kind: 'oldest' } })
    expect(numbersOf(partition.rows)).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25, 28])
    const limited = await kit.read({ topic: 'numbers', start: { kind: 'oldest' }, limit: 7 })
    expect(limited.progress).toMatchObject({ state: 'finished', rowCount: 7 })
    const page = await kit.services['messages.rows']({ readId: partition.readId, from: 8, count: 100 })
    expect(page.map(({ index }) => index)).toEqual([8, 9])
    expect(await kit.services['messages.rows']({ readId: partition.readId, from: 10, count: 100 })).toEqual([])
    const beyond = await kit.read({ topic: 'numbers', partitions: [0, 9], start: { kind: 'oldest' } })
    expect(beyond.progress).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('numbers has partitions 0 to 2, no 9'),
    })
    const nowhere = await kit.read({ topic: 'nowhere', start: { kind: 'oldest' } })
    expect(nowhere.progress).toMatchObject({ state: 'failed', error: expect.stringContaining('There is no topic nowhere') })
  })

  it('follows live from the end on, and keeps the newest', async () => {
    await kit.createTopic('stream', 1)
    await kit.produce({ topic: 'stream', count: 10 })
    const readId = await kit.openRead({ topic: 'stream', start: { kind: 'live' }, limit: 100 })
    await kit.untilRead(readId, 'has begun', ({ state }) => state === 'live')
    await kit.produce({ topic: 'stream', value: { format: 'text', text: 'new {{index}}' }, count: 5_000 })
    const progress = await kit.untilRead(readId, 'has all', ({ rowCount }) => rowCount === 5_000)
    expect(progress.droppedCount).toBeGreaterThanOrEqual(4_900)
    const rows = await kit.rows(readId, progress)
    expect(rows.at(-1)).toMatchObject({ index: 4_999, value: { text: 'new 4999' } })
    expect(rows.map(({ offset }) => offset)).toEqual(rows.map(({ index }) => index + 10))
    await kit.services['messages.close']({ readId })
  })

  it('ends with words when its topic is deleted', async () => {
    await kit.createTopic('doomed', 2)
    const readId = await kit.openRead({ topic: 'doomed', start: { kind: 'live' } })
    await kit.untilRead(readId, 'has begun', ({ state }) => state === 'live')
    await kit.services['topics.delete']({ topic: 'doomed' })
    const end = await kit.untilRead(readId, 'ends', ({ state }) => state !== 'live')
    expect(end).toMatchObject({ state: 'failed', error: 'There is no topic doomed any more: it was deleted while it was read.' })
  })
})
