/**
 * Can readers with the draft read what is in a topic? Its newest messages are decoded with what they were written with and resolved to the
 * draft, as a consumer that was built with it would. Works in slices, so that reads and rows beside it are served.
 */
import type { EvolutionCheck, EvolutionFailure } from '../../shared/model/schemas'
import type { TopicRecord } from '../messages/topic-records'
import { pathOf, reasonOf, SchemaCodec } from './codecs'
import type { WholeDraft } from './drafts'
import type { RecordDecoder } from './record-decoder'
import type { WholeSchema } from './schema-texts'

const verdictsMax = 2_000
const failuresMax = 50
const sliceMs = 20

export interface EvolutionInput {
  readonly topic: string
  readonly draft: WholeDraft
  readonly records: readonly TopicRecord[]
  readonly decoder: RecordDecoder
  readonly monotonicMs: () => number
  /** Lets others have the thread. */
  readonly breathe: () => Promise<void>
}

/** The part of records that a subject's name speaks of. */
export function partOf(subject: string): 'key' | 'value' {
  return subject.endsWith('-key') ? 'key' : 'value'
}

/** Tombstones are not counted: nothing is decoded of them. */
export async function checkEvolution(input: EvolutionInput): Promise<EvolutionCheck> {
  const { topic, draft, records, decoder, monotonicMs, breathe } = input
  const startedAtMs = monotonicMs()
  const part = partOf(draft.subject)
  const readers = new DraftReaders(draft)
  const verdicts: boolean[] = []
  const firstFailures: EvolutionFailure[] = []
  let checkedCount = 0
  let failedCount = 0
  let sliceEndMs = startedAtMs + sliceMs
  for (const { partition, record } of records) {
    const bytes = record[part]
    if (bytes === null) continue
    if (monotonicMs() > sliceEndMs) {
      await breathe()
      sliceEndMs = monotonicMs() + sliceMs
    }
    const waiting = decoder.prepare([record])
    if (waiting !== null) await waiting
    const failure = readers.failureOf(decoder, topic, part, record)
    checkedCount++
    if (verdicts.length < verdictsMax) verdicts.push(failure === null)
    if (failure === null) continue
    failedCount++
    if (firstFailures.length < failuresMax) firstFailures.push({ partition, offset: record.offset, ...failure })
  }
  const elapsedMs = monotonicMs() - startedAtMs
  return { topic, checkedCount, okCount: checkedCount - failedCount, failedCount, verdicts, firstFailures, elapsedMs }
}

type Failure = Pick<EvolutionFailure, 'writtenWith' | 'field' | 'reason'>

/** A codec from each writer's schema to the draft. */
class DraftReaders {
  private readonly byWriter = new Map<WholeSchema, SchemaCodec>()
  private readonly plain: SchemaCodec

  constructor(private readonly draft: WholeDraft) {
    this.plain = new SchemaCodec(draft)
  }

  failureOf(decoder: RecordDecoder, topic: string, part: 'key' | 'value', record: TopicRecord['record']): Failure | null {
    const source = decoder.source(topic, part, record)
    switch (source.kind) {
      case 'plain':
        return this.plainFailure(source.payload)
      case 'unknown':
        return { writtenWith: null, field: '', reason: source.reason }
      case 'known': {
        const { schema, payload, messageIndexes, writtenWith } = source
        if (schema.type !== this.draft.type)
          return { writtenWith, field: '', reason: `It was written with ${schema.type} and the draft is ${this.draft.type}.` }
        return attempt(writtenWith, () => this.codecFrom(schema).decode(payload, messageIndexes))
      }
    }
  }

  /** Without a schema's mark: JSON has to be writable with the draft, other bytes have to be the draft's own encoding. */
  private plainFailure(payload: Uint8Array): Failure | null {
    const failure = attempt(null, () =>
      this.draft.type === 'AVRO' && looksLikeJson(payload)
        ? this.plain.encode(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8'))
        : this.plain.decode(payload, null),
    )
    return failure === null
      ? null
      : {
          ...failure,
          reason: `${failure.reason.replace(/\.$/, '')} (it carries no schema id and was tried with the draft alone)`,
        }
  }

  private codecFrom(writer: WholeSchema): SchemaCodec {
    let codec = this.byWriter.get(writer)
    if (codec === undefined) {
      codec = new SchemaCodec(writer, this.draft)
      this.byWriter.set(writer, codec)
    }
    return codec
  }
}

function attempt(writtenWith: Failure['writtenWith'], run: () => unknown): Failure | null {
  try {
    run()
    return null
  } catch (error) {
    return { writtenWith, field: pathOf(error), reason: reasonOf(error) }
  }
}

function looksLikeJson(payload: Uint8Array): boolean {
  for (const byte of payload.subarray(0, 64)) {
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) continue
    return byte === 0x7b || byte === 0x5b || byte === 0x22
  }
  return false
}
