/** Puts the bridge of the contract on the page, and nothing more: no logic, no Node, no Electron. The main process checks what comes. */
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import { type Bridge, callChannel, eventChannel } from '../shared/ipc/contract'

const bridge: Bridge = {
  call: (name, argument) => ipcRenderer.invoke(callChannel, name, argument),
  on: (name, listener) => {
    const onEvent = (_event: IpcRendererEvent, sent: unknown, payload: Parameters<typeof listener>[0]) => {
      if (sent === name) {
        listener(payload)
      }
    }
    ipcRenderer.on(eventChannel, onEvent)
    return () => {
      ipcRenderer.removeListener(eventChannel, onEvent)
    }
  },
}

contextBridge.exposeInMainWorld('workbench', bridge)
