import { describe, expect, it } from 'vitest'
import { batchesOf } from './record-batches'

const record = (key: string, sizeInBytes: number) => ({ key: Buffer.from(key), value: Buffer.alloc(sizeInBytes) })

describe('records as batches', () => {
  it('are one as long as brokers take it', () => {
    expect(batchesOf([])).toEqual([])
    const records = [record('a', 400_000), record('b', 400_000)]
    expect(batchesOf(records)).toEqual([records])
  })

  it('keep their order over several, each as full as it may be', () => {
    const records = ['a', 'b', 'c', 'd', 'e'].map((key) => record(key, 100))
    const batches = batchesOf(records, 300)
    expect(batches.map((batch) => batch.map(({ key }) => key.toString()).join(''))).toEqual(['ab', 'cd', 'e'])
  })

  it('stand alone where they are larger than any', () => {
    const records = [record('a', 10), record('b', 5_000), record('c', 10)]
    expect(batchesOf(records, 1_000).map((batch) => batch.length)).toEqual([1, 1, 1])
  })

  it('count tombstones by their keys', () => {
    const tombstones = Array.from({ length: 30_000 }, (_, version) => ({
      key: Buffer.from(`{"keytype":"SCHEMA","version":${version}}`),
      value: null,
    }))
    const batches = batchesOf(tombstones)
    expect(batches.length).toBe(3)
    expect(batches.flat()).toEqual(tombstones)
  })
})
