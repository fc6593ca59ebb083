/**
 * A disk that is full, broken or slow while it is told to be. Wraps the (journaled) real one. A failing write leaves the first half of its
 * bytes behind, as a real one may; a failing sync leaves everything in doubt.
 */
import { type DirectoryEntry, type Disk, DiskError, type DiskFile } from '../../../src/engine/platform'
import type { DiskFaultKind } from './settings'

const slowSyncMs = 80

/** The state that all files of a worker share. */
export class DiskFault {
  private kind: DiskFaultKind | null = null
  private untilMs = 0

  set(kind: DiskFaultKind, forMs: number): void {
    this.kind = kind
    this.untilMs = Date.now() + forMs
  }

  clear(): void {
    this.kind = null
  }

  get active(): DiskFaultKind | null {
    if (this.kind !== null && Date.now() > this.untilMs) this.kind = null
    return this.kind
  }

  /** Throws where a write must fail now. */
  beforeWrite(path: string): void {
    const { active } = this
    if (active === 'no-space') throw new DiskError('no-space', path, `ENOSPC: no space left on device (torture), write '${path}'`)
    if (active === 'io') throw new DiskError('io', path, `EIO: i/o error (torture), write '${path}'`)
  }

  get failsWrites(): boolean {
    return this.active === 'no-space' || this.active === 'io'
  }
}

export class FaultyDisk implements Disk {
  constructor(
    private readonly disk: Disk,
    private readonly fault: DiskFault,
  ) {}

  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    if (mode === 'create') this.fault.beforeWrite(path)
    return new FaultyFile(this.disk.open(path, mode), this.fault)
  }

  readFile(path: string): Buffer | null {
    return this.disk.readFile(path)
  }

  writeFileAtomic(path: string, contents: Uint8Array): void {
    this.fault.beforeWrite(path)
    standStill(this.fault)
    this.disk.writeFileAtomic(path, contents)
  }

  exists(path: string): boolean {
    return this.disk.exists(path)
  }

  list(directory: string): DirectoryEntry[] {
    return this.disk.list(directory)
  }

  makeDirectory(path: string): void {
    if (!this.disk.exists(path)) this.fault.beforeWrite(path)
    this.disk.makeDirectory(path)
  }

  rename(from: string, to: string): void {
    if (this.fault.active === 'io') this.fault.beforeWrite(from)
    this.disk.rename(from, to)
  }

  removeFile(path: string): void {
    this.disk.removeFile(path)
  }

  removeTree(path: string): void {
    this.disk.removeTree(path)
  }

  syncDirectory(path: string): void {
    if (this.fault.active === 'io') this.fault.beforeWrite(path)
    standStill(this.fault)
    this.disk.syncDirectory(path)
  }
}

class FaultyFile implements DiskFile {
  constructor(
    private readonly file: DiskFile,
    private readonly fault: DiskFault,
  ) {}

  get path(): string {
    return this.file.path
  }

  size(): number {
    return this.file.size()
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    if (this.fault.active === 'read-io') throw new DiskError('io', this.path, `EIO: i/o error (torture), read '${this.path}'`)
    return this.file.read(target, targetOffset, length, position)
  }

  write(bytes: Uint8Array, position: number): void {
    if (this.fault.failsWrites) this.tear([bytes], position)
    this.file.write(bytes, position)
  }

  writev(parts: readonly Uint8Array[], position: number): void {
    if (this.fault.failsWrites) this.tear(parts, position)
    this.file.writev(parts, position)
  }

  truncate(size: number): void {
    if (this.fault.active === 'io') this.fault.beforeWrite(this.path)
    this.file.truncate(size)
  }

  syncNow(): void {
    if (this.fault.active === 'io') this.fault.beforeWrite(this.path)
    standStill(this.fault)
    this.file.syncNow()
  }

  async sync(): Promise<void> {
    if (this.fault.active === 'io') this.fault.beforeWrite(this.path)
    if (this.fault.active === 'slow-sync') await new Promise((resolve) => setTimeout(resolve, slowSyncMs))
    await this.file.sync()
  }

  close(): void {
    this.file.close()
  }

  private tear(parts: readonly Uint8Array[], position: number): never {
    const all = Buffer.concat(parts)
    if (all.length > 1) this.file.write(all.subarray(0, all.length >> 1), position)
    this.fault.beforeWrite(this.path)
    throw new DiskError('io', this.path, `EIO: i/o error (torture), write '${this.path}'`)
  }
}

function standStill(fault: DiskFault): void {
  if (fault.active === 'slow-sync') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slowSyncMs)
}
