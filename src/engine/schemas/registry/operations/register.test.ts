import { expect, it } from 'vitest'
import { MemoryRegistry } from '../../../testing/memory-registry'

it('compares with versions by what was made of them when they were read, and not by their whole texts again', async () => {
  const registry = new MemoryRegistry()
  await registry.expect('PUT', '/config', { compatibility: 'NONE' })
  await registry.register('s', '"int"')
  const [stored] = registry.state.versions('s')
  let readCount = 0
  Object.defineProperty(stored, 'text', {
    get: () => {
      readCount++
      return '"int"'
    },
  })
  await registry.register('s', '"long"')
  expect(readCount).toBe(0)
})

it('takes a schema for the same where only the version that its metadata names differs', async () => {
  const registry = new MemoryRegistry()
  const named = (version: string, owner: string) => ({ metadata: { properties: { 'confluent:version': version, owner } } })
  expect(await registry.register('s', '"int"', named('1', 'x'))).toBe(1)
  expect(await registry.register('s', '"int"', named('2', 'x'))).toBe(1)
  expect(await registry.register('s', '"int"', { metadata: { properties: { owner: 'x' } } })).toBe(1)
  expect(await registry.get('/subjects/s/versions')).toEqual([1])
  expect(await registry.register('s', '"int"', named('2', 'y'))).toBe(2)
})
