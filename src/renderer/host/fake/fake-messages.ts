/** Records of the fake cluster: made from partition and offset alone, so a row is the same whenever it is read. Used by FakeHost. */

import type { CallResults } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import type {
  MessageDetail,
  MessageHeader,
  MessageHistogram,
  MessageRow,
  MessageTask,
  PayloadPreview,
  ReadProgress,
  ReadRequest,
  ScriptTrial,
} from '../../../shared/model/messages'
import type { FakeCluster } from './fake-cluster'
import { fakeField, fakeMatches } from './fake-filters'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const statuses = ['PLACED', 'PAID', 'SHIPPED', 'CANCELLED', 'DRAFT']

/** A number in 0…1 that depends only on its arguments. */
function noise(partition: number, offset: number, salt: number): number {
  let hash = (partition * 374_761_393 + offset * 668_265_263 + salt * 1_274_126_177) | 0
  hash = Math.imul(hash ^ (hash >>> 13), 1_274_126_177)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}

/** Stands for a batch that cannot be decoded: its rows say why. */
const undecodable = new Uint8Array(214)

export interface WrittenRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly MessageHeader[]
  readonly timestampMs: number
}

interface FakeRow {
  topic: string
  partition: number
  offset: number
}

interface OpenRead {
  request: ReadRequest
  rows: FakeRow[]
  /** What a continued read goes on with. */
  rest: FakeRow[]
  scanned: number
  dropped: number
  state: ReadProgress['state']
  ends: Map<string, number>
  bytesRead: number
  startedAtMs: number
  error: string | null
}

export class FakeMessages {
  private readonly reads = new Map<number, OpenRead>()
  private readonly written = new Map<string, WrittenRecord>()
  private nextReadId = 1

  constructor(
    private readonly cluster: FakeCluster,
    private readonly now: () => number,
  ) {}

  remember(topic: string, partition: number, offset: number, record: WrittenRecord): void {
    this.written.set(`${topic}-${partition}@${offset}`, record)
  }

  open(request: ReadRequest): number {
    const id = this.nextReadId++
    const read: OpenRead = {
      request,
      rows: [],
      rest: [],
      scanned: 0,
      dropped: 0,
      state: request.start.kind === 'live' ? 'live' : 'reading',
      ends: new Map(),
      bytesRead: 0,
      startedAtMs: this.now(),
      error: null,
    }
    const starts: { topic: string; partition: number; from: number; end: number }[] = []
    const isNewest = request.start.kind === 'newest'
    const isFiltered = (request.filters?.length ?? 0) > 0
    const limit = isNewest ? request.start.count : request.limit
    for (const view of this.viewsOf(request)) {
      read.ends.set(`${view.topic}-${view.partition}`, view.highWatermark)
      if (view.leader === null)
        read.error = `${view.topic}-${view.partition} has no leader. Its records are read once broker ${view.previousLeader ?? view.preferredLeader} is back.`
      const { start } = request
      if (start.kind === 'live' || view.leader === null) continue
      const from =
        start.kind === 'oldest'
          ? view.logStartOffset
          : start.kind === 'offset'
            ? Math.max(start.offset, view.logStartOffset)
            : start.kind === 'time'
              ? Math.max(view.logStartOffset, view.highWatermark - Math.ceil((this.now() - start.timestampMs) / 1000) * 3)
              : Math.max(view.logStartOffset, view.highWatermark - start.count * (isFiltered ? 8 : 1))
      starts.push({ topic: view.topic, partition: view.partition, from, end: view.highWatermark })
    }
    // Round the partitions, as a fetch answers; only what is small enough to be looked at is put in order of time.
    for (
      let step = 0, found = true;
      found && read.rows.length < (isNewest ? Number.MAX_SAFE_INTEGER : limit * (isFiltered ? 8 : 2));
      step++
    ) {
      found = false
      for (const { topic, partition, from, end } of starts) {
        if (from + step >= end) continue
        found = true
        read.rows.push({ topic, partition, offset: from + step })
      }
    }
    if (isNewest || read.rows.length < 20_000) {
      const timed = read.rows.map((row) => ({ row, at: this.record(row.topic, row.partition, row.offset).timestampMs }))
      timed.sort((left, right) => (isNewest ? right.at - left.at : left.at - right.at))
      read.rows = timed.map(({ row }) => row)
    }
    read.scanned = isFiltered ? read.rows.length : Math.min(limit, read.rows.length)
    if (isFiltered) read.rows = read.rows.filter((row) => this.matches(request, row))
    if (request.isLatestPerKey) read.rows = this.latestOf(read.rows)
    read.rest = read.rows.slice(limit, limit + 20_000)
    read.rows.length = Math.min(read.rows.length, limit)
    read.bytesRead = read.scanned * 371
    this.reads.set(id, read)
    return id
  }

  /** What to tell about each read that moved; called by the host's tick. */
  tick(): ReadProgress[] {
    const progress: ReadProgress[] = []
    for (const [readId, read] of this.reads) {
      if (read.state === 'reading') {
        read.state = 'finished'
        progress.push(this.progress(readId, read))
      } else if (read.state === 'live') {
        let grew = false
        for (const view of this.viewsOf(read.request)) {
          const name = `${view.topic}-${view.partition}`
          const from = read.ends.get(name)
          if (from === undefined) continue
          for (let offset = from; offset < view.highWatermark; offset++) {
            const row = { topic: view.topic, partition: view.partition, offset }
            if (this.matches(read.request, row)) read.rows.push(row)
            read.scanned++
            read.bytesRead += 371
            grew = true
          }
          read.ends.set(name, Math.max(from, view.highWatermark))
          read.error =
            view.leader === null
              ? `${view.topic}-${view.partition} has no leader. The read goes on with the others and takes it up again.`
              : read.error
        }
        const over = read.rows.length - read.request.limit
        if (over > 0) {
          read.rows.splice(0, over)
          read.dropped += over
        }
        if (grew) progress.push(this.progress(readId, read))
      }
    }
    return progress
  }

  continue(readId: number, count: number): ReadProgress {
    const read = this.read(readId)
    read.rows.push(...read.rest.splice(0, count))
    read.state = read.request.start.kind === 'live' ? 'live' : 'reading'
    return this.progress(readId, read)
  }

  rows(
    readId: number,
    from: number,
    count: number,
    fields: readonly { part: 'key' | 'value'; path: string }[] = [],
  ): MessageRow[] {
    const read = this.read(readId)
    return read.rows
      .slice(from - read.dropped, from - read.dropped + count)
      .map((row, index) => this.row(row.topic, row.partition, row.offset, from + index, fields))
  }

  tryScript(script: string): ScriptTrial {
    const isBroken = script.split('(').length !== script.split(')').length
    if (isBroken) return { isKept: false, answer: '', error: "SyntaxError: Unexpected token ')'", elapsedMs: 3 }
    const isThrown = script.includes('lines[9]')
    const error = isThrown ? "TypeError: Cannot read properties of undefined (reading 'sku')" : null
    return { isKept: !isThrown, answer: isThrown ? 'undefined' : 'true', error, elapsedMs: 4 }
  }

  histogram(
    topics: readonly string[],
    bucketCount: number,
    range: { fromMs: number; toMs: number } | null,
  ): MessageHistogram | null {
    const views = topics.flatMap((topic) => this.cluster.partitionViews(topic))
    const total = views.reduce((sum, view) => sum + view.highWatermark - view.logStartOffset, 0)
    if (total === 0) return null
    const { fromMs, toMs } = range ?? { fromMs: this.now() - 4 * 60_000, toMs: this.now() }
    const counts = Array.from({ length: bucketCount }, (_, at) =>
      Math.round(40 + 60 * noise(1, at, 77) + (at > bucketCount * 0.85 ? 70 : 0)),
    )
    return { fromMs, toMs, counts }
  }

  private nextTaskId = 1
  /** Done at once; told in the next turn, as the real one does. */
  task(kind: MessageTask['kind'], readId: number, rows: readonly number[] | null): MessageTask {
    const read = this.read(readId)
    const totalCount = rows?.length ?? read.rows.length
    const last =
      kind === 'resend' ? { partition: read.rows[(rows?.[0] ?? 0) - read.dropped]?.partition ?? 0, offset: 884_873 } : null
    const bytesWritten = kind === 'export' ? totalCount * 412 : 0
    return {
      taskId: this.nextTaskId++,
      kind,
      state: 'finished',
      doneCount: totalCount,
      totalCount,
      failedCount: 0,
      bytesWritten,
      error: null,
      last,
    }
  }

  private viewsOf(request: ReadRequest) {
    const own = this.cluster
      .partitionViews(request.topic)
      .filter(({ partition }) => request.partitions?.includes(partition) ?? true)
    return [...own, ...(request.alsoTopics ?? []).flatMap((topic) => this.cluster.partitionViews(topic))]
  }

  private matches(request: ReadRequest, { topic, partition, offset }: FakeRow): boolean {
    return fakeMatches(request.filters ?? [], this.record(topic, partition, offset), partition, offset)
  }

  private latestOf(rows: readonly FakeRow[]): FakeRow[] {
    const latest = new Map<string, FakeRow>()
    for (const row of rows) {
      const { key } = this.record(row.topic, row.partition, row.offset)
      if (key !== null) latest.set(`${row.partition} ${key.join()}`, row)
    }
    return rows.filter((row) => [...latest.values()].includes(row))
  }

  detail(readId: number, index: number): MessageDetail {
    const read = this.read(readId)
    const at = read.rows[index - read.dropped]
    if (!at) throw new WorkbenchError('expected', 'ROW_GONE', `Row ${index} is not in this read any more.`)
    const record = this.record(at.topic, at.partition, at.offset)
    return {
      ...this.row(at.topic, at.partition, at.offset, index),
      timestampType: 'CreateTime',
      keyBytes: record.key,
      valueBytes: record.value,
      headers: record.headers,
      batch: {
        baseOffset: at.offset - (at.offset % 7),
        recordCount: 7,
        byteLength: 2418,
        compression: 'none',
        leaderEpoch: 8,
        producerId: '4007',
        producerEpoch: 0,
        baseSequence: at.offset % 1000,
        isTransactional: false,
      },
    }
  }

  stop(readId: number): ReadProgress {
    const read = this.read(readId)
    read.state = 'stopped'
    return this.progress(readId, read)
  }

  close(readId: number): void {
    this.reads.delete(readId)
  }

  progress(readId: number, read = this.read(readId)): ReadProgress {
    return {
      readId,
      state: read.state,
      rowCount: read.dropped + read.rows.length,
      droppedCount: read.dropped,
      bytesRead: read.bytesRead,
      scannedCount: read.scanned,
      expectedCount: read.request.start.kind === 'live' ? null : read.scanned,
      canContinue:
        read.state !== 'reading' && read.state !== 'live' && (read.rest.length > 0 || read.request.start.kind === 'live'),
      elapsedMs: this.now() - read.startedAtMs,
      error: read.error,
    }
  }

  private read(readId: number): OpenRead {
    const read = this.reads.get(readId)
    if (!read) throw new WorkbenchError('expected', 'READ_CLOSED', 'This read is closed. Read again.')
    return read
  }

  private row(
    topic: string,
    partition: number,
    offset: number,
    index: number,
    fields: readonly { part: 'key' | 'value'; path: string }[] = [],
  ): MessageRow {
    const record = this.record(topic, partition, offset)
    return {
      index,
      topic,
      partition,
      offset,
      timestamp: String(record.timestampMs),
      key: preview(record.key),
      value:
        record.value === undecodable
          ? {
              kind: 'undecodable',
              text: 'This batch cannot be decoded: its CRC is 0x4be1a90c, the bytes give 0x1f07d1e2',
              byteLength: record.value.length,
              isCut: false,
            }
          : preview(record.value),
      decodedKey: null,
      decodedValue: this.decodedPreview(topic, offset),
      headerCount: record.headers.length,
      fields: fields.map(({ part, path }) => fakeField(record, part, path)),
    }
  }

  /** Of one topic every record is written with a schema, and one in nine with an id that nobody knows. */
  private decodedPreview(topic: string, offset: number): MessageRow['decodedValue'] {
    if (topic !== 'customers') return null
    if (offset % 9 === 4) return { text: '', isCut: false, id: 99, version: null, problem: 'Schema id 99 is not registered' }
    return { text: `{"id":"cus_${offset}","email":null}`, isCut: false, id: 12, version: 1, problem: null }
  }

  decode(readId: number, index: number): CallResults['schemas.decode'] {
    const read = this.read(readId)
    const at = read.rows[index - read.dropped]
    const preview = this.decodedPreview(at?.topic ?? read.request.topic, at?.offset ?? 0)
    if (!preview) return { key: { kind: 'plain' }, value: { kind: 'plain' } }
    if (preview.problem !== null)
      return { key: { kind: 'plain' }, value: { kind: 'failed', decoder: 'Avro', reason: `${preview.problem}.`, id: preview.id } }
    const { text: json, id, version } = preview
    return {
      key: { kind: 'plain' },
      value: { kind: 'decoded', json, type: 'AVRO', id, subject: 'customers-value', version, recordName: 'com.acme.Customer' },
    }
  }

  private record(topic: string, partition: number, offset: number): WrittenRecord {
    const written = this.written.get(`${topic}-${partition}@${offset}`)
    if (written) return written
    const end = this.cluster.partition(topic, partition)?.replicas[0]?.logEndOffset ?? offset
    const rate = Math.max(0.2, (this.cluster.topics.get(topic)?.seed.messagesPerSecond ?? 6) / 6)
    const timestampMs = Math.round(this.now() - ((end - offset) / rate) * 1000 - noise(partition, offset, 3) * 400)
    const pick = noise(partition, offset, 1)
    const customer = Math.floor(noise(partition, offset, 2) * 0xffff_ffff).toString(36)
    const key = pick > 0.96 ? null : encoder.encode(`cus_${customer}`)
    const headers: MessageHeader[] = [
      {
        key: 'trace-id',
        value: encoder.encode(
          Math.floor(pick * 2 ** 52)
            .toString(16)
            .padStart(16, '0'),
        ),
      },
      { key: 'source', value: encoder.encode('checkout-web') },
    ]
    if (pick > 0.7)
      headers.push(
        { key: 'retry', value: encoder.encode('1') },
        { key: 'retry', value: encoder.encode('2') },
        { key: 'signature', value: Uint8Array.of(0x9f, 0x3c, 0, 0xe1, 0x7a, 0x42, 0xb0, 0x11, 0xc4) },
        { key: 'tenant', value: null },
      )
    let value: Uint8Array | null = encoder.encode(
      `{"orderId":72057${String(Math.floor(pick * 1e14)).padStart(14, '0')},"customerId":"cus_${customer}","status":"${statuses[offset % statuses.length]}","total":"${(noise(partition, offset, 4) * 1500).toFixed(2)}","currency":"EUR","lines":[{"sku":"KB-0441","qty":1,"unit":"899.00"},{"sku":"CB-1120","qty":3,"unit":"128.50"}],"coupon":null,"note":""}`,
    )
    if (pick < 0.03) value = null
    else if (pick < 0.06)
      value = Uint8Array.from({ length: 214 }, (_, index) => Math.floor(noise(partition, offset, index + 9) * 256))
    else if (pick < 0.08) value = new Uint8Array(0)
    else if (pick < 0.1) value = encoder.encode('cart abandoned at step 3,\u200b no e-mail was sent')
    else if (pick < 0.11) value = undecodable
    return { key, value, headers, timestampMs }
  }
}

export function preview(bytes: Uint8Array | null): PayloadPreview {
  if (bytes === null) return { kind: 'null', text: '', byteLength: 0, isCut: false }
  if (bytes.length === 0) return { kind: 'empty', text: '', byteLength: 0, isCut: false }
  try {
    const text = decoder.decode(bytes)
    return {
      kind: /^\s*[{[]/.test(text) ? 'json' : 'text',
      text: text.slice(0, 200),
      byteLength: bytes.length,
      isCut: text.length > 200,
    }
  } catch {
    const hex = [...bytes.slice(0, 24)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    return { kind: 'binary', text: hex, byteLength: bytes.length, isCut: bytes.length > 24 }
  }
}
