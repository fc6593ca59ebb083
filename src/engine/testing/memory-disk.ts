/**
 * A Disk in memory, for simulations and tests. Deterministic: what a crash loses is decided by the Random it is given.
 *
 * It keeps beside the state that the running process sees the one that a loss of power would leave. `crash()` goes there:
 *  - of each file's unsynced operations a prefix survives, and of the writes in it any pieces may be missing: sectors of 512 bytes, or parts of them;
 *    truncations are ordered, as in a journalling file system: nothing written after one survives without it;
 *  - of the creations, renames and removals since the last syncDirectory a prefix survives.
 * `kill()` is the end of the process alone: nothing is lost. Both make all open files unusable. Writes fail on demand: when the disk is
 * full (`capacityBytes`, part of the write being done), or when `fail` says so.
 */
import { type DirectoryEntry, type Disk, DiskError, type DiskErrorKind, type DiskFile } from '../platform/disk'
import type { Random } from '../platform/random'

export type DiskOperation = 'open' | 'read' | 'write' | 'truncate' | 'sync' | 'rename' | 'remove' | 'syncDirectory'

type FileOperation =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly size: number }

/** Most disks write a sector wholly or not at all; what is behind a cache or a network need not. */
const pieceSizes = [512, 64] as const

/** A file's contents, whatever its name: an open handle keeps it when the name is gone. */
class Inode {
  bytes: Uint8Array = new Uint8Array(0)
  size = 0
  /** What the platters hold: the first `durableSize` bytes. */
  durable: Uint8Array = new Uint8Array(0)
  durableSize = 0
  unsynced: FileOperation[] = []
  /** How many operations have become durable: tells a sync that was begun which of `unsynced` it covers. */
  syncedCount = 0

  apply(operation: FileOperation): void {
    if (operation.kind === 'truncate') this.resize(operation.size)
    else {
      const end = operation.position + operation.bytes.byteLength
      if (end > this.size) this.resize(end)
      this.bytes.set(operation.bytes, operation.position)
    }
  }

  resize(size: number): void {
    if (size > this.bytes.byteLength) {
      const grown = new Uint8Array(Math.max(size, this.bytes.byteLength * 2))
      grown.set(this.bytes.subarray(0, this.size))
      this.bytes = grown
    }
    if (size < this.size) this.bytes.fill(0, size, this.size)
    this.size = size
  }

  sync(): void {
    this.syncUpTo(this.syncedCount + this.unsynced.length)
  }

  /** Makes operations durable up to the `count`th since the file was made; those that came after a sync was begun stay unsynced. */
  syncUpTo(count: number): void {
    const covered = this.unsynced.splice(0, Math.max(0, count - this.syncedCount))
    this.syncedCount += covered.length
    for (const operation of covered) this.#applyDurably(operation)
  }

  /** The present contents become the durable ones, however they came about. */
  settle(): void {
    this.durable = this.bytes.slice(0, this.size)
    this.durableSize = this.size
    this.syncedCount += this.unsynced.length
    this.unsynced = []
  }

  #applyDurably(operation: FileOperation): void {
    if (operation.kind === 'truncate') return this.#resizeDurable(operation.size)
    const end = operation.position + operation.bytes.byteLength
    if (end > this.durableSize) this.#resizeDurable(end)
    this.durable.set(operation.bytes, operation.position)
  }

  #resizeDurable(size: number): void {
    if (size > this.durable.byteLength) {
      const grown = new Uint8Array(Math.max(size, this.durable.byteLength * 2))
      grown.set(this.durable.subarray(0, this.durableSize))
      this.durable = grown
    }
    if (size < this.durableSize) this.durable.fill(0, size, this.durableSize)
    this.durableSize = size
  }

  /** What a loss of power leaves. */
  crash(random: Random): void {
    const survivors = this.unsynced.slice(0, random.below(this.unsynced.length + 1))
    const tornOnes = random.below(2) === 1
    this.bytes = this.durable.slice(0, this.durableSize)
    this.size = this.durableSize
    for (const [index, operation] of survivors.entries()) {
      // The last one was under way when the power went.
      if (operation.kind === 'write' && tornOnes && (index === survivors.length - 1 || random.below(2) === 1))
        this.#applyTorn(operation.position, operation.bytes, random)
      else this.apply(operation)
    }
    this.settle()
  }

  #applyTorn(position: number, bytes: Uint8Array, random: Random): void {
    const isCutShort = random.below(2) === 1
    const kept = isCutShort ? random.below(bytes.byteLength + 1) : bytes.byteLength
    const pieceBytes = pieceSizes[random.below(2)] as number
    if (position + kept > this.size) this.resize(position + kept)
    for (let at = 0; at < kept; ) {
      const end = Math.min(kept, at + pieceBytes - ((position + at) % pieceBytes))
      if (isCutShort || random.below(4) > 0) this.bytes.set(bytes.subarray(at, end), position + at)
      at = end
    }
  }
}

type Names = Map<string, Inode | 'directory'>

export interface MemoryFile extends DiskFile {
  /** For a disk that takes its time: what is written by now becomes durable when the answer is called. */
  beginSync(): () => void
}

export interface MemoryDiskOptions {
  readonly random: Random
  readonly capacityBytes?: number
}

export class MemoryDisk implements Disk {
  /** Bytes that fit; a write beyond it is done in part and fails with 'no-space'. */
  capacityBytes: number
  /** Asked before every operation; an answer makes it fail. A failed write has been done in part. */
  fail: ((operation: DiskOperation, path: string) => DiskErrorKind | null) | null = null
  /** How often each operation was called. */
  readonly counts: Record<DiskOperation, number> = {
    open: 0,
    read: 0,
    write: 0,
    truncate: 0,
    sync: 0,
    rename: 0,
    remove: 0,
    syncDirectory: 0,
  }
  openFiles = 0
  /** How often power was lost: what had not been synced may be gone since. */
  crashCount = 0
  readonly #random: Random
  #names: Names = new Map([['/', 'directory']])
  #durableNames: Names = new Map(this.#names)
  #unsyncedNames: ((names: Names) => void)[] = []
  /** Handles of an earlier process are of an earlier generation. */
  #generation = 0

  constructor(options: MemoryDiskOptions) {
    this.#random = options.random
    this.capacityBytes = options.capacityBytes ?? Number.POSITIVE_INFINITY
  }

  /** Loss of power: what was not synced may be lost, wholly or in parts. */
  crash(): void {
    this.crashCount++
    const survivors = this.#unsyncedNames.slice(0, this.#random.below(this.#unsyncedNames.length + 1))
    for (const change of survivors) change(this.#durableNames)
    const before = this.#names
    this.#names = new Map(this.#durableNames)
    this.#unsyncedNames = []
    for (const inode of new Set([...before.values(), ...this.#names.values()])) {
      if (inode !== 'directory') inode.crash(this.#random)
    }
    this.kill()
  }

  /** The end of the process: its handles are gone, its writes are not. */
  kill(): void {
    this.#generation++
    this.openFiles = 0
  }

  open(path: string, mode: 'read' | 'write' | 'create'): MemoryFile {
    this.#enter('open', path)
    let inode = this.#names.get(path)
    if (inode === 'directory') throw new DiskError('io', path, `${path} is a folder`)
    if (inode === undefined) {
      if (mode !== 'create') throw notFound(path)
      inode = this.#create(path)
    }
    this.openFiles++
    return this.#handle(path, inode)
  }

  readFile(path: string): Buffer | null {
    this.#enter('read', path)
    const inode = this.#names.get(path)
    if (inode === undefined) return null
    if (inode === 'directory') throw new DiskError('io', path, `${path} is a folder`)
    return Buffer.from(inode.bytes.subarray(0, inode.size))
  }

  writeFileAtomic(path: string, contents: Uint8Array): void {
    this.#enter('write', path)
    const inode = new Inode()
    this.#requireSpace(path, contents.byteLength)
    inode.apply({ kind: 'write', position: 0, bytes: contents })
    inode.settle()
    this.#requireParent(path)
    this.#change((names) => names.set(path, inode))
    this.#syncNames()
  }

  exists(path: string): boolean {
    return this.#names.has(path)
  }

  list(directory: string): DirectoryEntry[] {
    this.#enter('read', directory)
    const prefix = directory.endsWith('/') ? directory : `${directory}/`
    const entries: DirectoryEntry[] = []
    for (const [path, node] of this.#names) {
      const name = path.slice(prefix.length)
      if (path.startsWith(prefix) && name !== '' && !name.includes('/')) entries.push({ name, isDirectory: node === 'directory' })
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  makeDirectory(path: string): void {
    const parts = path.split('/').filter((part) => part !== '')
    for (let count = 1; count <= parts.length; count++) {
      const folder = `/${parts.slice(0, count).join('/')}`
      if (!this.#names.has(folder)) this.#change((names) => names.set(folder, 'directory'))
    }
  }

  rename(from: string, to: string): void {
    this.#enter('rename', from)
    if (!this.#names.has(from)) throw notFound(from)
    this.#requireParent(to)
    this.#change((names) => {
      for (const [path, node] of [...names]) {
        if (path !== from && !path.startsWith(`${from}/`)) continue
        names.delete(path)
        names.set(to + path.slice(from.length), node)
      }
    })
  }

  removeFile(path: string): void {
    this.#enter('remove', path)
    if (this.#names.has(path)) this.#change((names) => names.delete(path))
  }

  removeTree(path: string): void {
    this.#enter('remove', path)
    this.#change((names) => {
      for (const name of [...names.keys()]) if (name === path || name.startsWith(`${path}/`)) names.delete(name)
    })
  }

  syncDirectory(path: string): void {
    this.#enter('syncDirectory', path)
    this.#syncNames()
  }

  /** Changes a file's bytes behind everybody's back, durably: bit rot. */
  corrupt(path: string, change: (bytes: Uint8Array) => Uint8Array | undefined): void {
    const inode = this.#names.get(path)
    if (inode === undefined || inode === 'directory') throw notFound(path)
    const bytes = inode.bytes.slice(0, inode.size)
    const changed = change(bytes) ?? bytes
    inode.bytes = changed
    inode.size = changed.byteLength
    inode.settle()
  }

  /** A view of a file's bytes as the running process sees them, without an effect on counts or faults; null where there is no such file. */
  peek(path: string): Uint8Array | null {
    const inode = this.#names.get(path)
    return inode === undefined || inode === 'directory' ? null : inode.bytes.subarray(0, inode.size)
  }

  /** What a loss of power would certainly leave of the file that has this name now, durable or not; null where there is no such file. */
  peekDurable(path: string): Uint8Array | null {
    const inode = this.#names.get(path)
    return inode === undefined || inode === 'directory' ? null : inode.durable.subarray(0, inode.durableSize)
  }

  /** All files with a name, for tests that look for what is there. */
  get paths(): string[] {
    return [...this.#names].filter(([, node]) => node !== 'directory').map(([path]) => path)
  }

  #handle(path: string, inode: Inode): MemoryFile {
    const generation = this.#generation
    let isClosed = false
    const enter = (operation: DiskOperation): void => {
      if (isClosed || generation !== this.#generation) throw new DiskError('io', path, `${path} is not open any more`)
      this.#enter(operation, path)
    }
    const record = (operation: FileOperation): void => {
      inode.apply(operation)
      inode.unsynced.push(operation)
    }
    const write = (bytes: Uint8Array, position: number): void => {
      if (isClosed || generation !== this.#generation) throw new DiskError('io', path, `${path} is not open any more`)
      this.counts.write++
      const failure = this.fail?.('write', path) ?? null
      const growth = Math.max(0, position + bytes.byteLength - inode.size)
      const room = this.#roomInBytes
      if (failure === null && growth <= room) return record({ kind: 'write', position, bytes: Buffer.from(bytes) })
      const done = failure === null ? bytes.byteLength - growth + Math.max(0, room) : this.#random.below(bytes.byteLength + 1)
      record({ kind: 'write', position, bytes: Buffer.from(bytes.subarray(0, done)) })
      throw new DiskError(
        failure ?? 'no-space',
        path,
        failure === null ? 'no space left on the disk' : `injected ${failure} error`,
      )
    }
    const syncNow = (): void => {
      enter('sync')
      inode.sync()
    }
    return {
      path,
      size: () => {
        enter('read')
        return inode.size
      },
      read: (target, targetOffset, length, position) => {
        enter('read')
        const count = Math.max(0, Math.min(length, inode.size - position, target.byteLength - targetOffset))
        target.set(inode.bytes.subarray(position, position + count), targetOffset)
        return count
      },
      write,
      writev: (parts, position) => write(Buffer.concat(parts), position),
      truncate: (size) => {
        enter('truncate')
        record({ kind: 'truncate', size })
      },
      syncNow,
      sync: async () => syncNow(),
      beginSync: () => {
        enter('sync')
        const count = inode.syncedCount + inode.unsynced.length
        return () => inode.syncUpTo(count)
      },
      close: () => {
        if (!isClosed && generation === this.#generation) this.openFiles--
        isClosed = true
      },
    }
  }

  #create(path: string): Inode {
    this.#requireParent(path)
    const inode = new Inode()
    this.#change((names) => names.set(path, inode))
    return inode
  }

  #change(change: (names: Names) => unknown): void {
    change(this.#names)
    this.#unsyncedNames.push(change)
  }

  #syncNames(): void {
    for (const change of this.#unsyncedNames) change(this.#durableNames)
    this.#unsyncedNames = []
  }

  #requireParent(path: string): void {
    const parent = path.slice(0, path.lastIndexOf('/')) || '/'
    if (this.#names.get(parent) !== 'directory') throw notFound(parent)
  }

  #requireSpace(path: string, bytes: number): void {
    if (bytes > this.#roomInBytes) throw new DiskError('no-space', path, 'no space left on the disk')
  }

  get usedBytes(): number {
    let sum = 0
    for (const node of this.#names.values()) if (node !== 'directory') sum += node.size
    return sum
  }

  get #roomInBytes(): number {
    return this.capacityBytes === Number.POSITIVE_INFINITY ? this.capacityBytes : this.capacityBytes - this.usedBytes
  }

  #enter(operation: DiskOperation, path: string): void {
    this.counts[operation]++
    const failure = this.fail?.(operation, path) ?? null
    if (failure !== null) throw new DiskError(failure, path, `injected ${failure} error`)
  }
}

function notFound(path: string): DiskError {
  return new DiskError('not-found', path, `${path} is not there`)
}
