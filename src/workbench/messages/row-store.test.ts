import { describe, expect, it } from 'vitest'
import { encodeBatch, readBatchHeader } from '../../engine/wire/records'
import { RowStore, type StoredBatch } from './row-store'

function batch(baseOffset: number, values: readonly string[], partition = 0): StoredBatch {
  const records = values.map((value, index) => ({
    timestamp: BigInt(baseOffset + index),
    key: null,
    value: Buffer.from(value),
    headers: [],
  }))
  const bytes = encodeBatch({ baseOffset, records })
  return { topic: 't', partition, header: readBatchHeader(bytes, 0), bytes }
}

const valueAt = (store: RowStore, index: number) => Buffer.from(store.row(index)?.record?.value ?? []).toString()

describe('RowStore', () => {
  it('skips the records of a batch that stand before the offset asked for', () => {
    const store = new RowStore()
    expect(store.addBatch(batch(10, ['a', 'b', 'c']), 11, Number.MAX_SAFE_INTEGER, 100)).toBe(2)
    expect(store.rowCount).toBe(2)
    expect(valueAt(store, 0)).toBe('b')
  })

  it('takes no more than it is asked to', () => {
    const store = new RowStore()
    expect(store.addBatch(batch(0, ['a', 'b', 'c']), 0, Number.MAX_SAFE_INTEGER, 2)).toBe(2)
    expect(store.row(2)).toBeNull()
  })

  it('keeps the indexes of rows while the oldest are forgotten, and gives their bytes free', () => {
    const store = new RowStore()
    for (let i = 0; i < 3_000; i++) {
      store.addBatch(batch(i * 2, [`v${i * 2}`, `v${i * 2 + 1}`]), 0, Number.MAX_SAFE_INTEGER, 10)
      store.keepNewest(101)
    }
    expect(store.rowCount).toBe(6_000)
    expect(store.droppedCount).toBe(5_899)
    expect(store.row(5_898)).toBeNull()
    expect(valueAt(store, 5_899)).toBe('v5899')
    expect(valueAt(store, 5_999)).toBe('v5999')
    expect(store.byteLength).toBeLessThan(60 * 100)
  })

  it('puts a finished read in order and keeps the first', () => {
    const store = new RowStore()
    store.addBatch(batch(0, ['p0-0', 'p0-1'], 0), 0, Number.MAX_SAFE_INTEGER, 10)
    store.addBatch(batch(5, ['p1-5', 'p1-6'], 1), 0, Number.MAX_SAFE_INTEGER, 10)
    store.sort((a, b) => Number((b.record?.timestamp ?? 0n) - (a.record?.timestamp ?? 0n)), 3)
    expect([0, 1, 2].map((index) => valueAt(store, index))).toEqual(['p1-6', 'p1-5', 'p0-1'])
    expect(store.rowCount).toBe(3)
  })

  it('takes what stands before the offset that ends a read, and nothing of it after', () => {
    const store = new RowStore()
    expect(store.addBatch(batch(10, ['a', 'b', 'c', 'd']), 11, 13, 100)).toBe(2)
    expect([0, 1].map((index) => valueAt(store, index))).toEqual(['b', 'c'])
  })

  it('sorts what came last, tells what it let go, and gives the bytes of batches that nobody needs free', () => {
    const store = new RowStore()
    store.addBatch(batch(90, ['kept']), 0, 100, 10)
    store.addBatch(batch(0, ['a', 'b'], 1), 0, 100, 10)
    store.addBatch(batch(5, ['c', 'd'], 2), 0, 100, 10)
    const before = store.byteLength
    const letGo = store.sort((a, b) => Number((b.record?.timestamp ?? 0n) - (a.record?.timestamp ?? 0n)), 2, 1)
    expect([0, 1, 2].map((index) => valueAt(store, index))).toEqual(['kept', 'd', 'c'])
    expect(letGo.map(({ record }) => record?.offset)).toEqual([1, 0])
    expect(store.byteLength).toBeLessThan(before)
  })

  it('keeps chosen rows and lets the others go', () => {
    const store = new RowStore()
    store.addRecords(batch(0, ['a', 'b', 'c']), [0, 2])
    store.addRecords(batch(3, ['d']), [0])
    store.keepOnly([1, 2])
    expect([0, 1].map((index) => valueAt(store, index))).toEqual(['c', 'd'])
    expect(store.rowCount).toBe(2)
  })

  it('shows a batch that cannot be decoded as rows with the reason', () => {
    const damaged = batch(0, ['a'])
    damaged.bytes[damaged.bytes.length - 1] = 0xff
    damaged.bytes[61] = 0xff
    const store = new RowStore()
    store.addBatch(damaged, 0, Number.MAX_SAFE_INTEGER, 10)
    expect(store.row(0)).toMatchObject({ record: null })
    expect(store.row(0)?.failure).toBeTruthy()
  })

  it('shows the same rows however many batches a live read has dropped', () => {
    const store = new RowStore()
    for (let offset = 0; offset < 9_000; offset += 3) {
      store.addBatch(batch(offset, [`${offset}`, `${offset + 1}`, `${offset + 2}`]), 0, Number.MAX_SAFE_INTEGER, 100)
      store.keepNewest(10)
    }
    expect([store.droppedCount, store.rowCount]).toEqual([8_990, 9_000])
    for (let index = 8_990; index < 9_000; index++) expect(valueAt(store, index)).toBe(String(index))
    expect(store.byteLength).toBeLessThan(1_000)
  })
})
