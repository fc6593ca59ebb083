/**
 * What is done with many records of a read in the background: written to a file, or sent again byte for byte. Tells of its progress a few times a
 * second and ends when cancelled. A file is written beside its place and moved there when whole, so none is ever half an export. Lives in the clients worker.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { type KafkaClient, Producer } from '../../engine/client'
import type { DecodedRecord } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ExportFormat, MessageTask } from '../../shared/model/messages'
import { csvHead, csvLine, type ExportedRecord, jsonLine, rawLine } from './export-format'
import type { RowDecoder } from './message-row'
import type { ReadSession } from './read-session'
import type { StoredRow } from './row-store'

const progressIntervalMs = 200
const rowsPerTurn = 500
/** Sent and not acknowledged: the queue of a producer is kept short, so that cancelling is soon. */
const inFlightMax = 2_000

export interface ResendTarget {
  readonly topic: string
  readonly partition: number | 'same' | 'key'
  readonly keepsTimestamps: boolean
}

export class MessageTasks {
  private readonly running = new Map<number, Task>()
  private nextId: number

  constructor(
    private readonly client: KafkaClient,
    private readonly tell: (task: MessageTask) => void,
    private readonly decoder: RowDecoder,
    idBase = 0,
  ) {
    this.nextId = idBase + 1
  }

  export(read: ReadSession, rows: readonly number[] | null, format: ExportFormat, path: string): number {
    return this.start('export', read, rows, async (task, each) => {
      // A name of its own, and never one that is there: it is nobody else's file, and no other export's to the same place.
      const partial = `${path}.${randomBytes(6).toString('hex')}.part`
      const file = createWriteStream(partial, { flags: 'wx' })
      const failed = once(file, 'error').then(([error]) => Promise.reject(error as Error))
      // Told where it is awaited, and nowhere else.
      failed.catch(() => undefined)
      const write = async (chunk: string | Uint8Array): Promise<void> => {
        task.bytesWritten += chunk.length
        if (!file.write(chunk)) await Promise.race([once(file, 'drain'), failed])
      }
      try {
        if (format === 'csv') await write(csvHead)
        await each(async (page) => {
          const exported = await this.exported(page)
          if (format === 'raw') for (const record of exported) await write(rawLine(record))
          else await write(exported.map(format === 'csv' ? csvLine : jsonLine).join(''))
          // A batch that cannot be decoded has no record to write: an export that lacks one must not call itself complete.
          for (const { record, batch } of page) {
            if (record === null) {
              task.failedCount++
              task.error ??= `${batch.topic}-${batch.partition} @ ${batch.header.baseOffset} cannot be decoded and is not in the file.`
            } else task.doneCount++
          }
        })
        await Promise.race([new Promise<void>((resolve) => file.end(resolve)), failed])
        if (task.state === 'running') await rename(partial, path)
        else await rm(partial, { force: true })
      } catch (error) {
        file.destroy()
        await rm(partial, { force: true })
        throw new WorkbenchError('expected', 'NOT_WRITTEN', `${path} could not be written: ${(error as Error).message}.`)
      }
    })
  }

  resend(read: ReadSession, rows: readonly number[] | null, target: ResendTarget): number {
    return this.start('resend', read, rows, async (task, each) => {
      const producer = new Producer({ client: this.client, acks: -1, isIdempotent: true })
      const partitionCount = (await this.client.metadata([target.topic])).topics.get(target.topic)?.partitions.length ?? 0
      if (partitionCount === 0) throw new WorkbenchError('expected', 'NO_TOPIC', `There is no topic ${target.topic}.`)
      const inFlight = new Set<Promise<void>>()
      try {
        await each(async (page) => {
          for (const { record, batch } of page) {
            // A batch that cannot be decoded has no record to send.
            if (record === null) {
              task.failedCount++
              task.error ??= `${batch.topic}-${batch.partition} @ ${batch.header.baseOffset} cannot be decoded and was not sent.`
              continue
            }
            const partition = target.partition === 'same' ? batch.partition : target.partition === 'key' ? null : target.partition
            if (partition !== null && partition >= partitionCount) {
              task.failedCount++
              task.error ??= `${target.topic} has partitions 0 to ${partitionCount - 1}, no ${partition}. Send by key, or to a topic with as many.`
              continue
            }
            const sending: Promise<void> = this.send(producer, record, target, partition, task).finally(() =>
              inFlight.delete(sending),
            )
            inFlight.add(sending)
            while (inFlight.size >= inFlightMax) await Promise.race(inFlight)
          }
        })
        await Promise.all(inFlight)
      } finally {
        producer.close()
      }
    })
  }

  cancel(taskId: number): void {
    const task = this.running.get(taskId)
    if (task?.state === 'running') task.state = 'cancelled'
  }

  private start(
    kind: MessageTask['kind'],
    read: ReadSession,
    rows: readonly number[] | null,
    work: (task: Task, each: (take: (page: StoredRow[]) => Promise<void>) => Promise<void>) => Promise<void>,
  ): number {
    // A live read goes on meanwhile: what it has now is what is taken.
    const [first, end] = read.bounds
    const total = rows?.length ?? end - first
    const task = new Task(this.nextId++, kind, total)
    this.running.set(task.id, task)
    const each = async (take: (page: StoredRow[]) => Promise<void>): Promise<void> => {
      for (let at = 0; at < total && task.state === 'running'; at += rowsPerTurn) {
        const page: StoredRow[] = []
        for (let place = at; place < Math.min(total, at + rowsPerTurn); place++) {
          const row = read.rows(rows === null ? first + place : (rows[place] ?? 0), 1)[0]
          if (row === undefined) {
            task.failedCount++
            task.error ??= 'Some records are not kept by the read any more.'
          } else page.push(row)
        }
        await take(page)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    void this.run(task, work, each)
    return task.id
  }

  private async run(
    task: Task,
    work: (task: Task, each: (take: (page: StoredRow[]) => Promise<void>) => Promise<void>) => Promise<void>,
    each: (take: (page: StoredRow[]) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const { clock } = this.client.platform
    let timer: { cancel(): void } | null = null
    const tick = (): void => {
      timer = clock.setTimer(progressIntervalMs, () => {
        this.tell(task.told())
        tick()
      })
    }
    tick()
    try {
      await work(task, each)
      if (task.state === 'running') task.state = task.failedCount > 0 ? 'failed' : 'finished'
    } catch (error) {
      task.state = 'failed'
      task.error = (error as Error).message
    }
    ;(timer as { cancel(): void } | null)?.cancel()
    this.running.delete(task.id)
    this.tell(task.told())
  }

  private async exported(page: readonly StoredRow[]): Promise<ExportedRecord[]> {
    const records = page.flatMap(({ record }) => (record === null ? [] : [record]))
    await this.decoder.prepare(records)
    return page.flatMap(({ record, batch }) => {
      if (record === null) return []
      const { topic, partition, header } = batch
      const keyJson = this.decoder.json('key', record)
      const valueJson = this.decoder.json('value', record)
      return [{ topic, partition, record, timestampType: header.timestampType, keyJson, valueJson }]
    })
  }

  private async send(
    producer: Producer,
    record: DecodedRecord,
    target: ResendTarget,
    partition: number | null,
    task: Task,
  ): Promise<void> {
    try {
      const delivery = await producer.send({
        topic: target.topic,
        partition,
        key: record.key,
        value: record.value,
        headers: record.headers,
        timestamp: target.keepsTimestamps && record.timestamp >= 0n ? record.timestamp : null,
      })
      task.doneCount++
      task.last = { partition: delivery.partition, offset: delivery.offset }
    } catch (error) {
      task.failedCount++
      task.error ??= (error as Error).message
    }
  }
}

class Task {
  state: MessageTask['state'] = 'running'
  doneCount = 0
  failedCount = 0
  bytesWritten = 0
  error: string | null = null
  last: { readonly partition: number; readonly offset: number } | null = null

  constructor(
    readonly id: number,
    readonly kind: MessageTask['kind'],
    readonly totalCount: number,
  ) {}

  told(): MessageTask {
    const { id, kind, state, doneCount, totalCount, failedCount, bytesWritten, error, last } = this
    return { taskId: id, kind, state, doneCount, totalCount, failedCount, bytesWritten, error, last }
  }
}
