/**
 * The Disk port on Node's synchronous file functions. Created once a worker by whoever composes a broker; everything else gets it as `Disk`.
 *
 * It owns the translation of system errors into DiskError and the care around fdatasync: a descriptor is not closed while a sync
 * of it is under way on the thread pool, because its number could by then belong to another file. It never caches contents.
 */
import * as fs from 'node:fs'
import { type DirectoryEntry, type Disk, DiskError, type DiskErrorKind, type DiskFile } from '../disk'

const kinds: Readonly<Record<string, DiskErrorKind>> = {
  ENOSPC: 'no-space',
  EDQUOT: 'no-space',
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EACCES: 'permission',
  EPERM: 'permission',
  EROFS: 'permission',
}

function toDiskError(cause: unknown, path: string): DiskError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? ''
  const message = cause instanceof Error ? cause.message : String(cause)
  return new DiskError(kinds[code] ?? 'io', path, message, { cause })
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    throw toDiskError(cause, path)
  }
}

const openFlags = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
} as const

export class NodeDisk implements Disk {
  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    return new NodeDiskFile(
      path,
      attempt(path, () => fs.openSync(path, openFlags[mode], 0o644)),
    )
  }

  readFile(path: string): Buffer | null {
    try {
      return fs.readFileSync(path)
    } catch (cause) {
      const error = toDiskError(cause, path)
      if (error.kind === 'not-found') return null
      throw error
    }
  }

  space(directory: string): { totalBytes: number; usableBytes: number } | null {
    try {
      const { bsize, blocks, bavail } = fs.statfsSync(directory)
      return { totalBytes: bsize * blocks, usableBytes: bsize * bavail }
    } catch {
      return null
    }
  }

  writeFileAtomic(path: string, contents: Uint8Array): void {
    const temporary = `${path}.tmp`
    attempt(path, () => {
      const descriptor = fs.openSync(temporary, 'w', 0o644)
      try {
        let written = 0
        while (written < contents.byteLength)
          written += fs.writeSync(descriptor, contents, written, contents.byteLength - written)
        fs.fsyncSync(descriptor)
      } finally {
        fs.closeSync(descriptor)
      }
      fs.renameSync(temporary, path)
    })
    this.syncDirectory(path.slice(0, path.lastIndexOf('/')) || '/')
  }

  exists(path: string): boolean {
    return fs.existsSync(path)
  }

  list(directory: string): DirectoryEntry[] {
    try {
      const entries = fs.readdirSync(directory, { withFileTypes: true })
      return entries
        .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    } catch (cause) {
      const error = toDiskError(cause, directory)
      if (error.kind === 'not-found') return []
      throw error
    }
  }

  makeDirectory(path: string): void {
    attempt(path, () => fs.mkdirSync(path, { recursive: true }))
  }

  rename(from: string, to: string): void {
    attempt(from, () => fs.renameSync(from, to))
  }

  removeFile(path: string): void {
    attempt(path, () => fs.rmSync(path, { force: true }))
  }

  removeTree(path: string): void {
    attempt(path, () => fs.rmSync(path, { force: true, recursive: true }))
  }

  syncDirectory(path: string): void {
    // Windows has no handle on a folder to sync, and needs none: NTFS journals its names.
    if (process.platform === 'win32') return
    attempt(path, () => {
      const descriptor = fs.openSync(path, 'r')
      try {
        fs.fsyncSync(descriptor)
      } finally {
        fs.closeSync(descriptor)
      }
    })
  }
}

class NodeDiskFile implements DiskFile {
  #syncsUnderWay = 0
  #isClosed = false

  constructor(
    readonly path: string,
    private readonly descriptor: number,
  ) {}

  size(): number {
    return attempt(this.path, () => fs.fstatSync(this.#open()).size)
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    if (length === 0) return 0
    try {
      return fs.readSync(this.#open(), target, targetOffset, length, position)
    } catch (cause) {
      throw toDiskError(cause, this.path)
    }
  }

  write(bytes: Uint8Array, position: number): void {
    const descriptor = this.#open()
    try {
      let written = fs.writeSync(descriptor, bytes, 0, bytes.byteLength, position)
      while (written < bytes.byteLength) {
        written += fs.writeSync(descriptor, bytes, written, bytes.byteLength - written, position + written)
      }
    } catch (cause) {
      throw toDiskError(cause, this.path)
    }
  }

  writev(parts: readonly Uint8Array[], position: number): void {
    const descriptor = this.#open()
    try {
      let wanted = 0
      for (const part of parts) wanted += part.byteLength
      const written = fs.writevSync(descriptor, parts, position)
      if (written < wanted) this.#writeRest(parts, written, position)
    } catch (cause) {
      throw cause instanceof DiskError ? cause : toDiskError(cause, this.path)
    }
  }

  truncate(size: number): void {
    attempt(this.path, () => fs.ftruncateSync(this.#open(), size))
  }

  syncNow(): void {
    attempt(this.path, () => fs.fdatasyncSync(this.#open()))
  }

  sync(): Promise<void> {
    const descriptor = this.#open()
    this.#syncsUnderWay++
    return new Promise((resolve, reject) => {
      fs.fdatasync(descriptor, (cause) => {
        this.#syncsUnderWay--
        if (this.#isClosed && this.#syncsUnderWay === 0) fs.closeSync(descriptor)
        if (cause) reject(toDiskError(cause, this.path))
        else resolve()
      })
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#syncsUnderWay === 0) attempt(this.path, () => fs.closeSync(this.descriptor))
  }

  /** The rare rest of a short writev, part by part. */
  #writeRest(parts: readonly Uint8Array[], alreadyWritten: number, position: number): void {
    let partStart = 0
    for (const part of parts) {
      const skip = Math.max(0, alreadyWritten - partStart)
      if (skip < part.byteLength) this.write(part.subarray(skip), position + partStart + skip)
      partStart += part.byteLength
    }
  }

  #open(): number {
    if (this.#isClosed) throw new DiskError('io', this.path, `${this.path} was used after it was closed`)
    return this.descriptor
  }
}
