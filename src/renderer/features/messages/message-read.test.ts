import { describe, expect, it } from 'vitest'
import type { MessageRow, ReadProgress } from '../../../shared/model/messages'
import type { Host } from '../../host/host'
import { settle } from '../../testing/render'
import { createMessageRead } from './message-read'

const none = { kind: 'null', text: '', byteLength: 0, isCut: false } as const
const row = (index: number): MessageRow => ({
  index,
  topic: 't',
  partition: 0,
  offset: index,
  timestamp: '0',
  key: none,
  value: none,
  decodedKey: null,
  decodedValue: null,
  headerCount: 0,
  fields: [],
})

/** A host whose answers wait until the test lets them go. */
function scripted() {
  const listeners = new Set<(progress: ReadProgress) => void>()
  const waiting: { name: string; argument: Record<string, number>; answer: (value: unknown) => void }[] = []
  const host = {
    call: (name: string, argument: Record<string, number>) =>
      new Promise((answer) => {
        waiting.push({ name, argument, answer })
      }),
    on: (_name: string, listener: (progress: ReadProgress) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  } as unknown as Host
  const progress = (readId: number, change: Partial<ReadProgress>): void => {
    for (const listener of listeners)
      listener({
        readId,
        state: 'reading',
        rowCount: 0,
        droppedCount: 0,
        bytesRead: 0,
        scannedCount: 0,
        expectedCount: null,
        canContinue: false,
        elapsedMs: 0,
        error: null,
        ...change,
      })
  }
  const take = (name: string) => {
    const index = waiting.findIndex((call) => call.name === name)
    const call = waiting[index]
    if (!call) throw new Error(`${name} was not called`)
    waiting.splice(index, 1)
    return call
  }
  return { host, progress, take, waiting }
}
const request = { topic: 't', partitions: null, start: { kind: 'oldest' as const }, limit: 1_000_000 }

describe('a read', () => {
  it('keeps what came before the answer that names it', async () => {
    const bench = scripted()
    const read = createMessageRead(bench.host)
    void read.start(request)
    bench.progress(7, { state: 'finished', rowCount: 3 })
    bench.take('messages.open').answer({ readId: 7 })
    await settle()
    expect(read.state.value).toBe('finished')
    expect(read.rowCount.value).toBe(3)
  })

  it('drops the answers of the read before, and closes it', async () => {
    const bench = scripted()
    const read = createMessageRead(bench.host)
    void read.start(request)
    const first = bench.take('messages.open')
    void read.start({ ...request, limit: 10 })
    first.answer({ readId: 1 })
    await settle()
    expect(bench.take('messages.close').argument).toEqual({ readId: 1 })
    bench.take('messages.open').answer({ readId: 2 })
    await settle()
    bench.progress(1, { rowCount: 99 })
    expect(read.rowCount.value).toBe(0)
    bench.progress(2, { rowCount: 5 })
    expect(read.rowCount.value).toBe(5)
  })

  it('fetches the pages in sight and no others, three at a time', async () => {
    const bench = scripted()
    const read = createMessageRead(bench.host)
    void read.start(request)
    bench.take('messages.open').answer({ readId: 1 })
    await settle()
    read.look(500_000, 500_600)
    bench.progress(1, { state: 'finished', rowCount: 1_000_000 })
    expect(bench.waiting.map((call) => [call.name, call.argument['from']])).toEqual([
      ['messages.rows', 500_000],
      ['messages.rows', 500_100],
      ['messages.rows', 500_200],
    ])
    const call = bench.take('messages.rows')
    call.answer(Array.from({ length: 100 }, (_, at) => row(500_000 + at)))
    await settle()
    expect(read.rows.value.at(500_010)?.index).toBe(500_010)
    expect(read.rows.value.at(10)).toBeUndefined()
    expect(bench.waiting.map((each) => each.argument['from'])).toContain(500_300)
    expect(read.heldRowCount()).toBe(100)
  })

  it('shows the rows of a live read from the first that is kept', async () => {
    const bench = scripted()
    const read = createMessageRead(bench.host)
    void read.start({ ...request, start: { kind: 'live' } })
    bench.take('messages.open').answer({ readId: 1 })
    await settle()
    expect(read.state.value).toBe('live')
    read.look(0, 40)
    bench.progress(1, { state: 'live', rowCount: 1_030, droppedCount: 1_000 })
    bench.take('messages.rows').answer(Array.from({ length: 30 }, (_, at) => row(1_000 + at)))
    await settle()
    expect(read.rowCount.value).toBe(30)
    expect(read.rows.value.at(0)?.index).toBe(1_000)
    expect(read.rows.value.indexOfKey?.(1_029)).toBe(29)
    expect(read.rows.value.indexOfKey?.(999)).toBe(-1)
  })
})
