/** Records of the fake cluster: made from partition and offset alone, so a row is the same whenever it is read. Used by FakeHost. */

import type { CallResults } from '../../../shared/ipc/contract'
import { WorkbenchError } from '../../../shared/ipc/errors'
import type {
  MessageDetail,
  MessageHeader,
  MessageRow,
  PayloadPreview,
  ReadProgress,
  ReadRequest,
} from '../../../shared/model/messages'
import type { FakeCluster } from './fake-cluster'

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

interface OpenRead {
  request: ReadRequest
  rows: { partition: number; offset: number }[]
  dropped: number
  state: ReadProgress['state']
  ends: Map<number, number>
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
      dropped: 0,
      state: request.start.kind === 'live' ? 'live' : 'reading',
      ends: new Map(),
      bytesRead: 0,
      startedAtMs: this.now(),
      error: null,
    }
    const starts: { partition: number; from: number; end: number }[] = []
    const isNewest = request.start.kind === 'newest'
    for (const view of this.cluster.partitionViews(request.topic)) {
      if (request.partitions && !request.partitions.includes(view.partition)) continue
      read.ends.set(view.partition, view.highWatermark)
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
              : Math.max(view.logStartOffset, view.highWatermark - start.count)
      starts.push({ partition: view.partition, from, end: view.highWatermark })
    }
    // Round the partitions, as a fetch answers; only what is small enough to be looked at is put in order of time.
    for (let step = 0, found = true; found && read.rows.length < request.limit * (isNewest ? starts.length : 1); step++) {
      found = false
      for (const { partition, from, end } of starts) {
        if (from + step >= end) continue
        found = true
        read.rows.push({ partition, offset: from + step })
      }
    }
    if (isNewest || read.rows.length < 20_000) {
      const timed = read.rows.map((row) => ({ row, at: this.record(request.topic, row.partition, row.offset).timestampMs }))
      timed.sort((left, right) => (isNewest ? right.at - left.at : left.at - right.at))
      read.rows = timed.map(({ row }) => row)
    }
    read.rows.length = Math.min(read.rows.length, request.start.kind === 'newest' ? request.start.count : request.limit)
    read.bytesRead = read.rows.length * 371
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
        for (const view of this.cluster.partitionViews(read.request.topic)) {
          const from = read.ends.get(view.partition)
          if (from === undefined) continue
          for (let offset = from; offset < view.highWatermark; offset++) {
            read.rows.push({ partition: view.partition, offset })
            read.bytesRead += 371
            grew = true
          }
          read.ends.set(view.partition, Math.max(from, view.highWatermark))
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

  rows(readId: number, from: number, count: number): MessageRow[] {
    const read = this.read(readId)
    return read.rows
      .slice(from - read.dropped, from - read.dropped + count)
      .map((row, index) => this.row(read.request.topic, row.partition, row.offset, from + index))
  }

  detail(readId: number, index: number): MessageDetail {
    const read = this.read(readId)
    const at = read.rows[index - read.dropped]
    if (!at) throw new WorkbenchError('expected', 'ROW_GONE', `Row ${index} is not in this read any more.`)
    const record = this.record(read.request.topic, at.partition, at.offset)
    return {
      ...this.row(read.request.topic, at.partition, at.offset, index),
      topic: read.request.topic,
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
      elapsedMs: this.now() - read.startedAtMs,
      error: read.error,
    }
  }

  private read(readId: number): OpenRead {
    const read = this.reads.get(readId)
    if (!read) throw new WorkbenchError('expected', 'READ_CLOSED', 'This read is closed. Read again.')
    return read
  }

  private row(topic: string, partition: number, offset: number, index: number): MessageRow {
    const record = this.record(topic, partition, offset)
    return {
      index,
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
    const preview = this.decodedPreview(read.request.topic, read.rows[index - read.dropped]?.offset ?? 0)
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
