/**
 * The engine's only way to files. Synchronous but for `sync`: on a broker's own thread that is the fastest and has the better tail
 * (a thread-pool hop costs more than the append for batches under 256 KiB), and it makes a simulated disk with torn and lost writes simple.
 *
 * Paths are absolute, '/'-joined. Operating errors are thrown as {@link DiskError}.
 */
export interface Disk {
  /** Opens a file for reading and writing at positions. `create` makes an empty one where there is none. */
  open(path: string, mode: 'read' | 'write' | 'create'): DiskFile
  /** Whole contents, or null where there is no such file. */
  readFile(path: string): Buffer | null
  /** Writes `<path>.tmp`, fsyncs it, renames it over `path`, fsyncs the folder: readers see the old or the new contents, never a mixture. */
  writeFileAtomic(path: string, contents: Uint8Array): void
  exists(path: string): boolean
  /** Names in a folder in sorted order, or an empty list where there is no such folder. */
  list(directory: string): DirectoryEntry[]
  makeDirectory(path: string): void
  rename(from: string, to: string): void
  /** Removes a file; none there is no error. */
  removeFile(path: string): void
  /** Removes a folder and all in it; none there is no error. */
  removeTree(path: string): void
  /** Of the volume that the folder is on; absent or null where that is not known. */
  space?(directory: string): { readonly totalBytes: number; readonly usableBytes: number } | null
  /** Makes renames, creations and removals in a folder durable. */
  syncDirectory(path: string): void
}

export interface DirectoryEntry {
  readonly name: string
  readonly isDirectory: boolean
}

export interface DiskFile {
  readonly path: string
  size(): number
  /** Reads up to `length` bytes at `position` into `target` from `targetOffset`; answers how many, 0 at the end of the file. */
  read(target: Uint8Array, targetOffset: number, length: number, position: number): number
  /** Writes all of `bytes` at `position`, or throws. */
  write(bytes: Uint8Array, position: number): void
  /** Writes all of `parts`, one behind the other, at `position` in one system call where the system can, or throws. */
  writev(parts: readonly Uint8Array[], position: number): void
  truncate(size: number): void
  /** fdatasync, on the calling thread. */
  syncNow(): void
  /** fdatasync away from the calling thread. */
  sync(): Promise<void>
  close(): void
}

export type DiskErrorKind = 'no-space' | 'not-found' | 'permission' | 'io'

export class DiskError extends Error {
  override readonly name = 'DiskError'
  constructor(
    readonly kind: DiskErrorKind,
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
