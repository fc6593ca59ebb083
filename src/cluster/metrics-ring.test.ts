import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { crc32 } from './crc32'
import { MetricsRing, PAGE_BYTES, SAMPLE_ENTRIES_MAX } from './metrics-ring'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'metrics-ring-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const path = () => join(directory, 'figures.ring')
const open = (options: Partial<ConstructorParameters<typeof MetricsRing>[0]> = {}) =>
  new MetricsRing({ path: path(), sampleMs: 1000, spanMs: 60_000, pageCountMax: 3, ...options })

/** All that is kept under a name, as `time=value`. */
function kept(ring: MetricsRing, name: string): string[] {
  const found: string[] = []
  ring.scan(
    0,
    Number.MAX_SAFE_INTEGER,
    (each) => (each === name ? 0 : -1),
    (atMs, _index, value) => found.push(`${atMs}=${value}`),
    () => undefined,
  )
  return found
}

it('has what it was given after it was closed and opened again', () => {
  const ring = open()
  ring.append(
    1000,
    new Map([
      ['a', 1.5],
      ['b', 2 ** 53],
    ]),
  )
  ring.append(
    2000,
    new Map([
      ['b', -1],
      ['größe', 3],
    ]),
  )
  ring.close()
  const again = open()
  expect([kept(again, 'a'), kept(again, 'b'), kept(again, 'größe')]).toEqual([
    ['1000=1.5'],
    ['1000=9007199254740992', '2000=-1'],
    ['2000=3'],
  ])
  again.append(3000, new Map([['a', 4]]))
  expect(kept(again, 'a')).toEqual(['1000=1.5', '3000=4'])
  expect([again.notices, again.oldestMs, again.newestMs]).toEqual([[], 1000, 3000])
  again.close()
})

it('drops a torn tail, says so, and goes on behind what is whole', () => {
  const ring = open()
  for (const at of [1000, 2000, 3000]) ring.append(at, new Map([['a', at]]))
  ring.close()
  const bytes = readFileSync(path())
  // The last byte that was written: of the last value.
  let end = bytes.length - 1
  while (bytes[end] === 0) end--
  bytes[end] = bytes[end]! ^ 0xff
  writeFileSync(path(), bytes)
  const again = open()
  expect(again.notices).toEqual([expect.stringContaining('not written to its end')])
  expect(kept(again, 'a')).toEqual(['1000=1000', '2000=2000'])
  again.append(4000, new Map([['a', 4]]))
  again.close()
  const third = open()
  expect([kept(third, 'a'), third.notices]).toEqual([['1000=1000', '2000=2000', '4000=4'], []])
  third.close()
})

it('never outgrows its pages, and forgets the oldest first', () => {
  const ring = open({ spanMs: 1e12 })
  const values = new Map(Array.from({ length: 1000 }, (_, index) => [`series ${index}`, index] as const))
  for (let at = 1; at <= 60; at++) ring.append(at * 1000, values)
  const times = kept(ring, 'series 7')
  expect(times.at(-1)).toBe('60000=7')
  expect(times.length).toBeLessThan(60)
  ring.close()
  expect(readFileSync(path()).length).toBeLessThanOrEqual(3 * PAGE_BYTES)
  const again = open({ spanMs: 1e12 })
  expect(kept(again, 'series 7')).toEqual(times)
  again.close()
})

it('uses a page again once all in it is older than what is kept', () => {
  const ring = open({ spanMs: 5_000 })
  const values = new Map(Array.from({ length: 1000 }, (_, index) => [`series ${index}`, index] as const))
  for (let at = 1; at <= 60; at++) ring.append(at * 10_000, values)
  ring.close()
  expect(readFileSync(path()).length).toBeLessThanOrEqual(2 * PAGE_BYTES)
})

it('keeps the first of more figures than a sample holds, whatever they are called', () => {
  const ring = open()
  ring.append(
    1000,
    new Map(Array.from({ length: SAMPLE_ENTRIES_MAX + 500 }, (_, index) => [`${'x'.repeat(249)}${index}`, index] as const)),
  )
  expect(ring.names().size).toBeGreaterThan(100)
  expect(kept(ring, `${'x'.repeat(249)}0`)).toEqual(['1000=0'])
  ring.close()
  const again = open()
  expect([kept(again, `${'x'.repeat(249)}0`), again.notices]).toEqual([['1000=0'], []])
  again.close()
})

it('leaves out what is not newer than the last: the clock was set back', () => {
  const ring = open()
  ring.append(5000, new Map([['a', 1]]))
  ring.append(4000, new Map([['a', 2]]))
  ring.append(5000, new Map([['a', 3]]))
  expect(kept(ring, 'a')).toEqual(['5000=1'])
  ring.close()
})

it('takes samples again after the clock was far ahead, and keeps what was from before', () => {
  const ring = open()
  ring.append(1000, new Map([['a', 1]]))
  const values = new Map(Array.from({ length: 1000 }, (_, index) => [`series ${index}`, index] as const))
  // Over more than one page.
  for (let at = 0; at < 20; at++) ring.append(9_000_000 + at, values)
  ring.append(
    2000,
    new Map([
      ['b', 2],
      ['a', 3],
    ]),
  )
  expect([kept(ring, 'a'), kept(ring, 'b'), kept(ring, 'series 7')]).toEqual([['1000=1', '2000=3'], ['2000=2'], []])
  ring.close()
  const again = open()
  expect([kept(again, 'a'), kept(again, 'b'), kept(again, 'series 7')]).toEqual([['1000=1', '2000=3'], ['2000=2'], []])
  expect(again.notices).toEqual([])
  again.close()
})

it('drops at opening what is of a time that has not come yet, and says so once', () => {
  const ring = open()
  for (const at of [1000, 2000, 100_000]) ring.append(at, new Map([['a', at]]))
  ring.close()
  const again = open({ nowMs: 3000 })
  expect([kept(again, 'a'), again.notices]).toEqual([
    ['1000=1000', '2000=2000'],
    [expect.stringContaining('the clock was ahead')],
  ])
  again.append(4000, new Map([['a', 4]]))
  again.close()
  const third = open({ nowMs: 5000 })
  expect([kept(third, 'a'), third.notices]).toEqual([['1000=1000', '2000=2000', '4000=4'], []])
  third.close()
})

it('works on without a file that can be used, and with one that is something else', () => {
  const nowhere = open({ path: join(directory, 'not', 'there') })
  nowhere.append(1000, new Map([['a', 1]]))
  expect([kept(nowhere, 'a'), nowhere.notices.length]).toEqual([['1000=1'], 1])
  nowhere.close()
  writeFileSync(path(), Buffer.alloc(PAGE_BYTES, 'something else '))
  const ring = open()
  ring.append(1000, new Map([['a', 1]]))
  expect([kept(ring, 'a'), ring.notices.length]).toEqual([['1000=1'], 1])
  ring.close()
})

it('computes the CRC that everybody computes', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926)
})
