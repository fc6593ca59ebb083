/**
 * Kafka's protocol in words, one connection: `Fetch v16 #55 replica 2: t0-0 @105 epoch 3` and `Fetch #55: t0-0 105–106, high watermark 105`.
 * What a request was is remembered until its answer. Used by frame-trace.ts only.
 */
import { decodeRequestHeader } from '../../wire/frames'
import { skipTags } from '../../wire/headers'
import { Reader } from '../../wire/reader'
import type { AnyApi } from '../../wire/schema'
import { apiWords } from './api-words'
import { compactWords } from './compact-words'
import type { FrameWords } from './frame-trace'

interface Asked {
  readonly api: AnyApi
  readonly version: number
}

const PRODUCE = 0

export class KafkaFrameWords implements FrameWords {
  private readonly unanswered = new Map<number, Asked>()

  /** `topicNames` by topic id, shared by all connections: read here, and added to. */
  constructor(private readonly topicNames: Map<string, string>) {}

  request(frame: Buffer): string {
    const { apiKey, apiVersion, correlationId, clientId, api, isVersionSupported, body } = decodeRequestHeader(frame)
    const client = clientId === null || clientId === '' ? '' : ` (${clientId})`
    if (api === undefined || !isVersionSupported) return `API ${apiKey} v${apiVersion} #${correlationId}${client}`
    const decoded = api.request.decode(body, apiVersion)
    const isAnswered = api.key !== PRODUCE || (decoded as { readonly acks: number }).acks !== 0
    if (isAnswered) this.unanswered.set(correlationId, { api, version: apiVersion })
    const words = apiWords(api.key)
    const text = words === undefined ? compactWords(decoded) : words.request(decoded, this.topicNames)
    return `${api.name} v${apiVersion} #${correlationId}${client}${text === '' ? '' : ` ${text}`}`
  }

  response(frame: Buffer): string {
    const reader = new Reader(frame)
    const correlationId = reader.int32()
    const asked = this.unanswered.get(correlationId)
    if (asked === undefined) return `an answer to #${correlationId}, which was not asked`
    this.unanswered.delete(correlationId)
    const { api, version } = asked
    if (api.responseHeaderVersion(version) === 1) skipTags(reader)
    const decoded = api.response.decode(reader, version)
    const words = apiWords(api.key)
    return `${api.name} #${correlationId}: ${words === undefined ? compactWords(decoded) || 'ok' : words.response(decoded, this.topicNames)}`
  }
}
