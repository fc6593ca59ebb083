import { describe, expect, it } from 'vitest'
import { parseRecordId, recordFor } from './record-content'

describe('a record of the workload', () => {
  it('says whose it is and where it belongs', () => {
    const id = { producer: 'producer-1.2', topic: 't0', partition: 3, counter: 41 }
    for (const bytes of [0, 30, 5_000]) {
      const { value } = recordFor(id, null, bytes, 0n)
      expect(parseRecordId(value)).toEqual(id)
      expect(value?.length).toBe(Math.max(bytes, 'producer-1.2|t0|3|41|'.length))
    }
  })

  it('is told from bytes that say nothing', () => {
    expect(parseRecordId(null)).toBeNull()
    expect(parseRecordId(Buffer.from('producer-1|t0|x|41|'))).toBeNull()
  })
})
