/** The reads that are open in the window, and their records seen through schemas. Lives in the clients worker. */
import type { KafkaClient } from '../../engine/client'
import type { DecodedRecord } from '../../engine/wire/records'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { DecodedPayload } from '../../shared/model/schemas'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { type RowDecoder, toMessageRow } from './message-row'
import { ReadSession } from './read-session'

/** More open reads than a window has tabs: the oldest goes. */
const sessionsMax = 32

export interface RecordDecoding extends RowDecoder {
  /** The whole of a key or value, with what was tried where it fails; never rejects. */
  decode(topic: string, part: 'key' | 'value', record: DecodedRecord): Promise<DecodedPayload>
}

const plain: DecodedPayload = { kind: 'plain' }

export function createMessagesService(
  client: KafkaClient,
  emit: Emit,
  decoding: RecordDecoding,
): Pick<ClientHandlers, `messages.${'open' | 'rows' | 'detail' | 'stop' | 'close'}` | 'schemas.decode'> {
  const sessions = new Map<number, ReadSession>()
  let nextId = 1

  function session(readId: number): ReadSession {
    const found = sessions.get(readId)
    if (found === undefined) throw new WorkbenchError('expected', 'READ_CLOSED', 'This read is closed. Read again.')
    return found
  }

  function close(readId: number): undefined {
    sessions.get(readId)?.stop()
    sessions.delete(readId)
  }

  return {
    'messages.open': (request) => {
      const id = nextId++
      const opened = new ReadSession(id, client, request, (progress) => {
        if (sessions.has(id)) emit('messages.progress', progress)
      })
      sessions.set(id, opened)
      if (sessions.size > sessionsMax) close(sessions.keys().next().value ?? id)
      // It reports its own failures as progress.
      void opened.run()
      return { readId: id }
    },
    'messages.rows': ({ readId, from, count }) => {
      const open = session(readId)
      const rows = open.rows(from, count)
      const toRows = () => rows.map((row) => toMessageRow(row, open.topic, decoding))
      const waiting = decoding.prepare(rows.flatMap(({ record }) => (record === null ? [] : [record])))
      return waiting === null ? toRows() : waiting.then(toRows)
    },
    'messages.detail': async ({ readId, index }) => {
      const open = session(readId)
      const row = open.row(index)
      if (row.record !== null) await decoding.prepare([row.record])
      return open.detail(row, decoding)
    },
    'messages.stop': ({ readId }) => session(readId).stop() as undefined,
    'messages.close': ({ readId }) => close(readId),
    'schemas.decode': async ({ readId, index }) => {
      const open = session(readId)
      const { record } = open.row(index)
      if (record === null) return { key: plain, value: plain }
      const [key, value] = await Promise.all([
        decoding.decode(open.topic, 'key', record),
        decoding.decode(open.topic, 'value', record),
      ])
      return { key, value }
    },
  }
}
