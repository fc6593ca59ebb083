/**
 * Samples of one distance in time, the newest ones, in one file that never outgrows its size. Kept in memory as they are in the file: what is asked
 * is read from there. Owned by MetricsStore; knows nothing of what the figures mean.
 *
 *     file:    pages of PAGE_BYTES, written round; each stands for itself
 *     page:    0 magic 4 · 4 crc 4 (of 8–32) · 8 sequence 8 · 16 sample ms 4 · 20 zero 12 · 32 records, then zeros
 *     record:  0 length 4 · 4 crc 4 (of the payload, seeded with the page's sequence) · 8 payload
 *     payload: 1, id 2, name in UTF-8 (a name that the samples behind it use)  or  2, ms 8, count 2, count × (id 2, value 8)
 *
 * Numbers are big-endian. A record that was half written when the power went fails its checksum: it and what is behind it in the page are given up,
 * and that is said. Pages left from before another use of their place fail theirs, since the sequence is in it.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from './crc32'

export const PAGE_BYTES = 128 * 1024
const HEADER_BYTES = 32
const RECORD_OVERHEAD = 8
const MAGIC = 0x42574d31
const NAME = 1
const SAMPLE = 2
const ENTRY_BYTES = 10
/** A sample that is further ahead of the clock at opening was taken while the clock was wrong. */
const AHEAD_MAX_MS = 60_000
/** So that a sample and the names of all that is in it fit into a page, whatever they are called. */
export const SAMPLE_ENTRIES_MAX = 1_500
const PAGE_FULL_NAMES_BYTES = PAGE_BYTES - HEADER_BYTES - 2 * RECORD_OVERHEAD - 11 - SAMPLE_ENTRIES_MAX * ENTRY_BYTES

interface Page {
  readonly slot: number
  readonly sequence: number
  readonly bytes: Buffer
  readonly ids: Map<string, number>
  readonly names: string[]
  /** Where in `bytes` each sample's payload stands, in order of their times. */
  readonly samples: { readonly atMs: number; readonly at: number }[]
  usedBytes: number
}

export interface RingOptions {
  readonly path: string
  readonly sampleMs: number
  /** Pages that hold nothing newer are used again. */
  readonly spanMs: number
  readonly pageCountMax: number
  /** What the clock says at opening; the wall clock's unless a test says otherwise. */
  readonly nowMs?: number
}

export class MetricsRing {
  /** In order of their times. */
  private pages: Page[] = []
  private file: number | null
  /** What opening found amiss, in sentences. */
  readonly notices: string[] = []

  /** Opens or makes the file. One that cannot be used is said in `notices`, and the samples are then kept in memory only. */
  constructor(private readonly options: RingOptions) {
    try {
      this.file = openSync(options.path, 'a+')
      closeSync(this.file)
      this.file = openSync(options.path, 'r+')
      this.read(this.file)
    } catch (error) {
      this.file = null
      this.notices.push(`${options.path} cannot be used: ${(error as Error).message}. Figures are kept until the workbench ends.`)
    }
  }

  get sampleMs(): number {
    return this.options.sampleMs
  }

  get spanMs(): number {
    return this.options.spanMs
  }

  get oldestMs(): number | null {
    return this.pages.find(({ samples }) => samples.length > 0)?.samples[0]?.atMs ?? null
  }

  get newestMs(): number | null {
    for (let at = this.pages.length - 1; at >= 0; at--) {
      const last = this.pages[at]!.samples.at(-1)
      if (last !== undefined) return last.atMs
    }
    return null
  }

  /** Every name that a kept sample may use. */
  names(): Set<string> {
    const found = new Set<string>()
    for (const { names } of this.pages) for (const name of names) found.add(name)
    return found
  }

  /**
   * One that is not newer than the last (the wall clock was set back) is left out; where the last is ahead of it by more than is kept, the clock was wrong
   * then, and what is from that time goes: nothing would be taken until it has come. At most SAMPLE_ENTRIES_MAX figures are kept of it.
   */
  append(atMs: number, values: ReadonlyMap<string, number>): void {
    if ((this.newestMs ?? 0) > atMs + this.options.spanMs) this.dropBehind(atMs)
    const newest = this.newestMs
    if (newest !== null && atMs <= newest) return
    let page = this.pages.at(-1) ?? this.turn(atMs)
    if (!fits(page, values)) page = this.turn(atMs)
    const from = page.usedBytes
    let count = 0
    for (const name of values.keys()) {
      if (++count > SAMPLE_ENTRIES_MAX) break
      if (!page.ids.has(name)) addName(page, name)
    }
    addSample(page, atMs, values)
    this.write(page.bytes.subarray(from, page.usedBytes), page.slot * PAGE_BYTES + from)
  }

  /** Visits the samples of a time in their order. `indexOf` answers, once a name and page, where its value is wanted; -1: nowhere. */
  scan(
    fromMs: number,
    toMs: number,
    indexOf: (name: string) => number,
    visit: (atMs: number, index: number, value: number) => void,
    onSample: (atMs: number) => void,
  ): void {
    for (const { samples, names, bytes } of this.pages) {
      const last = samples.at(-1)
      if (last === undefined || last.atMs < fromMs || samples[0]!.atMs > toMs) continue
      const wanted = names.map(indexOf)
      for (const { atMs, at } of samples) {
        if (atMs < fromMs || atMs > toMs) continue
        onSample(atMs)
        const count = bytes.readUInt16BE(at + 9)
        for (let entry = 0, position = at + 11; entry < count; entry++, position += ENTRY_BYTES) {
          const index = wanted[bytes.readUInt16BE(position)] ?? -1
          if (index >= 0) visit(atMs, index, bytes.readDoubleBE(position + 2))
        }
      }
    }
  }

  close(): void {
    if (this.file !== null) closeSync(this.file)
    this.file = null
  }

  /** A new page: where nothing is yet, or in the place of the oldest. */
  private turn(nowMs: number): Page {
    const { pageCountMax, spanMs, sampleMs } = this.options
    const oldest = this.pages[0]
    const isStale = oldest !== undefined && (oldest.samples.at(-1)?.atMs ?? 0) < nowMs - spanMs
    const taken = new Set(this.pages.map(({ slot }) => slot))
    let slot = 0
    if (oldest !== undefined && (isStale || taken.size >= pageCountMax)) {
      slot = oldest.slot
      this.pages.shift()
    } else while (taken.has(slot)) slot++
    const page = newPage(slot, (this.pages.at(-1)?.sequence ?? 0) + 1, Buffer.alloc(PAGE_BYTES))
    const { bytes } = page
    bytes.writeUInt32BE(MAGIC, 0)
    bytes.writeBigUInt64BE(BigInt(page.sequence), 8)
    bytes.writeUInt32BE(sampleMs, 16)
    bytes.writeUInt32BE(crc32(bytes.subarray(8, HEADER_BYTES)), 4)
    this.pages.push(page)
    this.write(bytes, slot * PAGE_BYTES)
    return page
  }

  private write(bytes: Uint8Array, position: number): void {
    if (this.file === null) return
    try {
      writeSync(this.file, bytes, 0, bytes.length, position)
    } catch (error) {
      this.notices.push(
        `${this.options.path} cannot be written: ${(error as Error).message}. Figures are kept until the workbench ends.`,
      )
      this.close()
    }
  }

  private read(file: number): void {
    const { pageCountMax, path } = this.options
    const size = fstatSync(file).size
    // Of a version that kept more.
    if (size > pageCountMax * PAGE_BYTES) ftruncateSync(file, pageCountMax * PAGE_BYTES)
    let lostCount = 0
    for (let slot = 0; slot < Math.min(pageCountMax, Math.floor(size / PAGE_BYTES)); slot++) {
      const bytes = Buffer.alloc(PAGE_BYTES)
      if (readSync(file, bytes, 0, PAGE_BYTES, slot * PAGE_BYTES) < PAGE_BYTES) break
      const page = this.readPage(slot, bytes)
      if (page === 'empty') continue
      if (page === 'damaged') {
        lostCount++
        continue
      }
      if (page.isTorn) lostCount++
      this.pages.push(page.page)
    }
    this.pages.sort((a, b) => a.sequence - b.sequence)
    if (this.dropBehind((this.options.nowMs ?? Date.now()) + AHEAD_MAX_MS))
      this.notices.push(`${path} held figures of a time that has not come yet: the clock was ahead. They are dropped.`)
    if (lostCount > 0)
      this.notices.push(`${path} was not written to its end when the workbench last ended. Some of the newest figures are lost.`)
  }

  /** Samples that are later, from the file too. Of a page that holds earlier ones, what stands before the first later one stays. */
  private dropBehind(lastMs: number): boolean {
    const isWhole = (page: Page): boolean => page.samples.every(({ atMs }) => atMs <= lastMs)
    if (this.pages.every(isWhole)) return false
    this.pages = this.pages.flatMap((page) => {
      const index = page.samples.findIndex(({ atMs }) => atMs > lastMs)
      if (index < 0) return [page]
      const { slot, bytes } = page
      const from = index === 0 ? 0 : page.samples[index]!.at - RECORD_OVERHEAD
      bytes.fill(0, from)
      this.write(bytes.subarray(from), slot * PAGE_BYTES + from)
      // Read again for its names, of which some went, too.
      const left = this.readPage(slot, bytes)
      return typeof left === 'string' ? [] : [left.page]
    })
    return true
  }

  private readPage(slot: number, bytes: Buffer): { readonly page: Page; readonly isTorn: boolean } | 'empty' | 'damaged' {
    if (bytes.readUInt32BE(0) !== MAGIC) return bytes.readUInt32BE(0) === 0 ? 'empty' : 'damaged'
    if (bytes.readUInt32BE(4) !== crc32(bytes.subarray(8, HEADER_BYTES))) return 'damaged'
    if (bytes.readUInt32BE(16) !== this.options.sampleMs) return 'damaged'
    const page = newPage(slot, Number(bytes.readBigUInt64BE(8)), bytes)
    for (;;) {
      const at = page.usedBytes
      const length = at + RECORD_OVERHEAD <= PAGE_BYTES ? bytes.readUInt32BE(at) : 0
      if (length === 0) return { page, isTorn: false }
      const payload = at + RECORD_OVERHEAD
      const isWhole =
        payload + length <= PAGE_BYTES &&
        bytes.readUInt32BE(at + 4) === crc32(bytes.subarray(payload, payload + length), page.sequence)
      if (!isWhole) {
        // What comes next is written over it, and nothing of it may be read as behind that.
        bytes.fill(0, at)
        this.write(bytes.subarray(at), slot * PAGE_BYTES + at)
        return { page, isTorn: true }
      }
      if (bytes[payload] === NAME) learn(page, bytes.toString('utf8', payload + 3, payload + length))
      else page.samples.push({ atMs: bytes.readDoubleBE(payload + 1), at: payload })
      page.usedBytes = payload + length
    }
  }
}

function newPage(slot: number, sequence: number, bytes: Buffer): Page {
  return { slot, sequence, bytes, ids: new Map(), names: [], samples: [], usedBytes: HEADER_BYTES }
}

function fits({ ids, usedBytes, samples }: Page, values: ReadonlyMap<string, number>): boolean {
  let needed = RECORD_OVERHEAD + 11 + Math.min(values.size, SAMPLE_ENTRIES_MAX) * ENTRY_BYTES
  let count = 0
  for (const name of values.keys()) {
    if (++count > SAMPLE_ENTRIES_MAX) break
    if (!ids.has(name)) needed += RECORD_OVERHEAD + 3 + Buffer.byteLength(name)
  }
  // A page of its own is all there can be done; names that do not fit into it are left out.
  return samples.length === 0 || usedBytes + needed <= PAGE_BYTES
}

function learn(page: Page, name: string): void {
  page.ids.set(name, page.names.length)
  page.names.push(name)
}

function addName(page: Page, name: string): void {
  const text = Buffer.from(name)
  const { bytes, usedBytes: at } = page
  if (at + RECORD_OVERHEAD + 3 + text.length > PAGE_FULL_NAMES_BYTES && page.samples.length === 0) return
  const payload = at + RECORD_OVERHEAD
  bytes[payload] = NAME
  bytes.writeUInt16BE(page.names.length, payload + 1)
  text.copy(bytes, payload + 3)
  seal(page, 3 + text.length)
  learn(page, name)
}

function addSample(page: Page, atMs: number, values: ReadonlyMap<string, number>): void {
  const { bytes, ids, usedBytes } = page
  const payload = usedBytes + RECORD_OVERHEAD
  bytes[payload] = SAMPLE
  bytes.writeDoubleBE(atMs, payload + 1)
  let count = 0
  let position = payload + 11
  for (const [name, value] of values) {
    if (count >= SAMPLE_ENTRIES_MAX) break
    const id = ids.get(name)
    if (id === undefined) continue
    bytes.writeUInt16BE(id, position)
    bytes.writeDoubleBE(value, position + 2)
    position += ENTRY_BYTES
    count++
  }
  bytes.writeUInt16BE(count, payload + 9)
  seal(page, position - payload)
  page.samples.push({ atMs, at: payload })
}

/** Length and checksum before the payload that stands behind the used bytes, which are then more. */
function seal(page: Page, length: number): void {
  const { bytes, usedBytes: at, sequence } = page
  const payload = at + RECORD_OVERHEAD
  bytes.writeUInt32BE(length, at)
  bytes.writeUInt32BE(crc32(bytes.subarray(payload, payload + length), sequence), at + 4)
  page.usedBytes = payload + length
}
