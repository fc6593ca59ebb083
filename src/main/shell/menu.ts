/**
 * The native menu. Its entries send a command to the page, which knows what to do; keys that the page handles itself are shown here and
 * not registered, so that a field with the focus keeps them.
 */
import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { Theme } from './window-settings'

export function installMenu(options: {
  readonly theme: Theme
  readonly isDevelopment: boolean
  send(command: string): void
}): void {
  const command = (label: string, name: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => options.send(name),
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
  })
  const theme = (label: string, value: Theme): MenuItemConstructorOptions => ({
    label,
    type: 'radio',
    checked: options.theme === value,
    click: () => options.send(`theme.${value}`),
  })
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('New topic…', 'topic.create'),
        command('Produce…', 'view.produce', 'CommandOrControl+3'),
        { type: 'separator' },
        command('Copy bootstrap address', 'cluster.copyBootstrap', 'CommandOrControl+Shift+B'),
        command('Open data directory', 'app.openDataDirectory'),
        { type: 'separator' },
        { role: process.platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        command('Command palette', 'palette.open', 'CommandOrControl+K'),
        { type: 'separator' },
        command('Cluster', 'view.cluster', 'CommandOrControl+1'),
        command('Topics', 'view.topics', 'CommandOrControl+2'),
        { type: 'separator' },
        { label: 'Theme', submenu: [theme('As the system', 'system'), theme('Light', 'light'), theme('Dark', 'dark')] },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(options.isDevelopment ? ([{ type: 'separator' }, { role: 'forceReload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    { label: '&Window', submenu: [{ role: 'minimize' }, { role: 'zoom' }] },
    {
      label: '&Help',
      submenu: [command('Keys of this view', 'help.keys', '?'), { label: `${app.name} ${app.getVersion()}`, enabled: false }],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
