import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskError } from '../disk'
import { NodeDisk } from './node-disk'

describe('NodeDisk', () => {
  let directory: string
  const disk = new NodeDisk()

  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'node-disk-'))
  })
  afterEach(() => {
    fs.rmSync(directory, { recursive: true, force: true })
  })

  it('writes and reads at positions', () => {
    const file = disk.open(`${directory}/a`, 'create')
    file.write(Buffer.from('hello'), 0)
    file.writev([Buffer.from(' wor'), new Uint8Array(0), Buffer.from('ld')], 5)
    expect(file.size()).toBe(11)
    const target = Buffer.alloc(8, '.')
    expect(file.read(target, 1, 5, 6)).toBe(5)
    expect(target.toString()).toBe('.world..')
    expect(file.read(target, 0, 8, 11)).toBe(0)
    file.truncate(5)
    file.syncNow()
    file.close()
    file.close()
    expect(disk.readFile(`${directory}/a`)?.toString()).toBe('hello')
  })

  it('opens what is there unless told to create, and keeps its contents then', () => {
    expect(() => disk.open(`${directory}/none`, 'write')).toThrow(expect.objectContaining({ kind: 'not-found' }))
    fs.writeFileSync(`${directory}/a`, 'kept')
    for (const mode of ['create', 'write', 'read'] as const) {
      const file = disk.open(`${directory}/a`, mode)
      expect(file.size()).toBe(4)
      file.close()
    }
  })

  it('turns errors into DiskError, also after close', () => {
    const file = disk.open(`${directory}/a`, 'create')
    file.close()
    expect(() => file.write(Buffer.from('x'), 0)).toThrow(DiskError)
    expect(() => disk.rename(`${directory}/none`, `${directory}/b`)).toThrow(expect.objectContaining({ kind: 'not-found' }))
    expect(() => disk.readFile(directory)).toThrow(expect.objectContaining({ kind: 'io' }))
    const readOnly = disk.open(`${directory}/a`, 'read')
    expect(() => readOnly.write(Buffer.from('x'), 0)).toThrow(DiskError)
    readOnly.close()
  })

  it('keeps the descriptor until a sync under way is done, though the file is closed', async () => {
    const file = disk.open(`${directory}/a`, 'create')
    file.write(Buffer.alloc(1 << 20), 0)
    const synced = file.sync()
    file.close()
    await expect(synced).resolves.toBeUndefined()
    expect(() => file.size()).toThrow(DiskError)
  })

  it('replaces files whole', () => {
    disk.writeFileAtomic(`${directory}/a`, Buffer.from('one'))
    disk.writeFileAtomic(`${directory}/a`, Buffer.from('two'))
    expect(disk.readFile(`${directory}/a`)?.toString()).toBe('two')
    expect(disk.list(directory)).toEqual([{ name: 'a', isDirectory: false }])
  })

  it('lists, renames and removes; what is not there is no error to list, read or remove', () => {
    disk.makeDirectory(`${directory}/x/y`)
    disk.makeDirectory(`${directory}/x/y`)
    disk.writeFileAtomic(`${directory}/x/b`, Buffer.from('b'))
    expect(disk.list(`${directory}/x`)).toEqual([
      { name: 'b', isDirectory: false },
      { name: 'y', isDirectory: true },
    ])
    disk.rename(`${directory}/x`, `${directory}/z`)
    disk.syncDirectory(directory)
    expect(disk.exists(`${directory}/z/b`)).toBe(true)
    disk.removeFile(`${directory}/z/b`)
    disk.removeFile(`${directory}/z/b`)
    disk.removeTree(`${directory}/z`)
    disk.removeTree(`${directory}/z`)
    expect(disk.list(`${directory}/z`)).toEqual([])
    expect(disk.readFile(`${directory}/z/b`)).toBeNull()
  })
})
