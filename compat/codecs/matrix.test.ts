import { describe, expect, it } from 'vitest'
import { Matrix } from './matrix'
import { codecRecords } from './records'

describe('the codec matrix', () => {
  it('shows for each pair what went well, what failed, and what the reader has no codec for', () => {
    const matrix = new Matrix()
    matrix.set('kcat', 'java', 'gzip', 'ok')
    matrix.set('kcat', 'java', 'lz4', 'ok')
    matrix.set('kcat', 'kafkajs', 'gzip', 'failed')
    matrix.set('kcat', 'kafkajs', 'lz4', 'cannot')
    matrix.note('kcat', 'snappy raw')
    expect(matrix.markdown(['java', 'kafkajs'])).toContain('| kcat (snappy raw) | gzip, lz4 | **failed: gzip**; no lz4 |')
  })

  it('has the same records for the same seed, and others for another', () => {
    expect(codecRecords('one')).toEqual(codecRecords('one'))
    expect(codecRecords('one')).not.toEqual(codecRecords('two'))
    // Each kind that clients mix up is among them.
    const kinds = codecRecords('one').map(({ key, value }) => [key === null, value === null, value === ''].join())
    expect(new Set(kinds)).toEqual(new Set(['false,false,false', 'true,false,false', 'false,true,false', 'false,false,true']))
  })
})
