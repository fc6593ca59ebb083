/**
 * Keeps the page inside: no permission is granted, no navigation away, no second window, no request to anything but our own files. A link
 * to the outside opens in the person's browser, and only through the door here.
 */
import { app, type BrowserWindow, dialog, type Session, shell, type WebContents } from 'electron'
import type { Logger } from '../../workbench/services'
import { externalAddress, isOwnRequest } from './addresses'

export function guardSession(session: Session, devServer: string | null, log: Logger): void {
  // Before any window: with the checker on, Chromium fetches a dictionary at start, whatever the window's own preference says.
  session.setSpellCheckerEnabled(false)
  session.setSpellCheckerLanguages([])
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    log.warn('The page asked for a permission and did not get it', { permission })
    answer(false)
  })
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest((details, answer) => {
    const isOwn = isOwnRequest(details.url, devServer)
    if (!isOwn) {
      log.warn('A request to the outside was stopped', { url: details.url, resourceType: details.resourceType })
    }
    answer({ cancel: !isOwn })
  })
}

export function guardContents(openExternal: (url: string) => Promise<boolean>): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event, url) => {
      // A reload of the page itself is no navigation away.
      if (url !== contents.getURL()) {
        event.preventDefault()
        void openExternal(url)
      }
    })
    contents.setWindowOpenHandler(({ url }) => {
      void openExternal(url)
      return { action: 'deny' }
    })
  })
}

/**
 * The one door to the outside. An address of our own list opens in the person's browser after a question that shows it; any other does not. Nothing
 * of this app may send somebody elsewhere unseen, least of all a link in a record.
 */
export function createExternalDoor(window: () => BrowserWindow | null, log: Logger): (url: string) => Promise<boolean> {
  return async (url) => {
    const address = externalAddress(url)
    if (address === null) {
      log.warn('A link was not opened, because it leads to no address of the list', { url })
      return false
    }
    const question = {
      type: 'question' as const,
      title: 'Open in the browser',
      message: 'This opens in your browser, outside the workbench.',
      detail: address,
      buttons: ['Open in the browser', 'Stay here'],
      defaultId: 0,
      cancelId: 1,
    }
    const owner = window()
    const { response } = await (owner ? dialog.showMessageBox(owner, question) : dialog.showMessageBox(question))
    if (response !== 0) return false
    try {
      await shell.openExternal(address)
      return true
    } catch (error) {
      log.warn('The browser could not be opened', { url: address, error: String(error) })
      return false
    }
  }
}
