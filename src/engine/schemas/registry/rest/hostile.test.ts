import { describe, expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'

const idMax = 0x7fffffff

describe('the last id', () => {
  it('is followed by a refusal, and by no record that nobody can read', async () => {
    const registry = new MemoryRegistry()
    await registry.expect('PUT', '/mode', { mode: 'IMPORT' })
    await registry.register('a', '"int"', { id: idMax, version: idMax })
    await registry.expect('PUT', '/mode', { mode: 'READWRITE' })
    const recordCount = registry.topic.length
    expect(await registry.refusal('POST', '/subjects/b/versions', { schema: '"long"' })).toBe(42205)
    await registry.expect('PUT', '/config', { compatibility: 'NONE' })
    await registry.register(':.other:a', '"long"')
    expect(await registry.refusal('POST', '/subjects/a/versions', { schema: '"string"' })).toBe(42205)
    // The level, and context and schema of the other context.
    expect(registry.topic.length).toBe(recordCount + 3)
    expect(await registry.register('c', '"int"')).toBe(idMax)
    expect(registry.faults).toEqual([])
  })
})
