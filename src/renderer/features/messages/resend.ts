/** Sends a record once more as it is, byte for byte, to its own partition, and says where it landed. */
import { onScopeDispose, ref } from 'vue'
import type { MessageDetail } from '../../../shared/model/messages'
import type { ProduceProgress, ProduceRequestInput } from '../../../shared/model/producing'
import type { Host } from '../../host/host'
import { messageOf } from '../cluster/store'
import { toExactInput } from './payload-text'

export type ResendState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly note: string | null }
  | { readonly kind: 'sent'; readonly topic: string; readonly partition: number; readonly offset: number }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }

export function exactRequest(record: MessageDetail): ProduceRequestInput {
  return {
    topic: record.topic,
    partition: record.partition,
    key: toExactInput(record.keyBytes),
    value: toExactInput(record.valueBytes),
    headers: record.headers.map((header) => ({ key: header.key, value: toExactInput(header.value) })),
    acks: -1,
    timestamp: null,
    compression: 'none',
    count: 1,
  }
}

export function useResend(host: Host) {
  const state = ref<ResendState>({ kind: 'idle' })
  let current: { runId: number | null; topic: string } | null = null
  const early: ProduceProgress[] = []
  onScopeDispose(
    host.on('produce.progress', (progress) => {
      if (current === null) return
      if (current.runId === null) early.push(progress)
      else if (progress.runId === current.runId) accept(progress, current.topic)
    }),
  )
  onScopeDispose(
    host.on('app.clientsEnded', ({ reason }) => {
      if (current === null) return
      current = null
      state.value = {
        kind: 'failed',
        name: 'Not known to be sent',
        message: `The clients worker died (${reason}). Read the topic again to see whether the record is there.`,
      }
    }),
  )

  function accept(progress: ProduceProgress, topic: string): void {
    if (progress.state === 'running') {
      state.value = { kind: 'running', note: progress.error ? `${progress.error.name}: ${progress.error.message}` : null }
      return
    }
    current = null
    if (progress.acknowledgedCount > 0 && progress.last)
      state.value = { kind: 'sent', topic, partition: progress.last.partition, offset: progress.last.offset }
    else
      state.value = {
        kind: 'failed',
        name: progress.error?.name ?? 'CANCELLED',
        message: progress.error?.message ?? 'Nothing was sent.',
      }
  }

  async function resend(record: MessageDetail): Promise<void> {
    if (current !== null) return
    current = { runId: null, topic: record.topic }
    early.length = 0
    state.value = { kind: 'running', note: null }
    try {
      const request = exactRequest(record)
      const { runId } = await host.call('produce.start', { ...request, headers: [...request.headers] })
      current = { runId, topic: record.topic }
      for (const progress of early.splice(0)) if (progress.runId === runId) accept(progress, record.topic)
    } catch (error) {
      current = null
      state.value = { kind: 'failed', name: 'Not sent', message: messageOf(error) }
    }
  }

  return {
    state,
    resend,
    forget: (): void => {
      if (current === null) state.value = { kind: 'idle' }
    },
  }
}
