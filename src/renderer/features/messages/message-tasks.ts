/** Exports and resends of one read under way, as the view shows them: what was asked, how far it is, what came of it. */
import { onScopeDispose, shallowRef } from 'vue'
import type { ExportFormat, MessageTask } from '../../../shared/model/messages'
import type { Host } from '../../host/host'
import { messageOf } from '../cluster/store'

export interface ResendChoice {
  readonly topic: string
  readonly partition: number | 'same' | 'key'
  readonly keepsTimestamps: boolean
}

export interface ShownTask {
  readonly kind: MessageTask['kind']
  /** The file, or the topic. */
  readonly target: string
  readonly progress: MessageTask | null
  /** Why it could not even begin. */
  readonly refusal: string | null
}

const formats: Readonly<Record<ExportFormat, { readonly name: string; readonly extension: string }>> = {
  jsonl: { name: 'JSON Lines', extension: 'jsonl' },
  csv: { name: 'CSV', extension: 'csv' },
  raw: { name: 'Values, one a line', extension: 'txt' },
}

export function useMessageTasks(host: Host) {
  const shown = shallowRef<ShownTask | null>(null)
  let taskId: number | null = null
  let isStarting = false
  const early: MessageTask[] = []
  onScopeDispose(
    host.on('app.clientsEnded', ({ reason }) => {
      const { progress, refusal } = shown.value ?? { progress: null, refusal: null }
      if (taskId === null || !shown.value || refusal !== null || (progress !== null && progress.state !== 'running')) return
      const left = shown.value.kind === 'export' ? 'No file was written.' : `What was sent before stays in ${shown.value.target}.`
      shown.value = { ...shown.value, refusal: `It ended because the clients worker died (${reason}). ${left}` }
      taskId = null
    }),
  )
  onScopeDispose(
    host.on('messages.task', (task) => {
      if (isStarting) early.push(task)
      else if (task.taskId === taskId && shown.value) shown.value = { ...shown.value, progress: task }
    }),
  )

  async function begin(
    kind: MessageTask['kind'],
    target: string,
    start: () => Promise<{ readonly taskId: number }>,
  ): Promise<void> {
    isStarting = true
    early.length = 0
    shown.value = { kind, target, progress: null, refusal: null }
    try {
      taskId = (await start()).taskId
      const told = early.filter((task) => task.taskId === taskId).at(-1)
      if (told) shown.value = { kind, target, progress: told, refusal: null }
    } catch (error) {
      shown.value = { kind, target, progress: null, refusal: messageOf(error) }
    } finally {
      isStarting = false
    }
  }

  return {
    shown,
    /** Asks for a file first; nothing happens where the dialog is closed without one. */
    async exportRows(readId: number, rows: readonly number[] | null, format: ExportFormat, topic: string): Promise<void> {
      const { name, extension } = formats[format]
      try {
        const filters = [{ name, extensions: [extension] }]
        const chosen = await host.call('app.chooseSaveFile', {
          title: 'Export messages',
          suggestedName: `${topic}.${extension}`,
          filters,
        })
        if (chosen === null) return
        await begin('export', chosen.path, () => host.call('messages.export', { readId, rows, format, path: chosen.path }))
      } catch (error) {
        shown.value = { kind: 'export', target: topic, progress: null, refusal: messageOf(error) }
      }
    },
    resendRows: (readId: number, rows: readonly number[] | null, choice: ResendChoice): Promise<void> =>
      begin('resend', choice.topic, () => host.call('messages.resend', { readId, rows, ...choice })),
    async cancel(): Promise<void> {
      if (taskId !== null) await host.call('messages.cancelTask', { taskId }).catch(() => undefined)
    },
    forget: (): void => {
      shown.value = null
    },
  }
}
