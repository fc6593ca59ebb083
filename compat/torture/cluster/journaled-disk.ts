/** The real disk, with everything that a power loss would or would not leave written into a journal. Wraps the adapter; changes nothing it does. */
import type { DirectoryEntry, Disk, DiskFile } from '../../../src/engine/platform'
import type { Journal } from './journal'

export class JournaledDisk implements Disk {
  constructor(
    private readonly disk: Disk,
    private readonly journal: Journal,
  ) {}

  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile {
    if (mode === 'read') return this.disk.open(path, mode)
    const isNew = mode === 'create' && !this.disk.exists(path)
    const file = this.disk.open(path, mode)
    return new JournaledFile(file, this.journal, this.journal.opened(path, isNew))
  }

  readFile(path: string): Buffer | null {
    return this.disk.readFile(path)
  }

  writeFileAtomic(path: string, contents: Uint8Array): void {
    this.disk.writeFileAtomic(path, contents)
    this.journal.wroteAtomically(path, contents.byteLength)
    // It syncs the folder, and so every other name in it too.
    this.journal.syncedDirectory(path.slice(0, path.lastIndexOf('/')))
  }

  exists(path: string): boolean {
    return this.disk.exists(path)
  }

  list(directory: string): DirectoryEntry[] {
    return this.disk.list(directory)
  }

  makeDirectory(path: string): void {
    const made: string[] = []
    for (let parent = path; parent !== '' && !this.disk.exists(parent); parent = parent.slice(0, parent.lastIndexOf('/')))
      made.push(parent)
    this.disk.makeDirectory(path)
    for (const directory of made) this.journal.madeDirectory(directory)
  }

  rename(from: string, to: string): void {
    this.disk.rename(from, to)
    this.journal.renamed(from, to)
  }

  removeFile(path: string): void {
    this.disk.removeFile(path)
    this.journal.removed(path)
  }

  removeTree(path: string): void {
    this.disk.removeTree(path)
    this.journal.removed(path)
  }

  syncDirectory(path: string): void {
    this.disk.syncDirectory(path)
    this.journal.syncedDirectory(path)
  }
}

class JournaledFile implements DiskFile {
  constructor(
    private readonly file: DiskFile,
    private readonly journal: Journal,
    private readonly id: number,
  ) {}

  get path(): string {
    return this.file.path
  }

  size(): number {
    return this.file.size()
  }

  read(target: Uint8Array, targetOffset: number, length: number, position: number): number {
    return this.file.read(target, targetOffset, length, position)
  }

  write(bytes: Uint8Array, position: number): void {
    this.file.write(bytes, position)
  }

  writev(parts: readonly Uint8Array[], position: number): void {
    this.file.writev(parts, position)
  }

  truncate(size: number): void {
    this.file.truncate(size)
    this.journal.truncated(this.id, size)
  }

  syncNow(): void {
    this.file.syncNow()
    this.journal.synced(this.id, this.file.size())
  }

  async sync(): Promise<void> {
    // What is written while the sync is under way is not promised.
    const size = this.file.size()
    await this.file.sync()
    this.journal.synced(this.id, size)
  }

  close(): void {
    this.file.close()
  }
}
