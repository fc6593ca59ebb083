import type { MenuItemConstructorOptions } from 'electron'
import { describe, expect, test, vi } from 'vitest'
import { keyBindings } from '../../shared/model/keys'
import { menuTemplate } from './menu'

// Outside of Electron its package is a path.
vi.mock('electron', () => ({ app: {}, Menu: {} }))

const options = { theme: 'dark', keys: {}, isDevelopment: false, isMac: false, send: () => undefined } as const

function entries(template: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? entries(item.submenu) : [])])
}

describe('the native menu', () => {
  test('shows the key of every command that has one, as it was changed', () => {
    const found = entries(menuTemplate({ ...options, keys: { 'palette.open': 'Ctrl P', 'tab.close': '' } }, 'about'))
    const acceleratorOf = (id: string) => found.find((item) => item.id === id)?.accelerator
    expect(acceleratorOf('palette.open')).toBe('CommandOrControl+P')
    expect(acceleratorOf('tab.close')).toBeUndefined()
    expect(acceleratorOf('tab.reopen')).toBe('CommandOrControl+Shift+T')
  })
  test('registers no key of its own: the page has them, and a field with the focus keeps what is its', () => {
    const found = entries(menuTemplate(options, 'about')).filter((item) => item.accelerator !== undefined)
    expect(found.filter((item) => item.registerAccelerator !== false)).toEqual([])
  })
  test('holds every part of the workbench', () => {
    const ids = new Set(entries(menuTemplate(options, 'about')).map((item) => item.id))
    const views = keyBindings.map((binding) => binding.id).filter((id) => id.startsWith('view.'))
    expect(views.filter((id) => !ids.has(id))).toEqual([])
  })
  test('says which theme is set, and sends the other', () => {
    const sent: string[] = []
    const found = entries(menuTemplate({ ...options, send: (command) => sent.push(command) }, 'about'))
    expect(found.filter((item) => item.checked).map((item) => item.label)).toEqual(['Dark'])
    found.find((item) => item.label === 'Light')?.click?.({} as never, undefined, {} as never)
    expect(sent).toEqual(['theme.light'])
  })
})
