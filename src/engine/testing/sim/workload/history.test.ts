import { describe, expect, it } from 'vitest'
import { HistoryFixture } from './history-fixture'
import { rules } from './rules'

describe('what is read', () => {
  it('is what was sent, byte for byte, or the rule is broken', () => {
    const it = new HistoryFixture()
    const sent = it.send('p')
    const read = (change: Parameters<HistoryFixture['read']>[3]) => it.broken(() => it.read('c', 0, sent, change))
    const otherFiller = Buffer.from(sent.record.value ?? [])
    otherFiller[otherFiller.length - 1] = 0
    expect(read({ value: otherFiller })).toBe(rules.nothingInvented)
    expect(read({ key: null })).toBe(rules.nothingInvented)
    expect(read({ timestamp: 1001n })).toBe(rules.nothingInvented)
    expect(read({ headers: [] })).toBe(rules.nothingInvented)
    expect(read({ value: Buffer.from('p|t|0|7|') })).toBe(rules.nothingInvented)
    expect(read({ value: null })).toBe(rules.nothingInvented)
    expect(it.broken(() => it.read('c', 0, sent, {}, 1))).toBe(rules.nothingInvented)
    expect(read({})).toBeNull()
  })

  it('may carry the time of the append where the topic says so', () => {
    const it = new HistoryFixture({ 'message.timestamp.type': 'LogAppendTime' })
    const sent = it.send('p')
    expect(it.broken(() => it.read('c', 0, sent, { timestamp: 5n }))).toBeNull()
    // But one and the same to everybody.
    expect(it.broken(() => it.read('d', 0, sent, { timestamp: 6n }))).toBe(rules.readStaysRead)
  })

  it('was not refused', () => {
    const it = new HistoryFixture()
    const refused = it.send('p')
    it.failed(refused, false)
    const lost = it.send('p')
    it.failed(lost, true)
    expect(it.broken(() => it.read('c', 0, lost))).toBeNull()
    expect(it.broken(() => it.read('c', 1, refused))).toBe(rules.refusedIsNotWritten)
  })

  it('stays so for every reader after', () => {
    const it = new HistoryFixture()
    const [a, b] = [it.send('p'), it.send('q')]
    it.read('c', 0, a)
    expect(it.broken(() => it.read('d', 0, b))).toBe(rules.readStaysRead)
    expect(it.broken(() => it.read('d', 0, a))).toBeNull()
    expect(it.broken(() => it.readToEnd('d', 0, 0))).toBe(rules.readStaysRead)
  })

  it('comes without a gap, unless the log start has moved', () => {
    const it = new HistoryFixture()
    const records = [0, 1, 2, 3].map(() => it.send('p', { acks: 0 }))
    it.read('c', 0, records[0]!)
    expect(it.broken(() => it.read('c', 2, records[2]!))).toBe(rules.noGap)
    it.history.onDeleteRecords('t', 0, 3)
    expect(it.broken(() => it.read('c', 3, records[3]!))).toBeNull()
    expect(it.broken(() => it.readToEnd('v', 4, 4))).toBe(rules.noGap)
  })
})

describe('an acknowledged acks=all record', () => {
  it('is at its offset', () => {
    const it = new HistoryFixture()
    const sent = it.acknowledged('p', 4)
    const other = it.send('q')
    expect(it.broken(() => it.read('c', 4, other))).toBe(rules.acknowledgedStays)
    expect(it.broken(() => it.read('d', 4, sent))).toBeNull()
  })

  it('is missed at the end of the log', () => {
    const it = new HistoryFixture()
    it.acknowledged('p', 4)
    expect(it.broken(() => it.readToEnd('v', 0, 4))).toBe(rules.acknowledgedStays)
    expect(it.broken(() => it.readToEnd('v', 0, 5))).toBeNull()
  })

  it('is missed where something else was read before the answer came', () => {
    const it = new HistoryFixture()
    const [a, b] = [it.send('p'), it.send('q')]
    it.read('c', 0, b)
    expect(it.broken(() => it.history.onDelivered(a, 0))).toBe(rules.acknowledgedStays)
  })

  it('shares its offset with no other, and comes behind those acknowledged before it', () => {
    const it = new HistoryFixture()
    it.acknowledged('p', 4)
    expect(it.broken(() => it.acknowledged('q', 4))).toBe(rules.acknowledgedOnce)
    expect(it.broken(() => it.acknowledged('p', 3))).toBe(rules.acknowledgedInOrder)
  })

  it('that was acknowledged without an offset is somewhere', () => {
    const it = new HistoryFixture()
    const sent = it.acknowledged('p', -1, { isIdempotent: true })
    it.history.partition('t', 0).onReaderBegins('v')
    expect(it.broken(() => it.readToEnd('v', 0, 0))).toBe(rules.acknowledgedStays)
    it.read('v', 0, sent)
    expect(it.broken(() => it.readToEnd('v', 0, 1))).toBeNull()
  })

  it('may be lost where the rules excuse it, and then is promised no more', () => {
    const it = new HistoryFixture()
    it.acknowledged('p', 0)
    const other = it.send('q')
    it.excuse = 'an unclean election'
    expect(it.broken(() => it.read('c', 0, other))).toBeNull()
    expect(it.counts.get('broken promises that the rules excuse')).toBe(1)
    it.excuse = null
    expect(it.broken(() => it.readToEnd('c', 0, 1))).toBeNull()
    // What was read after the excuse is promised again.
    expect(it.broken(() => it.readToEnd('c', 0, 0))).toBe(rules.readStaysRead)
  })

  it('may be lost with acks=1, which is counted', () => {
    const it = new HistoryFixture()
    it.acknowledged('p', 0, { acks: 1 })
    const other = it.send('q')
    expect(it.broken(() => it.read('v', 0, other))).toBeNull()
    expect(it.broken(() => it.readToEnd('v', 0, 1))).toBeNull()
    expect(it.counts.get('records acknowledged by the leader alone and lost')).toBe(1)
  })

  it('below an offset given up by DeleteRecords is gone', () => {
    const it = new HistoryFixture()
    it.acknowledged('p', 0)
    const second = it.acknowledged('p', 1)
    it.history.onDeleteRecords('t', 0, 1)
    it.read('v', 1, second)
    expect(it.broken(() => it.readToEnd('v', 1, 2))).toBeNull()
  })
})

describe('a topic', () => {
  it('that was deleted leaves nothing in a later one of its name, but what nobody knows the fate of', () => {
    const it = new HistoryFixture()
    const sent = it.acknowledged('p', 0)
    const doubtful = it.send('p')
    it.failed(doubtful, true)
    it.history.onTopicDeleted('t')
    expect(it.broken(() => it.readToEnd('v', 0, 0))).toBeNull()
    expect(it.broken(() => it.read('c', 0, doubtful))).toBeNull()
    expect(it.broken(() => it.read('c', 1, sent))).toBe(rules.deletedStaysDeleted)
  })
})

describe('the latest offset', () => {
  it('goes back for no reader, but an older leader may know less', () => {
    const it = new HistoryFixture()
    const held = it.history.partition('t', 0)
    held.onLatestOffset('c', 3, 10)
    expect(it.broken(() => held.onLatestOffset('c', 2, 5))).toBeNull()
    expect(it.broken(() => held.onLatestOffset('d', 3, 9))).toBeNull()
    expect(it.broken(() => held.onLatestOffset('c', 4, 9))).toBe(rules.latestNeverGoesBack)
  })
})
