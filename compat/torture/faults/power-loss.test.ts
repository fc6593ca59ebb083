import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Disk } from '../../../src/engine/platform'
import { NodeDisk } from '../../../src/engine/platform/node'
import { DiskFault, FaultyDisk } from '../cluster/faulty-disk'
import { Journal } from '../cluster/journal'
import { JournaledDisk } from '../cluster/journaled-disk'
import { Random } from '../random'
import { losePower } from './power-loss'

const bytes = (length: number) => Buffer.alloc(length, 'x')

describe('a power loss', () => {
  let root: string
  let data: string
  let journal: string
  let disk: Disk
  let fault: DiskFault

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'torture-test-'))
    data = `${root}/data`
    journal = `${root}/journal`
    fault = new DiskFault()
    disk = new FaultyDisk(new JournaledDisk(new NodeDisk(), new Journal(journal)), fault)
    disk.makeDirectory(`${data}/log`)
    disk.syncDirectory(data)
  })
  afterEach(() => rmSync(root, { recursive: true }))

  /** What `write` left, after the power loss of each of many seeds. */
  function sizesAfter(path: string, write: () => void): Set<number | null> {
    const sizes = new Set<number | null>()
    for (let seed = 0; seed < 40; seed++) {
      disk.removeFile(path)
      write()
      losePower(journal, data, new Random(seed))
      sizes.add(existsSync(path) ? statSync(path).size : null)
      // The worker after it starts a life of its own in the journal.
      disk = new FaultyDisk(new JournaledDisk(new NodeDisk(), new Journal(journal)), fault)
    }
    return sizes
  }

  it('keeps what was synced and may take any of what was written after it', () => {
    const path = `${data}/log/0.log`
    const sizes = sizesAfter(path, () => {
      const file = disk.open(path, 'create')
      file.write(bytes(100), 0)
      file.syncNow()
      disk.syncDirectory(`${data}/log`)
      file.write(bytes(50), 100)
      file.close()
      expect(readFileSync(path).subarray(0, 100).equals(bytes(100))).toBe(true)
    })
    expect(sizes.has(100)).toBe(true)
    expect(sizes.has(150)).toBe(true)
    expect(sizes.size).toBeGreaterThan(4)
    for (const size of sizes) expect(size).toBeGreaterThanOrEqual(100)
  })

  it('may take a file whose name was never synced, synced as its bytes are', () => {
    const path = `${data}/log/1.log`
    const sizes = sizesAfter(path, () => {
      const file = disk.open(path, 'create')
      file.write(bytes(10), 0)
      file.syncNow()
      file.close()
    })
    expect(sizes).toEqual(new Set([10, null]))
  })

  it('keeps what was written whole, and follows a file to its new name', () => {
    const path = `${data}/log/2.log`
    const sizes = sizesAfter(path, () => {
      disk.writeFileAtomic(`${data}/log/other`, bytes(7))
      disk.rename(`${data}/log/other`, path)
    })
    expect(sizes).toEqual(new Set([7]))
  })

  it('takes back what a truncation gave up, also where it was synced before', () => {
    const path = `${data}/log/3.log`
    const sizes = sizesAfter(path, () => {
      const file = disk.open(path, 'create')
      disk.syncDirectory(`${data}/log`)
      file.write(bytes(100), 0)
      file.syncNow()
      file.truncate(20)
      file.write(bytes(80), 20)
      file.close()
    })
    expect(Math.min(...[...sizes].map((size) => size ?? -1))).toBe(20)
    expect(sizes.size).toBeGreaterThan(4)
  })

  it('may take a folder that was never synced into its parent', () => {
    let gone = 0
    for (let seed = 0; seed < 20; seed++) {
      disk.makeDirectory(`${data}/young`)
      losePower(journal, data, new Random(seed))
      if (!existsSync(`${data}/young`)) gone++
      disk.removeTree(`${data}/young`)
    }
    expect(gone).toBeGreaterThan(0)
    expect(gone).toBeLessThan(20)
  })

  it('is no power loss when the disk is full: half of a write stays, and it fails', () => {
    const file = disk.open(`${data}/log/4.log`, 'create')
    fault.set('no-space', 60_000)
    expect(() => file.write(bytes(100), 0)).toThrow(/ENOSPC/)
    expect(file.size()).toBe(50)
    expect(() => disk.writeFileAtomic(`${data}/log/5`, bytes(1))).toThrow(/ENOSPC/)
    fault.clear()
    file.write(bytes(100), 0)
    expect(file.size()).toBe(100)
    file.close()
  })
})
