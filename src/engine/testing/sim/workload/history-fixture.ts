/** For tests of the history: one partition, records said in few words, and what the rules make of them. */
import { ClientError } from '../../../client'
import type { DecodedRecord } from '../../../wire/records'
import { History } from './history'
import { recordFor } from './record-content'
import type { SentRecord } from './sent-record'

export class BrokenRuleError extends Error {
  constructor(
    readonly rule: string,
    message: string,
  ) {
    super(message)
  }
}

export interface SendOptions {
  readonly acks?: 0 | 1 | -1
  readonly isIdempotent?: boolean
  readonly topic?: string
  readonly partition?: number
}

export class HistoryFixture {
  readonly counts = new Map<string, number>()
  /** What Kafka's rules let go, as long as it is set. */
  excuse: string | null = null
  nowMs = 0
  readonly history = new History({
    nowMs: () => this.nowMs,
    count: (name, by = 1) => this.counts.set(name, (this.counts.get(name) ?? 0) + by),
    excuse: () => this.excuse,
    violate: ({ rule, message }) => {
      throw new BrokenRuleError(rule, message)
    },
  })

  constructor(configs: Readonly<Record<string, string>> = {}) {
    this.history.onTopic('t', configs)
  }

  send(producer: string, options: SendOptions = {}): SentRecord {
    const { acks = -1, isIdempotent = false, topic = 't', partition = 0 } = options
    const id = { producer, topic, partition, counter: this.history.partition(topic, partition).nextCounter(producer) }
    return this.history.onSent(id, recordFor(id, 'key', 60, 1000n), acks, isIdempotent)
  }

  acknowledged(producer: string, offset: number, options: SendOptions = {}): SentRecord {
    const sent = this.send(producer, options)
    this.history.onDelivered(sent, offset)
    return sent
  }

  retried(producer: string): void {
    this.history.onRetry(producer, new ClientError('timeout', 'no answer', true, null, { isUnknownOutcome: true }))
  }

  failed(sent: SentRecord, isUnknownOutcome: boolean): void {
    this.history.onFailed(sent, new ClientError('timeout', 'no answer', true, null, { isUnknownOutcome }))
  }

  read(
    reader: string,
    offset: number,
    sent: SentRecord,
    change: Partial<DecodedRecord> = {},
    partition = sent.id.partition,
  ): void {
    const { key, value, headers, timestamp } = sent.record
    const record: DecodedRecord = {
      offset,
      timestamp: timestamp ?? 0n,
      key,
      value,
      headers: headers.map((header) => ({ ...header, keyBytes: Buffer.from(header.key) })),
      attributes: 0,
      ...change,
    }
    this.history.onRead(reader, sent.id.topic, partition, record)
  }

  readToEnd(reader: string, logStart: number, end: number): void {
    this.history.partition('t', 0).onReadToEnd(reader, logStart, end)
  }

  /** The words of the rule that `step` breaks, or null. */
  broken(step: () => void): string | null {
    try {
      step()
      return null
    } catch (error) {
      if (error instanceof BrokenRuleError) return error.rule
      throw error
    }
  }
}
