/**
 * The native menu. Its entries send a command to the page, which knows what to do; keys stand in the table that the page binds as well, so what a
 * person has changed is shown here too. They are shown and not registered where the platform allows it, so that a field with the focus keeps them.
 */
import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import { acceleratorOf, type KeyOverrides, withOverrides } from '../../shared/model/keys'
import type { Theme } from './window-settings'

export interface MenuOptions {
  readonly theme: Theme
  readonly keys: KeyOverrides
  readonly isDevelopment: boolean
  readonly isMac: boolean
  send(command: string): void
}

export function installMenu(options: Omit<MenuOptions, 'isMac'>): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate({ ...options, isMac: process.platform === 'darwin' }, `${app.name} ${app.getVersion()}`)),
  )
}

/** Pure, for its test: what the menu is made of. */
export function menuTemplate(options: MenuOptions, about: string): MenuItemConstructorOptions[] {
  const keys = new Map(withOverrides(options.keys).map((binding) => [binding.id, acceleratorOf(binding.keys)]))
  const command = (label: string, name: string): MenuItemConstructorOptions => {
    const accelerator = keys.get(name) ?? null
    return {
      label,
      id: name,
      click: () => options.send(name),
      ...(accelerator === null ? {} : { accelerator, registerAccelerator: false }),
    }
  }
  const theme = (label: string, value: Theme): MenuItemConstructorOptions => ({
    label,
    type: 'radio',
    checked: options.theme === value,
    click: () => options.send(`theme.${value}`),
  })
  const line: MenuItemConstructorOptions = { type: 'separator' }
  return [
    ...(options.isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('New topic…', 'topic.create'),
        command('New schema…', 'schema.create'),
        command('Add sample data…', 'sample.open'),
        line,
        command('Copy the bootstrap address', 'cluster.copyBootstrap'),
        command('Open the data folder', 'app.openDataDirectory'),
        line,
        command('Settings', 'view.settings'),
        line,
        command('Open the closed tab again', 'tab.reopen'),
        command('Close the tab', 'tab.close'),
        { role: options.isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        command('Go to or run', 'palette.open'),
        line,
        command('Cluster', 'view.cluster'),
        command('Topics', 'view.topics'),
        command('Produce', 'view.produce'),
        command('Consumer groups', 'view.groups'),
        command('Schemas', 'view.schemas'),
        command('Metrics', 'view.metrics'),
        command('Clients', 'view.clients'),
        command('Coordination', 'view.coordination'),
        line,
        command('Show or hide the list', 'frame.list'),
        command('Split, or move the tab across', 'pane.split'),
        line,
        { label: 'Theme', submenu: [theme('As the system', 'system'), theme('Light', 'light'), theme('Dark', 'dark')] },
        command('Larger', 'zoom.in'),
        command('Smaller', 'zoom.out'),
        command('Actual size', 'zoom.reset'),
        { role: 'togglefullscreen' },
        ...(options.isDevelopment ? ([line, { role: 'forceReload' }, { role: 'toggleDevTools' }] as const) : []),
      ],
    },
    {
      label: '&Window',
      submenu: [
        command('Next tab', 'tab.next'),
        command('Previous tab', 'tab.previous'),
        command('To the other pane', 'pane.other'),
        command('Back', 'tab.back'),
        command('Forward', 'tab.forward'),
        line,
        { role: 'minimize' },
        { role: 'zoom' },
      ],
    },
    {
      label: '&Help',
      submenu: [
        command('Keys of this view', 'help.keys'),
        command('Change keys', 'settings.keys'),
        line,
        { label: about, enabled: false },
      ],
    },
  ]
}
