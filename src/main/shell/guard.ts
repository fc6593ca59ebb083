/**
 * Keeps the page inside: no permission is granted, no navigation away, no second window, no request to anything but our own files. A link
 * to the outside opens in the person's browser, and only through `openExternal` here.
 */
import { app, type Session, shell, type WebContents } from 'electron'
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

export function guardContents(log: Logger): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.on('will-navigate', (event, url) => {
      // A reload of the page itself is no navigation away.
      if (url !== contents.getURL()) {
        event.preventDefault()
        openExternal(url, log)
      }
    })
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url, log)
      return { action: 'deny' }
    })
  })
}

function openExternal(url: string, log: Logger): void {
  const address = externalAddress(url)
  if (address === null) {
    log.warn('A link was not opened, because it is not a plain https address', { url })
    return
  }
  shell
    .openExternal(address)
    .catch((error: unknown) => log.warn('The browser could not be opened', { url: address, error: String(error) }))
}
