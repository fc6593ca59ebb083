/** The reads that are open in the window, their records seen through schemas, and what is done with them. Lives in the clients worker. */
import type { KafkaClient } from '../../engine/client'
import type { DecodedRecord } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ScriptTrial } from '../../shared/model/messages'
import type { DecodedPayload } from '../../shared/model/schemas'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { FilterSandbox } from './filter-sandbox'
import { countOverTime } from './histogram'
import { toMessageDetail } from './message-detail'
import { type RowDecoder, toMessageRow } from './message-row'
import { MessageTasks } from './message-tasks'
import { ReadSession } from './read-session'
import { sandboxRecord } from './record-selection'

/** More open reads than a window has tabs: the oldest goes. */
const sessionsMax = 32

export interface RecordDecoding extends RowDecoder {
  /** The whole of a key or value, with what was tried where it fails; never rejects. */
  decode(topic: string, part: 'key' | 'value', record: DecodedRecord): Promise<DecodedPayload>
}

const plain: DecodedPayload = { kind: 'plain' }

export type MessagesHandlers = Pick<ClientHandlers, Extract<keyof ClientHandlers, `messages.${string}`> | 'schemas.decode'>

export function createMessagesService(
  client: KafkaClient,
  emit: Emit,
  decoding: RecordDecoding,
  idBase: number,
): MessagesHandlers {
  const sessions = new Map<number, ReadSession>()
  const tasks = new MessageTasks(client, (task) => emit('messages.task', task), decoding, idBase)
  let nextId = idBase + 1

  function session(readId: number): ReadSession {
    const found = sessions.get(readId)
    if (found === undefined) throw new WorkbenchError('expected', 'READ_CLOSED', 'This read is closed. Read again.')
    return found
  }

  function close(readId: number): undefined {
    sessions.get(readId)?.close()
    sessions.delete(readId)
  }

  return {
    'messages.open': (request) => {
      const id = nextId++
      const onProgress = (progress: Parameters<typeof emit<'messages.progress'>>[1]): void => {
        if (sessions.has(id)) emit('messages.progress', progress)
      }
      const opened = new ReadSession(id, client, request, onProgress, decoding)
      sessions.set(id, opened)
      if (sessions.size > sessionsMax) close(sessions.keys().next().value ?? id)
      // It reports its own failures as progress.
      void opened.run()
      return { readId: id }
    },
    'messages.continue': ({ readId, count }) => session(readId).continue(count) as undefined,
    'messages.rows': ({ readId, from, count, fields }) => {
      const rows = session(readId).rows(from, count)
      const toRows = () => rows.map((row) => toMessageRow(row, decoding, fields))
      const waiting = decoding.prepare(rows.flatMap(({ record }) => (record === null ? [] : [record])))
      return waiting === null ? toRows() : waiting.then(toRows)
    },
    'messages.detail': async ({ readId, index }) => {
      const row = session(readId).row(index)
      if (row.record !== null) await decoding.prepare([row.record])
      return toMessageDetail(row, decoding)
    },
    'messages.stop': ({ readId }) => session(readId).stop() as undefined,
    'messages.close': ({ readId }) => close(readId),
    'messages.tryScript': async ({ readId, index, script }) => {
      const { record, batch } = session(readId).row(index)
      if (record === null)
        throw new WorkbenchError('expected', 'UNDECODABLE', 'This record cannot be decoded, so a script is never asked about it.')
      await decoding.prepare([record])
      return tryScript(
        script,
        sandboxRecord({ topic: batch.topic, partition: batch.partition, record, json: (part) => decoding.json(part, record) }),
      )
    },
    'messages.histogram': ({ topics, bucketCount, range }) => countOverTime(client, topics, bucketCount, range),
    'messages.export': ({ readId, rows, format, path }) => ({ taskId: tasks.export(session(readId), rows, format, path) }),
    'messages.resend': ({ readId, rows, ...target }) => ({ taskId: tasks.resend(session(readId), rows, target) }),
    'messages.cancelTask': ({ taskId }) => tasks.cancel(taskId) as undefined,
    'schemas.decode': async ({ readId, index }) => {
      const { record, batch } = session(readId).row(index)
      if (record === null) return { key: plain, value: plain }
      const [key, value] = await Promise.all([
        decoding.decode(batch.topic, 'key', record),
        decoding.decode(batch.topic, 'value', record),
      ])
      return { key, value }
    },
  }
}

async function tryScript(script: string, record: Parameters<FilterSandbox['run']>[0][number]): Promise<ScriptTrial> {
  const sandbox = new FilterSandbox({ script, patterns: [] })
  const startedAtMs = performance.now()
  try {
    const { kept, answer, firstError } = await sandbox.run([record])
    return { isKept: kept.length > 0, answer, error: firstError, elapsedMs: performance.now() - startedAtMs }
  } catch (error) {
    return { isKept: false, answer: '', error: (error as Error).message, elapsedMs: performance.now() - startedAtMs }
  } finally {
    sandbox.close()
  }
}
