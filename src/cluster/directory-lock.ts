/**
 * One process a workspace. The lock is a file that names its owner: made by link(2), which fails where it exists, so two starters cannot
 * both win. A lock whose owner is gone (killed, power cut) is taken over.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WorkbenchError } from '../shared/ipc/errors'

interface Owner {
  readonly pid: number
  /** Start time of that process as the system counts it, where it tells: a pid may be given to another process after a crash. */
  readonly startTime: string | null
}

export class DirectoryLock {
  private constructor(private readonly path: string) {}

  /** Throws DATA_DIRECTORY_IN_USE where another living process holds it. */
  static acquire(directory: string): DirectoryLock {
    mkdirSync(directory, { recursive: true })
    const path = join(directory, '.lock')
    const mine = join(directory, `.lock-${process.pid}`)
    const owner: Owner = { pid: process.pid, startTime: startTimeOf(process.pid) }
    writeFileSync(mine, JSON.stringify(owner))
    try {
      for (let attempt = 0; attempt < 10; attempt++) {
        try {
          linkSync(mine, path)
          return new DirectoryLock(path)
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        }
        const holder = readOwner(path)
        if (holder !== null && isAlive(holder)) {
          throw new WorkbenchError(
            'expected',
            'DATA_DIRECTORY_IN_USE',
            `The data directory ${directory} is in use by process ${holder.pid}. Stop that one, or choose another directory.`,
          )
        }
        removeStale(path, holder)
      }
      throw new WorkbenchError(
        'expected',
        'DATA_DIRECTORY_IN_USE',
        `The lock of ${directory} could not be taken: others take it at the same time.`,
      )
    } finally {
      rmSync(mine, { force: true })
    }
  }

  release(): void {
    const holder = readOwner(this.path)
    if (holder?.pid === process.pid) rmSync(this.path, { force: true })
  }
}

/** Moves the stale lock aside and looks at it again: somebody may have taken it over between our look and our move. */
function removeStale(path: string, seen: Owner | null): void {
  const aside = `${path}-stale-${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const moved = readOwner(aside)
  if (moved !== null && moved.pid !== seen?.pid && isAlive(moved)) {
    try {
      linkSync(aside, path)
    } catch {
      // A third one holds it by now; the next look says so.
    }
  }
  rmSync(aside, { force: true })
}

function readOwner(path: string): Owner | null {
  try {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner>
    return typeof parsed.pid === 'number' ? { pid: parsed.pid, startTime: parsed.startTime ?? null } : null
  } catch {
    return null
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const startTime = startTimeOf(owner.pid)
  return owner.startTime === null || startTime === null || startTime === owner.startTime
}

/** Field 22 of /proc/PID/stat, null on systems without it. The name in field 2 may hold spaces, so count from its closing bracket. */
function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
