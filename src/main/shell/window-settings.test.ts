import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WindowSettingsFile, windowBounds } from './window-settings'

const laptop = { x: 0, y: 0, width: 1600, height: 1000 }
const monitor = { x: 1600, y: 0, width: 2560, height: 1440 }

describe('window bounds', () => {
  test('are restored on the display where the window was', () => {
    const bounds = { x: 1800, y: 100, width: 1200, height: 800 }
    expect(windowBounds(bounds, [laptop, monitor])).toEqual(bounds)
  })

  test('fall back to the primary display when that display is gone', () => {
    expect(windowBounds({ x: 1800, y: 100, width: 1200, height: 800 }, [laptop])).toEqual({ width: 1440, height: 900 })
  })

  test('fall back when only a corner would be seen', () => {
    expect(windowBounds({ x: 1500, y: 900, width: 1200, height: 800 }, [laptop])).toEqual({ width: 1440, height: 900 })
  })

  test('never exceed a small display', () => {
    expect(windowBounds(null, [{ x: 0, y: 0, width: 1280, height: 720 }])).toEqual({ width: 1280, height: 720 })
  })
})

const unset = { theme: 'system' as const, bounds: null, isMaximized: false, zoomPercent: 100, timeZone: null, keys: {} }

describe('window settings', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'window-settings-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('are read again as they were written, and leave no other file behind', () => {
    const path = join(directory, 'profile', 'window.json')
    const set = {
      ...unset,
      theme: 'dark' as const,
      bounds: laptop,
      zoomPercent: 125,
      timeZone: 'UTC',
      keys: { 'palette.open': 'Ctrl P' },
    }
    new WindowSettingsFile(path).update(set)
    expect(new WindowSettingsFile(path).current).toEqual(set)
    expect(readdirSync(join(directory, 'profile'))).toEqual(['window.json'])
  })

  test.each(['', 'not json', '[]', '{"theme":"pink","bounds":{"x":"a"}}'])(
    'an unreadable file (%s) counts as none',
    (content) => {
      const path = join(directory, 'window.json')
      writeFileSync(path, content)
      expect(new WindowSettingsFile(path).current).toEqual(unset)
    },
  )
})
