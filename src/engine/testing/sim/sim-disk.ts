/**
 * One process' view of a MemoryDisk that outlives it: operations take time, a sync answers when it is through, and the process can be made to die in the
 * middle of its n-th change. What is full or broken is the MemoryDisk's to say. After the death of the process every call throws.
 */
import type { DirectoryEntry, Disk, DiskFile } from '../../platform/disk'
import type { MemoryDisk, MemoryFile } from '../memory-disk'
import { ProcessDied, type SimProcess } from './process'
import type { Scheduler } from './scheduler'
import type { SeededRandom } from './seeded-random'

export interface DiskPace {
  /** What each change costs the process. */
  writeMs: number
  /** What a sync takes at the least, and at the most. */
  syncMs: readonly [number, number]
}

/** Those of which somebody hears. */
export type WatchedChange = 'write' | 'truncate' | 'rename' | 'remove'

export class SimDisk implements Disk {
  /** The process dies at the change that counts this down to 0; null: it does not. */
  changesUntilDeath: number | null = null
  /** Ends the process; the power too, where the fault says so. */
  onDeadly: () => void = () => undefined
  /** After changes of which others lie in wait: this listener must not end the process. */
  onDidChange: ((operation: WatchedChange, path: string) => void) | null = null

  constructor(
    private readonly scheduler: Scheduler,
    private readonly process: SimProcess,
    private readonly memory: MemoryDisk,
    private readonly random: SeededRandom,
    private readonly pace: DiskPace,
  ) {}

  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    this.process.requireAlive()
    if (mode === 'create' && !this.memory.exists(path)) this.#change()
    return this.#wrap(this.memory.open(path, mode))
  }

  readFile(path: string): Buffer | null {
    this.process.requireAlive()
    return this.memory.readFile(path)
  }

  writeFileAtomic(path: string, contents: Uint8Array): void {
    this.#change()
    this.#syncTime()
    this.memory.writeFileAtomic(path, contents)
  }

  exists(path: string): boolean {
    this.process.requireAlive()
    return this.memory.exists(path)
  }

  list(directory: string): DirectoryEntry[] {
    this.process.requireAlive()
    return this.memory.list(directory)
  }

  makeDirectory(path: string): void {
    this.#change()
    this.memory.makeDirectory(path)
  }

  rename(from: string, to: string): void {
    this.#change()
    this.memory.rename(from, to)
    this.onDidChange?.('rename', to)
  }

  removeFile(path: string): void {
    this.#change()
    this.memory.removeFile(path)
    this.onDidChange?.('remove', path)
  }

  removeTree(path: string): void {
    this.#change()
    this.memory.removeTree(path)
  }

  syncDirectory(path: string): void {
    this.#change()
    this.#syncTime()
    this.memory.syncDirectory(path)
  }

  #wrap(file: MemoryFile): DiskFile {
    const { process } = this
    const write = (bytes: Uint8Array, position: number): void => {
      this.#change(() => file.write(bytes.subarray(0, this.random.below(bytes.byteLength + 1)), position))
      file.write(bytes, position)
      this.onDidChange?.('write', file.path)
    }
    return {
      path: file.path,
      size: () => {
        process.requireAlive()
        return file.size()
      },
      read: (target, targetOffset, length, position) => {
        process.requireAlive()
        return file.read(target, targetOffset, length, position)
      },
      write,
      writev: (parts, position) => write(Buffer.concat(parts), position),
      truncate: (size) => {
        this.#change()
        file.truncate(size)
        this.onDidChange?.('truncate', file.path)
      },
      syncNow: () => {
        this.#change()
        this.#syncTime()
        file.syncNow()
      },
      sync: () => this.#sync(file),
      close: () => {
        process.requireAlive()
        file.close()
      },
    }
  }

  #sync(file: MemoryFile): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#change()
      let finish: () => void
      try {
        finish = file.beginSync()
      } catch (error) {
        reject(error)
        return
      }
      this.scheduler.after(this.process.busyMs + this.random.within(...this.pace.syncMs), this.process, 'fsync', () => {
        finish()
        resolve()
      })
    })
  }

  #syncTime(): void {
    this.process.spend(this.random.within(...this.pace.syncMs))
  }

  /** Before each change; `partly` does a part of the one in which the process dies. */
  #change(partly: () => void = () => undefined): void {
    this.process.requireAlive()
    this.process.spend(this.pace.writeMs)
    if (this.changesUntilDeath === null || --this.changesUntilDeath > 0) return
    this.changesUntilDeath = null
    partly()
    this.onDeadly()
    throw new ProcessDied(`${this.process.name} died while it wrote`)
  }
}
