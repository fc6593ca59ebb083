/**
 * Which records of a batch a read keeps: its filters, its script in the sandbox, and for "latest per key" which record is the last of its key. Asked by
 * ReadSession for one batch after the other; a batch may have to wait for schemas or for the sandbox.
 */
import type { DecodedRecord } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ReadRequest } from '../../shared/model/messages'
import { FilterSandbox, SandboxError, type SandboxRecord } from './filter-sandbox'
import type { RowDecoder } from './message-row'
import { compileFilters, type RecordFilter, type SeenRecord } from './record-filter'

/** A message to the sandbox costs some tens of microseconds, and what it is given is text. */
const sandboxRecordsMax = 500
const sandboxCharactersMax = 8_000_000

export class RecordSelection {
  private readonly filter: RecordFilter
  private readonly sandbox: FilterSandbox | null
  private readonly readsPayloads: boolean
  thrownCount = 0
  private firstThrown: string | null = null

  /** Throws BAD_FILTER. */
  constructor(
    request: Pick<ReadRequest, 'filters' | 'script'>,
    private readonly decoder: Pick<RowDecoder, 'prepare' | 'json'> | null,
  ) {
    const filters = request.filters ?? []
    const script = request.script ?? null
    this.filter = compileFilters(filters)
    const needsSandbox = script !== null || this.filter.patterns.length > 0
    this.sandbox = needsSandbox ? new FilterSandbox({ script, patterns: this.filter.patterns }) : null
    this.readsPayloads =
      script !== null || filters.some(({ field }) => field.kind === 'key' || field.kind === 'value' || field.kind === 'field')
  }

  /** In a sentence; null: it threw on none. */
  get problem(): string | null {
    if (this.thrownCount === 0) return null
    return `The script failed on ${this.thrownCount} ${this.thrownCount === 1 ? 'record, which is' : 'records, which are'} left out; first ${this.firstThrown}.`
  }

  /** The places of those that are kept, ascending. Rejects with a WorkbenchError where the sandbox gave up. */
  async keep(topic: string, partition: number, records: readonly DecodedRecord[], places: readonly number[]): Promise<number[]> {
    if (this.readsPayloads && this.decoder !== null) await this.decoder.prepare(records)
    const kept: number[] = []
    const seen: { place: number; record: SeenRecord }[] = []
    for (const place of places) {
      const record = records[place]
      if (record === undefined) continue
      const it = this.seen(topic, partition, record)
      if (!this.filter.test(it)) continue
      if (this.sandbox === null) kept.push(place)
      else seen.push({ place, record: it })
    }
    if (this.sandbox === null) return kept
    for (let from = 0; from < seen.length; ) {
      const batch: SandboxRecord[] = []
      let characters = 0
      while (from + batch.length < seen.length && batch.length < sandboxRecordsMax && characters < sandboxCharactersMax) {
        const next = this.forSandbox(seen[from + batch.length]!.record)
        characters += (next.key?.length ?? 0) + (next.value?.length ?? 0)
        batch.push(next)
      }
      const answer = await this.ask(this.sandbox, batch)
      for (const index of answer.kept) kept.push(seen[from + index]!.place)
      if (answer.thrown > 0) {
        const at = batch[answer.firstAt]
        this.firstThrown ??= `${answer.firstError}${at === undefined ? '' : ` at ${at.topic}-${at.partition} @ ${at.offset}`}`
        this.thrownCount += answer.thrown
      }
      from += batch.length
    }
    return kept
  }

  close(): void {
    this.sandbox?.close()
  }

  private async ask(sandbox: FilterSandbox, batch: readonly SandboxRecord[]) {
    try {
      return await sandbox.run(batch)
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error
      throw new WorkbenchError('expected', 'BAD_FILTER', `The filter was given up. ${error.message}`)
    }
  }

  private seen(topic: string, partition: number, record: DecodedRecord): SeenRecord {
    const { decoder } = this
    const known: { key?: string | null; value?: string | null } = {}
    return {
      topic,
      partition,
      record,
      json(part) {
        const before = known[part]
        if (before !== undefined) return before
        const json = decoder?.json(part, record) ?? null
        known[part] = json
        return json
      },
    }
  }

  private forSandbox(seen: SeenRecord): SandboxRecord {
    return { ...sandboxRecord(seen), texts: this.filter.patterns.map((pattern) => pattern.texts(seen)) }
  }
}

/** Text of what is text or has a schema; other bytes as their text in UTF-8, which is not exact. */
export function sandboxRecord({ topic, partition, record, json }: SeenRecord): SandboxRecord {
  return {
    topic,
    partition,
    offset: record.offset,
    timestamp: String(record.timestamp),
    key: json('key') ?? text(record.key),
    value: json('value') ?? text(record.value),
    headers: record.headers.map(({ key, value }) => [key, text(value)] as const),
    texts: [],
  }
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}
