import { beforeEach, describe, expect, it } from 'vitest'
import { createBench } from '../../testing/render'
import { bindKeys, chordOf } from './keys'
import { matchText } from './match'
import { useTabsStore } from './tabs-store'

describe('tabs', () => {
  beforeEach(() => createBench({ scenario: 'full' }))

  it('reuse the preview tab until it is kept', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders')
    tabs.openTopic('payments')
    expect(tabs.tabs.map((tab) => tab.id)).toEqual(['cluster', 'topic:payments'])
    tabs.keep('topic:payments')
    tabs.openTopic('orders')
    expect(tabs.tabs.map((tab) => [tab.id, tab.isPreview])).toEqual([
      ['cluster', false],
      ['topic:payments', false],
      ['topic:orders', true],
    ])
  })
  it('a draft keeps its preview tab', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders')
    tabs.setDraft('topic:orders', true)
    tabs.openTopic('payments')
    expect(tabs.tabs).toHaveLength(3)
  })
  it('go back and forward, past tabs that were closed', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders', { keep: true })
    tabs.openTopics()
    tabs.openTopic('payments', { keep: true })
    tabs.close('topics')
    tabs.back()
    expect(tabs.activeId).toBe('topic:orders')
    tabs.forward()
    expect(tabs.activeId).toBe('topic:payments')
  })
  it('closing the one in front goes to where one came from', () => {
    const tabs = useTabsStore()
    tabs.openTopics()
    tabs.openTopic('orders')
    tabs.close('topic:orders')
    expect(tabs.activeId).toBe('topics')
    tabs.close('topics')
    tabs.close('cluster')
    expect(tabs.tabs.map((tab) => tab.id)).toEqual(['cluster'])
  })
})

describe('keys', () => {
  const press = (over: Partial<KeyboardEvent> & { key: string }) =>
    chordOf({ ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...over })

  it('are read as they are printed', () => {
    expect(press({ key: 'k', ctrlKey: true })).toBe('Ctrl K')
    expect(press({ key: 'k', metaKey: true })).toBe('Ctrl K')
    expect(press({ key: 'B', ctrlKey: true, shiftKey: true })).toBe('Ctrl Shift B')
    expect(press({ key: '?', shiftKey: true })).toBe('?')
    expect(press({ key: 'ArrowLeft', altKey: true })).toBe('Alt Left')
    expect(press({ key: 'N', shiftKey: true })).toBe('Shift N')
  })
  it('of one letter wait while a field has the focus, those with Ctrl do not', () => {
    const ran: string[] = []
    const stop = bindKeys((command) => ran.push(command))
    const field = document.body.appendChild(document.createElement('input'))
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }))
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }))
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }))
    stop()
    field.remove()
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'n', bubbles: true }))
    expect(ran).toEqual(['palette.open', 'topic.create'])
  })
})

describe('the palette’s match', () => {
  it('wants every word and prefers the start of a part', () => {
    expect(matchText('ord', 'inventory')).toBeNull()
    expect(
      matchText('ev v2', 'audit.events.v2')
        ?.pieces.filter((piece) => piece.isHit)
        .map((piece) => piece.text),
    ).toEqual(['ev', 'v2'])
    const start = matchText('ord', 'orders')?.score ?? 0
    const part = matchText('ord', 'my.orders')?.score ?? 0
    const inside = matchText('ord', 'records')?.score ?? 0
    expect(start).toBeGreaterThan(part)
    expect(part).toBeGreaterThan(inside)
  })
  it('gives the text back whole', () => {
    expect(
      matchText('o r', 'orders')
        ?.pieces.map((piece) => piece.text)
        .join(''),
    ).toBe('orders')
  })
})
