/**
 * One file of the transaction log, in ZooKeeper's own format, so that its tools read ours and the other way round:
 *
 *   "ZKLG" int version=2 long dbid=0, then a transaction each:
 *   long adler32(entry) | int length | entry = TxnHeader, record | byte 0x42
 *
 * Zeros behind the last one are preallocated room. Named log.<hex zxid of its first transaction>. Written by coordination-store.ts only.
 */
import { JuteError, JuteReader } from '../jute/reader'
import type { Txn } from '../jute/transaction-records'
import { readTxn, TxnHeader, writeTxn } from '../jute/transaction-records'
import { JuteWriter } from '../jute/writer'
import type { Disk, DiskFile } from '../platform/disk'
import { adler32 } from './adler32'

const MAGIC = 0x5a4b4c47
const VERSION = 2
const HEADER_BYTES = 16
const END_OF_RECORD = 0x42
const LOG_NAME = /^log\.([0-9a-f]{1,16})$/

export function logFileName(firstZxid: bigint): string {
  return `log.${firstZxid.toString(16)}`
}

/** The first zxid that a file's name tells, or null if it is no log. */
export function firstZxidOf(name: string): bigint | null {
  const match = LOG_NAME.exec(name)
  return match === null ? null : BigInt(`0x${match[1]}`)
}

export interface LogContents {
  /** Where the last whole transaction ends; 0 if not even the header is whole. */
  readonly endPosition: number
  /** Bytes behind it that are no preallocated zeros: a torn write, or damage. */
  readonly tornBytes: number
}

/** Visits every transaction up to the first one that is not whole. `header` and `txn` are views on `bytes`. Throws JuteError where one is whole and cannot be read. */
export function readLog(bytes: Buffer, visit: (header: TxnHeader, txn: Txn) => void): LogContents {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32BE(0) !== MAGIC) return { endPosition: 0, tornBytes: bytes.length }
  const reader = new JuteReader(bytes, HEADER_BYTES)
  let endPosition = HEADER_BYTES
  for (;;) {
    const entry = nextEntry(reader)
    if (entry === null) break
    const body = new JuteReader(entry)
    const header = TxnHeader.read(body)
    visit(header, readTxn(body, header.type))
    endPosition = reader.position
  }
  let meaningfulEnd = bytes.length
  while (meaningfulEnd > endPosition && bytes[meaningfulEnd - 1] === 0) meaningfulEnd--
  return { endPosition, tornBytes: meaningfulEnd - endPosition }
}

function nextEntry(reader: JuteReader): Buffer | null {
  try {
    const checksum = reader.long()
    const entry = reader.buffer()
    if (entry === null || entry.length === 0 || reader.byte() !== END_OF_RECORD) return null
    return adler32(entry) === checksum ? entry : null
  } catch (error) {
    if (error instanceof JuteError) return null
    throw error
  }
}

export class TransactionLogFile {
  private readonly batch = new JuteWriter(16 * 1024)
  private readonly entry = new JuteWriter(4 * 1024)

  private constructor(
    private readonly file: DiskFile,
    private position: number,
  ) {}

  static create(disk: Disk, path: string): TransactionLogFile {
    const log = new TransactionLogFile(disk.open(path, 'create'), 0)
    log.batch.int(MAGIC)
    log.batch.int(VERSION)
    log.batch.long(0n)
    return log
  }

  /** Goes on behind the last whole transaction; whatever stands there is cut off. */
  static resume(disk: Disk, path: string, endPosition: number): TransactionLogFile {
    const file = disk.open(path, 'write')
    if (file.size() > endPosition) file.truncate(endPosition)
    // After the death of the process alone, what is read here may be in memory only; clients are about to be shown it.
    file.syncNow()
    return new TransactionLogFile(file, endPosition)
  }

  get sizeInBytes(): number {
    return this.position + this.batch.length
  }

  /** Encodes at once, so that `txn` may be a view; writeOut sends all that was added to the file. */
  add(header: TxnHeader, txn: Txn): void {
    this.entry.reset()
    TxnHeader.write(this.entry, header)
    writeTxn(this.entry, txn)
    const bytes = this.entry.bytes()
    this.batch.long(adler32(bytes))
    this.batch.buffer(bytes)
    this.batch.byte(END_OF_RECORD)
  }

  /** Answers whether there was something to write. */
  writeOut(): boolean {
    if (this.batch.length === 0) return false
    this.file.write(this.batch.bytes(), this.position)
    this.position += this.batch.length
    this.batch.reset()
    return true
  }

  sync(): Promise<void> {
    return this.file.sync()
  }

  syncNow(): void {
    this.file.syncNow()
  }

  close(): void {
    this.file.close()
  }
}
