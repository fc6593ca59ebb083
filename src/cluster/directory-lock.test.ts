import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DirectoryLock } from './directory-lock'

describe('DirectoryLock', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lock-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  it('names the process that holds the directory', () => {
    const lock = DirectoryLock.acquire(directory)
    expect(() => DirectoryLock.acquire(directory)).toThrow(new RegExp(`in use by process ${process.pid}`))
    lock.release()
  })

  it('leaves nothing behind when it is released, and can be taken again', () => {
    DirectoryLock.acquire(directory).release()
    expect(readdirSync(directory)).toEqual([])
    DirectoryLock.acquire(directory).release()
  })

  it('takes over the lock of a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', ''])
    const pid = child.pid ?? 0
    await once(child, 'exit')
    writeFileSync(join(directory, '.lock'), JSON.stringify({ pid, startTime: null }))
    const lock = DirectoryLock.acquire(directory)
    expect(existsSync(join(directory, '.lock'))).toBe(true)
    lock.release()
  })

  it('takes over the lock of a process whose id was given to another one since', () => {
    writeFileSync(join(directory, '.lock'), JSON.stringify({ pid: process.pid, startTime: 'long ago' }))
    DirectoryLock.acquire(directory).release()
  })

  it('takes over a lock file that makes no sense', () => {
    writeFileSync(join(directory, '.lock'), 'half writ')
    DirectoryLock.acquire(directory).release()
  })

  it('never lets two win a race for a stale lock', async () => {
    writeFileSync(join(directory, '.lock'), JSON.stringify({ pid: 2 ** 22 - 1, startTime: 'gone' }))
    const outcomes = Array.from({ length: 5 }, () => {
      try {
        return DirectoryLock.acquire(directory)
      } catch {
        return null
      }
    })
    expect(outcomes.filter((lock) => lock !== null)).toHaveLength(1)
  })
})
