/** Puts the bridge of the contract on the page, and nothing more: no logic, no Node, no Electron. The main process checks what comes. */
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import { type Bridge, callChannel, eventChannel } from '../shared/ipc/contract'

type Listener = (payload: unknown) => void

/** One listener on the channel for all of the page's: Electron warns of a leak at the eleventh, and each would see every event. */
const listeners = new Map<string, Set<Listener>>()
ipcRenderer.on(eventChannel, (_event: IpcRendererEvent, sent: string, payload: unknown) => {
  for (const listener of listeners.get(sent) ?? []) {
    listener(payload)
  }
})

const bridge: Bridge = {
  call: (name, argument) => ipcRenderer.invoke(callChannel, name, argument),
  on: (name, listener) => {
    const ofName = listeners.get(name) ?? new Set<Listener>()
    listeners.set(name, ofName)
    // An entry of its own, so that a listener given twice is called twice, and each is taken away for itself.
    const entry: Listener = (payload) => listener(payload as Parameters<typeof listener>[0])
    ofName.add(entry)
    return () => {
      ofName.delete(entry)
    }
  },
}

contextBridge.exposeInMainWorld('workbench', bridge)
