/** The gallery is the design system's documentation: it has to show every component, and what it shows has to be sound. */
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { h, nextTick } from 'vue'
import { accessibilityFaults } from '../testing/axe'
import * as ui from '../ui'
import UiGallery from './UiGallery.vue'

let mounted: VueWrapper | undefined
const show = (): VueWrapper => {
  mounted = mount(ui.UiProvider, { attachTo: document.body, slots: { default: () => h(UiGallery) } })
  return mounted
}
afterEach(() => mounted?.unmount())

// A machine that is busy with something else must not fail a test.
describe('the gallery', { timeout: 30_000 }, () => {
  it('shows every component of the design system', () => {
    const shown = show().text()
    // The provider goes around all of it.
    const components = Object.keys(ui).filter((name) => /^Ui[A-Z]/.test(name) && name !== 'UiProvider')
    expect(components.filter((name) => !shown.includes(name))).toEqual([])
  })
  it('has no fault of names, roles or nesting', async () => {
    show()
    expect(await accessibilityFaults(document.body)).toEqual([])
  })
  it('asks in a dialog that names itself and takes the focus', async () => {
    const page = show()
    await page
      .findAll('button')
      .find((button) => button.text() === 'Ask')
      ?.trigger('click')
    await nextTick()
    await nextTick()
    const dialog = document.querySelector('[role=dialog]')
    expect(dialog?.getAttribute('aria-labelledby')).toBeTruthy()
    expect(dialog?.contains(document.activeElement)).toBe(true)
    expect(dialog && (await accessibilityFaults(dialog))).toEqual([])
  })
  it('does what the newest notice offers at its key, once', async () => {
    show()
    const done: string[] = []
    const { show: tell, actNewest } = ui.useToasts()
    tell({ severity: 'ok', title: 'Deleted one', action: { label: 'Undo', run: () => done.push('one') } })
    tell({ severity: 'ok', title: 'Deleted two', action: { label: 'Undo', run: () => done.push('two') } })
    tell({ severity: 'info', title: 'Nothing to undo' })
    actNewest()
    actNewest()
    actNewest()
    expect(done).toEqual(['two', 'one'])
  })
})
