/** Binds the contract to Electron's IPC: one channel for calls, one for events, and the sender is checked here and nowhere else. */
import { type BrowserWindow, type IpcMainInvokeEvent, ipcMain } from 'electron'
import { type CallName, callChannel, type EventName, type EventPayloads, eventChannel } from '../../shared/ipc/contract'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { Logger } from '../../workbench/services'
import { isOwnPage } from '../shell/addresses'
import { dispatch, type Services } from './dispatch'

export function bindCalls(options: {
  readonly devServer: string | null
  /** Waits for what is not up yet: the window opens before the cluster does. */
  readonly serviceFor: <N extends CallName>(name: N) => Promise<Services[N]>
  readonly log: Logger
}): void {
  ipcMain.handle(callChannel, (event, name: unknown, argument: unknown) => {
    if (!isFromOwnPage(event, options.devServer)) {
      options.log.error('A call from a page that is not ours was refused', { url: event.senderFrame?.url ?? null })
      throw new WorkbenchError('bug', 'FORBIDDEN', 'Only the window of the workbench may call it.')
    }
    return dispatch(name, argument, options.serviceFor, options.log)
  })
}

/** The page's own top frame; a frame inside it, which our policy forbids anyway, may not call. */
function isFromOwnPage(event: IpcMainInvokeEvent, devServer: string | null): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && isOwnPage(frame.url, devServer)
}

/** Sends to the window while there is one; an event that nobody hears is nobody's loss, since every view can be asked for. */
export function sendTo<N extends EventName>(window: BrowserWindow | null, name: N, payload: EventPayloads[N]): void {
  if (window !== null && !window.isDestroyed() && !window.webContents.isDestroyed()) {
    window.webContents.send(eventChannel, name, payload)
  }
}
