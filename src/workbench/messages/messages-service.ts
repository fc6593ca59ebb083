/** The reads that are open in the window. Lives in the clients worker. */
import type { KafkaClient } from '../../engine/client'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { ClientHandlers } from '../rpc'
import type { Emit } from '../services'
import { ReadSession } from './read-session'

/** More open reads than a window has tabs: the oldest goes. */
const sessionsMax = 32

export interface MessagesService {
  readonly handlers: Pick<ClientHandlers, `messages.${'open' | 'rows' | 'detail' | 'stop' | 'close'}`>
  /** An open read. Throws READ_CLOSED. */
  readonly session: (readId: number) => ReadSession
}

export function createMessagesService(client: KafkaClient, emit: Emit): MessagesService {
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
    session,
    handlers: {
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
      'messages.rows': ({ readId, from, count }) => session(readId).rows(from, count),
      'messages.detail': ({ readId, index }) => session(readId).detail(index),
      'messages.stop': ({ readId }) => session(readId).stop() as undefined,
      'messages.close': ({ readId }) => close(readId),
    },
  }
}
