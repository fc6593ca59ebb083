import { describe, expect, it } from 'vitest'
import { messagesOf } from './command'

describe('what kcat prints', () => {
  it('is taken apart by its lengths, whatever the bytes are', () => {
    const printed = Buffer.concat([
      Buffer.from('1 4 7 0 1600000000000 a=1,b=2 3\n'),
      Buffer.from([107, 10, 0, 255, 32]),
      Buffer.from('\n-1 -1 8 0 5 \n\n'),
      Buffer.from('-1 0 9 2 6 \n\n'),
    ])
    expect(messagesOf(printed)).toEqual([
      {
        key: Buffer.from('k'),
        value: Buffer.from([10, 0, 255, 32]),
        offset: 7,
        partition: 0,
        timestamp: 1_600_000_000_000,
        headers: [
          ['a', '1'],
          ['b', '2 3'],
        ],
      },
      { key: null, value: null, offset: 8, partition: 0, timestamp: 5, headers: [] },
      { key: null, value: Buffer.alloc(0), offset: 9, partition: 2, timestamp: 6, headers: [] },
    ])
  })
})
