/**
 * Keys and values of records seen through the schemas that wrote them: the mark (Confluent's prefix or the GUID header) names the schema, the
 * registry gives it, its codec is compiled once. A payload without a mark costs a look at its first byte. Rows are decoded without waiting
 * once their schemas are here; bytes are never changed.
 */
import { Kept } from '../../engine/schemas/kept'
import type { MessageIndexes, RecordPart } from '../../engine/schemas/serde'
import type { DecodedPreview } from '../../shared/model/messages'
import type { DecodedPayload, SchemaType } from '../../shared/model/schemas'
import { SchemaCodec, sayWhy } from './codecs'
import { describeMark, type GoodMark, type Mark, markOf, type PayloadRecord, payloadOf } from './marks'
import type { RegistryClient } from './registry-client'
import { RegistryRefusal } from './registry-http'
import type { VersionName } from './schema-catalog'
import type { SchemaTexts, WholeSchema } from './schema-texts'

interface KnownSchema {
  readonly codec: SchemaCodec
  readonly id: number | null
  readonly places: readonly VersionName[]
}
interface Missing {
  readonly reason: string
  /** The registry says that there is none: then the zero byte may be a binary payload's own. */
  readonly isUnknown: boolean
}

export type PayloadSource =
  | { readonly kind: 'plain'; readonly payload: Uint8Array }
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'known'
      readonly schema: WholeSchema
      /** null: its id stands under no subject. */
      readonly writtenWith: (VersionName & { readonly id: number }) | null
      readonly payload: Uint8Array
      readonly messageIndexes: MessageIndexes | null
    }

type Found = { readonly known: KnownSchema } | { readonly missing: Missing }

/** How long a page of rows waits for schemas; a registry that is slower has its rows told undecoded. */
const rowsWaitMs = 2_000
/** A row shows some hundred characters: of what is larger nobody sees more than the size. */
const previewPayloadMax = 256 * 1024
const previewCharactersMax = 512
const keptMax = 500

export class RecordDecoder {
  private readonly found = new Kept<string, Found>({ entriesMax: keptMax })
  private readonly codecs = new Kept<string, SchemaCodec>({ entriesMax: keptMax })
  private readonly asking = new Map<string, Promise<Found>>()

  constructor(
    private readonly client: RegistryClient,
    private readonly texts: SchemaTexts,
    private readonly pause: (ms: number) => Promise<void>,
  ) {}

  /** Something was written to the registry, or it came or went: where ids stand, and what is missing, is asked anew. */
  forget(): void {
    this.found.clear()
  }

  /** Another registry. */
  clear(): void {
    this.found.clear()
    this.codecs.clear()
  }

  /** Fetches what the records need; null where nothing is missing, so that plain topics wait for nothing. */
  prepare(records: readonly PayloadRecord[]): Promise<void> | null {
    const wanted = new Map<string, GoodMark>()
    for (const record of records) {
      for (const part of ['key', 'value'] as const) {
        const mark = markOf(part, record)
        if (mark !== null && mark.kind !== 'broken' && this.found.get(mark.key) === undefined) wanted.set(mark.key, mark)
      }
    }
    if (wanted.size === 0) return null
    const all = Promise.all([...wanted.values()].map((mark) => this.find(mark)))
    return Promise.race([all, this.pause(rowsWaitMs)]).then(() => undefined)
  }

  /** What a row shows; null: no mark, or not known in time. */
  preview(topic: string, part: RecordPart, record: PayloadRecord): DecodedPreview | null {
    const mark = markOf(part, record)
    const bytes = record[part]
    if (mark === null || bytes === null) return null
    if (mark.kind === 'broken') return { text: '', isCut: false, id: 0, version: null, problem: mark.reason }
    const found = this.found.get(mark.key)
    if (found === undefined) return null
    if ('missing' in found) {
      // Eight bytes are what a LongSerializer writes: without a schema of that id they are a number.
      if (found.missing.isUnknown && bytes.length === 8) return null
      return { text: '', isCut: false, id: idOf(mark, null), version: null, problem: found.missing.reason }
    }
    const { known } = found
    const head = { id: idOf(mark, known), version: placeOf(known, topic, part)?.version ?? null }
    if (bytes.length > previewPayloadMax) return { ...head, text: '', isCut: true, problem: null }
    try {
      const json = decodeWith(known, mark, bytes)
      return { ...head, text: cut(json), isCut: json.length > previewCharactersMax, problem: null }
    } catch (error) {
      return { ...head, text: '', isCut: false, problem: sayWhy(error) }
    }
  }

  /** The whole as JSON, without waiting: `prepare` first. null: no mark, not known in time, or it cannot be decoded. */
  json(part: RecordPart, record: PayloadRecord): string | null {
    const mark = markOf(part, record)
    const bytes = record[part]
    if (mark === null || bytes === null || mark.kind === 'broken') return null
    const found = this.found.get(mark.key)
    if (found === undefined || 'missing' in found) return null
    try {
      return decodeWith(found.known, mark, bytes)
    } catch {
      return null
    }
  }

  /** What a payload was written with, for those who decode it in their own way; `prepare` first. */
  source(topic: string, part: RecordPart, record: PayloadRecord): PayloadSource {
    const mark = markOf(part, record)
    const bytes = record[part] ?? new Uint8Array()
    if (mark === null) return { kind: 'plain', payload: bytes }
    if (mark.kind === 'broken') return { kind: 'unknown', reason: mark.reason }
    const found = this.found.get(mark.key)
    if (found === undefined) return { kind: 'unknown', reason: `The registry did not say what ${describeMark(mark)} is.` }
    if ('missing' in found) return { kind: 'unknown', reason: found.missing.reason }
    const { schema } = found.known.codec
    const place = placeOf(found.known, topic, part)
    const writtenWith = place === null ? null : { ...place, id: idOf(mark, found.known) }
    try {
      return { kind: 'known', schema, writtenWith, ...payloadOf(mark, bytes, found.known.codec.hasMessage) }
    } catch (error) {
      return { kind: 'unknown', reason: sayWhy(error) }
    }
  }

  /** The whole of it, with what was tried where it fails. */
  async decode(topic: string, part: RecordPart, record: PayloadRecord): Promise<DecodedPayload> {
    const mark = markOf(part, record)
    const bytes = record[part]
    if (mark === null || bytes === null) return { kind: 'plain' }
    if (mark.kind === 'broken') return { kind: 'failed', decoder: 'Schema GUID in a header', reason: mark.reason, id: null }
    const found = await this.find(mark)
    if ('missing' in found) {
      const id = mark.kind === 'id' ? mark.id : null
      return { kind: 'failed', decoder: describeMark(mark), reason: found.missing.reason, id }
    }
    const { known } = found
    const place = placeOf(known, topic, part)
    try {
      const json = decodeWith(known, mark, bytes)
      return {
        kind: 'decoded',
        json,
        type: known.codec.schema.type,
        id: idOf(mark, known),
        subject: place?.subject ?? null,
        version: place?.version ?? null,
        recordName: known.codec.recordName(messageIndexesOf(known, mark, bytes)),
      }
    } catch (error) {
      const name = place === null ? '' : ` (${place.subject} v${place.version})`
      const decoder = `${formatNames[known.codec.schema.type]} by ${describeMark(mark)}${name}`
      return { kind: 'failed', decoder, reason: sayWhy(error), id: known.id }
    }
  }

  private find(mark: GoodMark): Promise<Found> {
    const known = this.found.get(mark.key)
    if (known !== undefined) return Promise.resolve(known)
    const asked = this.asking.get(mark.key)
    if (asked !== undefined) return asked
    const asking = this.ask(mark).finally(() => this.asking.delete(mark.key))
    this.asking.set(mark.key, asking)
    return asking
  }

  private async ask(mark: GoodMark): Promise<Found> {
    try {
      const id = mark.kind === 'id' ? mark.id : await this.client.idOfGuid(mark.guid)
      const places = id === null ? [] : await this.client.placesOfId(id)
      const codec = this.codecs.get(mark.key) ?? (await this.compile(mark))
      const found: Found = { known: { codec, id, places } }
      this.found.set(mark.key, found)
      return found
    } catch (error) {
      const isUnknown = error instanceof RegistryRefusal && error.errorCode === 40403
      const reason = isUnknown
        ? `The registry has no schema with ${mark.kind === 'id' ? `id ${mark.id}` : `GUID ${mark.guid}`}. It was written with another registry, or these bytes are no schema's.`
        : (error as Error).message
      const found: Found = { missing: { reason, isUnknown } }
      // What the registry said holds until something is written to it; that it said nothing holds for this page.
      if (error instanceof RegistryRefusal) this.found.set(mark.key, found)
      return found
    }
  }

  private async compile(mark: GoodMark): Promise<SchemaCodec> {
    const schema = await (mark.kind === 'id' ? this.texts.ofId(mark.id) : this.texts.ofGuid(mark.guid))
    const codec = new SchemaCodec(schema)
    this.codecs.set(mark.key, codec)
    return codec
  }
}

const formatNames: Readonly<Record<SchemaType, string>> = { AVRO: 'Avro', JSON: 'JSON Schema', PROTOBUF: 'Protobuf' }

function idOf(mark: Mark, known: KnownSchema | null): number {
  return mark.kind === 'id' ? mark.id : (known?.id ?? 0)
}

/** The topic's own subject before others that share the schema. */
function placeOf({ places }: KnownSchema, topic: string, part: RecordPart): VersionName | null {
  return (
    places.find(({ subject }) => subject === `${topic}-${part}`) ??
    places.find(({ subject }) => subject.startsWith(topic)) ??
    places[0] ??
    null
  )
}

function decodeWith({ codec }: KnownSchema, mark: GoodMark, bytes: Uint8Array): string {
  const { payload, messageIndexes } = payloadOf(mark, bytes, codec.hasMessage)
  return codec.show(payload, messageIndexes)
}

function messageIndexesOf({ codec }: KnownSchema, mark: GoodMark, bytes: Uint8Array): MessageIndexes | null {
  return payloadOf(mark, bytes, codec.hasMessage).messageIndexes
}

/** Never between the two halves of a surrogate pair. */
function cut(json: string): string {
  if (json.length <= previewCharactersMax) return json
  const last = json.charCodeAt(previewCharactersMax - 1)
  return json.slice(0, last >= 0xd800 && last <= 0xdbff ? previewCharactersMax - 1 : previewCharactersMax)
}
