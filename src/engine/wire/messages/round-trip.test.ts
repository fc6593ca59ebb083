import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader } from '../reader'
import type { AnyCodec } from '../schema'
import { arbitraryMessage } from '../testing/arbitrary-message'
import { Writer } from '../writer'
import { ALL_APIS } from './index'

const messages = ALL_APIS.flatMap((api) =>
  (['request', 'response'] as const).map((direction) => ({ name: `${api.name} ${direction}`, api, codec: api[direction] })),
)

function versionsOf(api: { minVersion: number; maxVersion: number }): number[] {
  return Array.from({ length: api.maxVersion - api.minVersion + 1 }, (_, index) => api.minVersion + index)
}

function roundTrip(codec: AnyCodec, value: unknown, version: number): unknown {
  const writer = new Writer(16)
  codec.encode(writer, value, version)
  const reader = new Reader(writer.bytes())
  const decoded = codec.decode(reader, version)
  expect(reader.remaining).toBe(0)
  return decoded
}

describe.each(messages)('$name', ({ api, codec }) => {
  it.each(versionsOf(api))('comes back whole in version %i, unknown tags included', (version) => {
    fc.assert(
      fc.property(arbitraryMessage(codec.fields, version, version >= api.flexibleFrom), (value) => {
        expect(roundTrip(codec, value, version)).toEqual(value)
      }),
      { numRuns: 25 },
    )
  })
})
