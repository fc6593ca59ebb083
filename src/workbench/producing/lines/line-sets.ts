/**
 * Files that are to be sent: every line is read and encoded before anything goes out, and what is wrong is told by line and column. Those
 * without fault are kept until they are sent, the last few of them, so that a run can be made again.
 */
import { randomInt } from 'node:crypto'
import { type KafkaClient, type ProducerRecord, pause } from '../../../engine/client'
import { WorkbenchError } from '../../../shared/ipc/errors'
import { partitionForKey } from '../../../shared/lang/murmur2'
import type { CsvMapping, LineProblem, LinesCheck, LinesRequest, ProducePreview } from '../../../shared/model/producing'
import { type EncoderFor, type PayloadEncoder, parseTimestamp, prepareEncoder } from '../record-encoder'
import { type CsvTable, guessMapping, readCsv, readCsvRow } from './csv-lines'
import { readJsonLine, readRecordLine, readTextLine } from './json-lines'
import type { LinePayload, LineRecord, ReadLine } from './line-record'

const problemsMax = 100
const previewCount = 5
const previewCharactersMax = 400
/** So many lines are read before others of this thread get their turn. */
const linesPerTurn = 2_000
const setsMax = 4
const setsBytesMax = 256 * 1024 * 1024
/** The most that randomInt takes; ids are whole numbers in JSON. */
const firstIdMax = 2 ** 48 - 1

interface LineSet {
  readonly records: readonly Omit<ProducerRecord, 'topic'>[]
  readonly byteCount: number
}

export class LineSets {
  private readonly sets = new Map<number, LineSet>()
  /** Runs are kept over a restart and lines are not: counted from 1, yesterday's run would name a file of today. */
  private nextId = randomInt(1, firstIdMax)

  constructor(
    private readonly client: KafkaClient,
    private readonly encoderFor: EncoderFor,
  ) {}

  has(linesId: number): boolean {
    return this.sets.has(linesId)
  }

  /** Throws where they are gone: only the last few are kept, and none over a restart. */
  get(linesId: number, name: string): readonly Omit<ProducerRecord, 'topic'>[] {
    const set = this.sets.get(linesId)
    if (set === undefined)
      throw new WorkbenchError('expected', 'LINES_GONE', `The lines of ${name} are not kept any more. Choose the file again.`)
    return set.records
  }

  async check(request: LinesRequest): Promise<LinesCheck> {
    const [key, value] = await Promise.all([
      prepareEncoder(request.key, 'key', this.encoderFor),
      prepareEncoder(request.value, 'value', this.encoderFor),
    ])
    const table = request.kind === 'csv' ? readCsv(request.text) : null
    const mapping = table === null ? null : (request.mapping ?? guessMapping(table.columns))
    const partitionCount = await this.partitionCountOf(request.topic)
    const found: Found = { records: [], problems: [], problemCount: 0, byteCount: 0, preview: [] }
    for (const fault of table?.faults ?? []) note(found, fault)
    let seen = 0
    for (const read of table === null ? linesOf(request) : rowsOf(table, mapping!)) {
      if (++seen % linesPerTurn === 0) await pause(this.client.platform.clock, 1)
      if (read === null) continue
      if (!read.ok) note(found, read.fault)
      else take(found, read.record, { key, value, partitionCount })
    }
    if (found.records.length === 0 && found.problemCount === 0)
      note(found, {
        line: 1,
        column: 1,
        message: table === null ? 'There is no line in it.' : 'There is no row below the header.',
      })
    const linesId = this.nextId++
    if (found.problemCount === 0) this.keep(linesId, { records: found.records, byteCount: found.byteCount })
    return {
      linesId,
      count: found.records.length,
      byteCount: found.byteCount,
      problems: found.problems,
      problemCount: found.problemCount,
      columns: table?.columns ?? [],
      mapping,
      preview: found.preview,
    }
  }

  private keep(linesId: number, set: LineSet): void {
    this.sets.set(linesId, set)
    const sum = () => [...this.sets.values()].reduce((bytes, each) => bytes + each.byteCount, 0)
    while (this.sets.size > setsMax || (this.sets.size > 1 && sum() > setsBytesMax))
      this.sets.delete(this.sets.keys().next().value!)
  }

  private async partitionCountOf(topic: string): Promise<number | null> {
    if (topic === '') return null
    const known = await this.client.metadata([topic]).catch(() => null)
    return known?.topics.get(topic)?.partitions.length || null
  }
}

interface Found {
  readonly records: Omit<ProducerRecord, 'topic'>[]
  readonly problems: LineProblem[]
  problemCount: number
  byteCount: number
  readonly preview: ProducePreview[]
}

function* linesOf({ kind, text }: LinesRequest): Iterable<ReadLine | null> {
  const read = kind === 'records' ? readRecordLine : kind === 'json' ? readJsonLine : readTextLine
  let line = 0
  for (let from = 0; from <= text.length; ) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    line++
    const source = text.slice(line === 1 && text.startsWith('\ufeff') ? 1 : from, text[to - 1] === '\r' ? to - 1 : to)
    yield read(line, source)
    from = to + 1
  }
}

function* rowsOf(table: CsvTable, mapping: CsvMapping): Iterable<ReadLine> {
  for (const row of table.rows) yield readCsvRow(row, table.columns, mapping)
}

function note(found: Found, problem: LineProblem): void {
  found.problemCount++
  if (found.problems.length < problemsMax) found.problems.push(problem)
}

function take(
  found: Found,
  read: LineRecord,
  how: { readonly key: PayloadEncoder; readonly value: PayloadEncoder; readonly partitionCount: number | null },
): void {
  const { line, keyColumn, valueColumn } = read
  const { partitionCount } = how
  let column = keyColumn
  try {
    const key = bytesOf(read.key, how.key)
    column = valueColumn
    const value = bytesOf(read.value, how.value)
    column = 1
    const headers = read.headers.map((header) => ({ key: header.key, value: bytesOf(header.value, Buffer.from) }))
    const timestamp = read.timestamp === null ? null : parseTimestamp(read.timestamp)
    if (read.partition !== null && partitionCount !== null && read.partition >= partitionCount)
      throw new WorkbenchError(
        'expected',
        'NO_PARTITION',
        `There is no partition ${read.partition}: the topic has 0 to ${partitionCount - 1}.`,
      )
    found.records.push({ partition: read.partition, key, value, headers, timestamp })
    found.byteCount += (key?.length ?? 0) + (value?.length ?? 0)
    if (found.preview.length >= previewCount) return
    found.preview.push({
      index: found.preview.length,
      key: textOf(read.key),
      value: textOf(read.value),
      headers: read.headers.map((header) => ({ key: header.key, value: textOf(header.value) })),
      partition: read.partition ?? (key === null || partitionCount === null ? null : partitionForKey(key, partitionCount)),
      problem: null,
    })
  } catch (error) {
    note(found, { line, column, message: (error as Error).message })
  }
}

function bytesOf(payload: LinePayload, encode: (text: string) => Uint8Array | null): Uint8Array | null {
  if (payload === null) return null
  return 'bytes' in payload ? payload.bytes : encode(payload.text)
}

function textOf(payload: LinePayload): string | null {
  if (payload === null) return null
  return 'bytes' in payload ? Buffer.from(payload.bytes).toString('hex') : payload.text.slice(0, previewCharactersMax)
}
