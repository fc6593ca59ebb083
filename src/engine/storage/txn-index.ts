/**
 * A segment's `.txnindex`: the transactions that were aborted by a marker in this segment (TransactionIndex.java, AbortedTxn.java). Consumers that
 * read committed records only are told of them, and pass their records over.
 *
 *     entry, 34 bytes, big-endian:
 *     int16 version 0 | int64 producerId | int64 firstOffset | int64 lastOffset, the marker's | int64 lastStableOffset
 *
 * lastStableOffset is the one that the marker made possible: no transaction that is found further on has begun below it, so a search may stop there.
 * Entries rise by lastOffset. There is no file until there is an entry. Entries lie in memory once they were asked for, and in the file after persist,
 * as those of the other indexes; after a crash recovery makes those of the segments anew that were not flushed. Owned by LogSegment.
 *
 * A prefix of this index would show aborted records as committed: what cannot be understood wholly is refused, and made anew from the log.
 */
import { err, ok, type Result } from '../../shared/lang/result'
import { type Disk, DiskError } from '../platform/disk'
import { readInt16, readInt64 } from './batch-fields'
import { writeIndexTail } from './index-file'

export const txnIndexEntryBytes = 34
const version = 0

export interface AbortedTransaction {
  readonly producerId: number | bigint
  readonly firstOffset: number
  /** Of the marker that ended it. */
  readonly lastOffset: number
  readonly lastStableOffset: number
}

export class TxnIndex {
  /** Null until asked for, and again after unload. */
  #entries: AbortedTransaction[] | null = null
  #persistedCount = 0
  /** Whether the file may hold more than the entries that were persisted. */
  #hasFileMore = false
  /** Whether the file holds, synced, what is known; that of a segment that was loaded does. */
  #isDurable = true

  /** `baseOffset` is the segment's. Touches nothing yet. */
  constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly baseOffset: number,
  ) {}

  /** Whether the file, if there is one, can be read. Whoever opens a log asks before it is used. */
  isSound(): boolean {
    const bytes = this.disk.readFile(this.path)
    return bytes === null || parseTxnIndex(bytes, this.baseOffset).ok
  }

  /** Empties it, whatever the file holds. */
  reset(): void {
    this.#entries = []
    this.#persistedCount = 0
    this.#hasFileMore = true
    this.#isDurable = false
  }

  append({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction): void {
    this.load().push({ producerId, firstOffset, lastOffset, lastStableOffset })
    this.#isDurable = false
  }

  /** Forgets transactions whose marker stands at or above an offset. */
  truncateTo(offset: number): void {
    const entries = this.load()
    let kept = entries.length
    while (kept > 0 && entries[kept - 1]!.lastOffset >= offset) kept--
    if (kept === entries.length) return
    entries.length = kept
    this.#isDurable = false
    if (kept >= this.#persistedCount) return
    this.#persistedCount = kept
    this.#hasFileMore = true
  }

  /** Adds to `found` what a reader of [fromOffset, toOffset) meets. True: nothing further on concerns it. */
  collect(fromOffset: number, toOffset: number, found: AbortedTransaction[]): boolean {
    for (const entry of this.load()) {
      if (entry.lastOffset >= fromOffset && entry.firstOffset < toOffset) found.push(entry)
      if (entry.lastStableOffset >= toOffset) return true
    }
    return false
  }

  /** Answers false where nothing had to be done. Else the file may have come or gone, and its name is durable when the folder is synced. */
  persist(isDurable: boolean): boolean {
    if (this.#isDurable || (!isDurable && this.#isPersisted)) return false
    const entries = this.load()
    const isThere = entries.length > 0 || (this.#hasFileMore && this.disk.exists(this.path))
    if (entries.length > 0) {
      const tail = encodeTxnIndexEntries(entries.slice(this.#persistedCount))
      writeIndexTail(this.disk, this.path, this.#persistedCount * txnIndexEntryBytes, tail, isDurable)
    } else if (isThere) this.disk.removeFile(this.path)
    this.#persistedCount = entries.length
    this.#hasFileMore = false
    this.#isDurable = isDurable
    return isThere
  }

  /** Gives up the memory. What was not persisted is lost. */
  unload(): void {
    this.#entries = null
  }

  get #isPersisted(): boolean {
    return this.#entries === null || (this.#persistedCount === this.#entries.length && !this.#hasFileMore)
  }

  /** Throws DiskError where the file cannot be understood: to go on with a part of it would be to show aborted records. */
  load(): AbortedTransaction[] {
    if (this.#entries !== null) return this.#entries
    const bytes = this.disk.readFile(this.path)
    const parsed = bytes === null ? ok([]) : parseTxnIndex(bytes, this.baseOffset)
    if (!parsed.ok) throw new DiskError('io', this.path, `the index of aborted transactions cannot be used: ${parsed.error}`)
    this.#entries = parsed.value
    this.#persistedCount = parsed.value.length
    this.#hasFileMore = false
    return parsed.value
  }
}

/** `baseOffset` is the segment's. */
export function parseTxnIndex(bytes: Uint8Array, baseOffset: number): Result<AbortedTransaction[], string> {
  if (bytes.byteLength % txnIndexEntryBytes !== 0) return err(`its ${bytes.byteLength} bytes are no whole number of entries`)
  const entries: AbortedTransaction[] = []
  let previousOffset = baseOffset - 1
  for (let at = 0; at < bytes.byteLength; at += txnIndexEntryBytes) {
    if (readInt16(bytes, at) !== version) return err(`an entry has version ${readInt16(bytes, at)}`)
    const entry = {
      producerId: readProducerId(bytes, at + 2),
      firstOffset: readInt64(bytes, at + 10),
      lastOffset: readInt64(bytes, at + 18),
      lastStableOffset: readInt64(bytes, at + 26),
    }
    if (!isPossible(entry, previousOffset)) return err(`what its entry at ${at} says of offset ${entry.lastOffset} cannot be`)
    previousOffset = entry.lastOffset
    entries.push(entry)
  }
  return ok(entries)
}

function isPossible(
  { producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTransaction,
  previousOffset: number,
): boolean {
  const isOrdered =
    firstOffset >= 0 && firstOffset < lastOffset && lastOffset > previousOffset && Number.isSafeInteger(lastOffset)
  return producerId >= 0 && isOrdered && lastStableOffset >= 0 && lastStableOffset <= lastOffset + 1
}

/** Pure, like parseTxnIndex: TxnIndex writes what it gives. */
export function encodeTxnIndexEntries(entries: readonly AbortedTransaction[]): Buffer {
  const bytes = Buffer.allocUnsafe(entries.length * txnIndexEntryBytes)
  for (const [index, { producerId, firstOffset, lastOffset, lastStableOffset }] of entries.entries()) {
    const at = index * txnIndexEntryBytes
    bytes.writeInt16BE(version, at)
    bytes.writeBigInt64BE(BigInt(producerId), at + 2)
    bytes.writeBigInt64BE(BigInt(firstOffset), at + 10)
    bytes.writeBigInt64BE(BigInt(lastOffset), at + 18)
    bytes.writeBigInt64BE(BigInt(lastStableOffset), at + 26)
  }
  return bytes
}

function readProducerId(bytes: Uint8Array, at: number): number | bigint {
  const id = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigInt64(0)
  return id <= Number.MAX_SAFE_INTEGER ? Number(id) : id
}
