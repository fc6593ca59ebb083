import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../platform/disk'
import { MemoryDisk } from './memory-disk'
import { seededRandom } from './storage-kit'

const newDisk = (seed = 1, capacityBytes?: number) =>
  new MemoryDisk({ random: seededRandom(seed), ...(capacityBytes === undefined ? {} : { capacityBytes }) })

describe('MemoryDisk', () => {
  it('keeps what was synced and named durably, whatever a crash takes', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const disk = newDisk(seed)
        const file = disk.open('/a', 'create')
        file.write(Buffer.alloc(2000, 1), 0)
        file.syncNow()
        disk.syncDirectory('/')
        file.write(Buffer.alloc(3000, 2), 2000)
        disk.crash()
        const bytes = disk.readFile('/a')!
        expect(bytes.subarray(0, 2000).equals(Buffer.alloc(2000, 1))).toBe(true)
        // Of the unsynced write any sectors may be missing, but nothing else can stand there.
        expect(bytes.subarray(2000).every((byte) => byte === 2 || byte === 0)).toBe(true)
        expect(bytes.byteLength).toBeLessThanOrEqual(5000)
        expect(() => file.size()).toThrow(DiskError)
      }),
    )
  })

  it('loses, tears and keeps unsynced writes, depending on the seed', () => {
    const outcomes = new Set<string>()
    for (let seed = 0; seed < 200; seed++) {
      const disk = newDisk(seed)
      const file = disk.open('/a', 'create')
      disk.syncDirectory('/')
      file.write(Buffer.alloc(4096, 9), 0)
      disk.crash()
      const bytes = disk.readFile('/a')!
      outcomes.add(
        bytes.byteLength === 0 ? 'lost' : bytes.equals(Buffer.alloc(4096, 9)) ? 'kept' : bytes.includes(0) ? 'torn' : 'short',
      )
    }
    expect(outcomes).toEqual(new Set(['kept', 'lost', 'short', 'torn']))
  })

  it('does the same again with the same seed', () => {
    const contents = () => {
      const disk = newDisk(42)
      const file = disk.open('/a', 'create')
      disk.syncDirectory('/')
      for (let i = 0; i < 10; i++) file.write(Buffer.alloc(700, i + 1), i * 700)
      disk.crash()
      return disk.readFile('/a')!.toString('hex')
    }
    expect(contents()).toBe(contents())
  })

  it('keeps a prefix of the unsynced names', () => {
    const seen = new Set<string>()
    for (let seed = 0; seed < 100; seed++) {
      const disk = newDisk(seed)
      disk.open('/a', 'create')
      disk.open('/b', 'create')
      disk.rename('/a', '/c')
      disk.crash()
      seen.add(disk.paths.join())
    }
    expect(seen).toEqual(new Set(['', '/a', '/a,/b', '/b,/c']))
  })

  it('loses nothing when only the process ends', () => {
    const disk = newDisk()
    const file = disk.open('/a', 'create')
    file.write(Buffer.from('unsynced'), 0)
    disk.kill()
    expect(disk.readFile('/a')?.toString()).toBe('unsynced')
    expect(() => file.write(Buffer.from('x'), 0)).toThrow(DiskError)
  })

  it('is full at its capacity, with the part of the write that fitted done', () => {
    const disk = newDisk(1, 10)
    const file = disk.open('/a', 'create')
    file.write(Buffer.alloc(8, 1), 0)
    expect(() => file.write(Buffer.alloc(8, 2), 8)).toThrow(expect.objectContaining({ kind: 'no-space' }))
    expect(file.size()).toBe(10)
    file.write(Buffer.alloc(10, 3), 0)
    disk.removeFile('/a')
    expect(disk.open('/b', 'create').size()).toBe(0)
  })

  it('lets an open file go on when its name is gone', () => {
    const disk = newDisk()
    const file = disk.open('/a', 'create')
    file.write(Buffer.from('still here'), 0)
    disk.removeFile('/a')
    expect(disk.exists('/a')).toBe(false)
    const target = Buffer.alloc(5)
    file.read(target, 0, 5, 0)
    expect(target.toString()).toBe('still')
  })

  it('fails where a folder is missing or an error was asked for', () => {
    const disk = newDisk()
    expect(() => disk.open('/no/such', 'create')).toThrow(expect.objectContaining({ kind: 'not-found' }))
    disk.fail = (operation, path) => (operation === 'rename' && path === '/a' ? 'permission' : null)
    disk.open('/a', 'create')
    expect(() => disk.rename('/a', '/b')).toThrow(expect.objectContaining({ kind: 'permission' }))
    disk.fail = null
    disk.rename('/a', '/b')
    expect(disk.paths).toEqual(['/b'])
  })
})
