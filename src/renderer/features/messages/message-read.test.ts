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
  const listeners = new Map<string, Set<(told: unknown) => void>>()
  const waiting: { name: string; argument: Record<string, number>; answer: (value: unknown) => void }[] = []
  const host = {
    call: (name: string, argument: Record<string, number>) =>
      new Promise((answer) => {
        waiting.push({ name, argument, answer })
      }),
    on: (name: string, listener: (told: unknown) => void) => {
      const ofName = listeners.get(name) ?? new Set()
      listeners.set(name, ofName.add(listener))
      return () => ofName.delete(listener)
    },
  } as unknown as Host
  const progress = (readId: number, change: Partial<ReadProgress>): void => {
    for (const listener of listeners.get('messages.progress') ?? [])
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
  const tellEnded = (reason: string): void => {
    for (const listener of listeners.get('app.clientsEnded') ?? []) listener({ reason, isAgain: false })
  }
  const take = (name: string) => {
    const index = waiting.findIndex((call) => call.name === name)
    const call = waiting[index]
    if (!call) throw new Error(`${name} was not called`)
    waiting.splice(index, 1)
    return call
  }
  return { host, progress, take, tellEnded, waiting }
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

  it('is gone with the clients worker, keeps what it holds, and asks for nothing by an id that is nobody’s', async () => {
    const bench = scripted()
    const read = createMessageRead(bench.host)
    void read.start(request)
    bench.take('messages.open').answer({ readId: 7 })
    await settle()
    read.look(0, 2)
    bench.progress(7, { rowCount: 3 })
    bench.take('messages.rows').answer([row(0), row(1), row(2)])
    await settle()
    bench.tellEnded('out of memory')
    expect(read.failure.value).toBe('The read is gone: the clients worker died (out of memory). Read again.')
    expect(read.state.value).toBe('failed')
    expect(read.rows.value.at(2)?.offset).toBe(2)
    expect(await read.detail(1)).toBeNull()
    await read.readMore(10)
    read.look(0, 200)
    expect(bench.waiting).toEqual([])
    void read.start(request)
    bench.take('messages.open').answer({ readId: 1_000_001 })
    await settle()
    expect(read.failure.value).toBeNull()
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
