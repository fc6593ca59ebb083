import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acceleratorOf } from '../../../shared/model/keys'
import { createBench } from '../../testing/render'
import type { Command } from './commands'
import { bindKeys, chordOf, keyBindings, keyOverrides, printedKeys } from './keys'
import { matchText } from './match'
import { findCommands } from './palette-search'
import { useTabsStore } from './tabs-store'
import { parseWindowState } from './window-state'

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

describe('two panes', () => {
  beforeEach(() => createBench({ scenario: 'full' }))

  it('put the tab beside, and each pane opens its own', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders', { keep: true })
    tabs.splitOrMove()
    expect(tabs.front).toEqual(['cluster', 'topic:orders'])
    tabs.openTopics()
    expect(tabs.inPane(1).map((tab) => tab.id)).toEqual(['topic:orders', 'topics'])
    tabs.focusOtherPane()
    tabs.openSchemas()
    expect(tabs.inPane(0).map((tab) => tab.id)).toEqual(['cluster', 'schemas'])
    expect(tabs.front).toEqual(['schemas', 'topics'])
  })
  it('show an object in the pane where it stands, never twice', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders', { keep: true })
    tabs.splitOrMove()
    tabs.focusOtherPane()
    tabs.openTopic('orders')
    expect(tabs.focusedPane).toBe(1)
    expect(tabs.tabs.filter((tab) => tab.id === 'topic:orders')).toHaveLength(1)
  })
  it('leave something behind where one tab is all there is', () => {
    const tabs = useTabsStore()
    tabs.splitOrMove()
    expect(tabs.front).toEqual(['topics', 'cluster'])
  })
  it.each([0, 1] as const)('become one when the last tab of pane %i goes', (pane) => {
    const tabs = useTabsStore()
    tabs.openTopics()
    tabs.splitOrMove()
    tabs.close(tabs.front[pane] ?? '')
    expect(tabs.isSplit).toBe(false)
    expect(tabs.tabs.map((tab) => tab.pane)).toEqual([0])
    expect(tabs.activeId).toBe(pane === 0 ? 'topics' : 'cluster')
  })
  it('move a tab across and into its place', () => {
    const tabs = useTabsStore()
    for (const topic of ['orders', 'payments', 'customers']) tabs.openTopic(topic, { keep: true })
    tabs.splitOrMove()
    tabs.move('topic:orders', 1, 'topic:customers')
    expect(tabs.inPane(1).map((tab) => tab.topic)).toEqual(['orders', 'customers'])
    expect(tabs.activeId).toBe('topic:orders')
    tabs.move('topic:payments', 0, 'cluster')
    expect(tabs.inPane(0).map((tab) => tab.id)).toEqual(['topic:payments', 'cluster'])
  })
})

describe('closed tabs', () => {
  beforeEach(() => createBench({ scenario: 'full' }))

  it('come back one after the other, with the page they were on', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders', { keep: true, section: 'config' })
    tabs.openTopics()
    tabs.close('topic:orders')
    tabs.close('topics')
    tabs.reopen()
    tabs.reopen()
    expect(tabs.tabs.map((tab) => tab.id)).toEqual(['cluster', 'topics', 'topic:orders'])
    expect(tabs.active?.section).toBe('config')
    tabs.reopen()
    expect(tabs.tabs).toHaveLength(3)
  })
  it('of a topic that was deleted do not come back', () => {
    const tabs = useTabsStore()
    tabs.openTopic('orders', { keep: true })
    tabs.closeTopic('orders')
    tabs.reopen()
    expect(tabs.tabs.map((tab) => tab.id)).toEqual(['cluster'])
  })
  it('to the right or beside leave those with drafts', () => {
    const tabs = useTabsStore()
    for (const topic of ['orders', 'payments', 'customers']) tabs.openTopic(topic, { keep: true })
    tabs.setDraft('topic:payments', true)
    tabs.closeRight('cluster')
    expect(tabs.tabs.map((tab) => tab.id)).toEqual(['cluster', 'topic:payments'])
  })
})

describe('the window of the last time', () => {
  async function reopened(change: (tabs: ReturnType<typeof useTabsStore>) => void) {
    await createBench({ scenario: 'full' })
    const before = useTabsStore()
    change(before)
    const state = parseWindowState(JSON.stringify({ ...before.toKeep(), used: [], settingsPage: '' }))
    await createBench({ scenario: 'full' }, { windowState: state })
    return useTabsStore()
  }

  it('has its tabs, their order, panes, pages and previews', async () => {
    const tabs = await reopened((before) => {
      before.openTopic('orders', { keep: true, section: 'partitions' })
      before.openTopics()
      before.splitOrMove()
      before.openTopic('payments')
      before.ratio = 0.3
    })
    expect(tabs.tabs.map((tab) => [tab.id, tab.pane, tab.section, tab.isPreview])).toEqual([
      ['cluster', 0, 'messages', false],
      ['topic:orders', 0, 'partitions', false],
      ['topics', 1, 'messages', false],
      ['topic:payments', 1, 'messages', true],
    ])
    expect([tabs.front, tabs.focusedPane, tabs.ratio, tabs.rail]).toEqual([['topic:orders', 'topic:payments'], 1, 0.3, 'topics'])
  })
  it('gives drafts their tabs back, and forgets schemas that were never written down', async () => {
    const tabs = await reopened((before) => {
      before.addProduce('orders', true)
      before.openSubject('', { id: 'schema-draft:4', keep: true })
      before.openSubject('', { id: 'schema-draft:7', keep: true })
      before.openTopics()
    })
    expect(tabs.addProduce('orders', false)).toBe('produce:1')
    tabs.openSubject('', { id: 'schema-draft:1', isShown: false })
    tabs.dropUnclaimed()
    expect(tabs.tabs.map((tab) => tab.id)).toEqual(['cluster', 'produce:1', 'schema-draft:1', 'topics'])
    expect(tabs.addProduce(null, true)).toBe('produce:2')
  })
  it.each(['', '{', '[]', '{"tabs":[]}', '{"tabs":[{"id":"x","kind":"no such kind"}]}'])(
    'is none where what was kept is %s',
    (text) => {
      expect(parseWindowState(text)).toBeNull()
    },
  )
  it('is mended where a pane shows a tab that it does not have', async () => {
    await createBench({ scenario: 'full' })
    const kept = useTabsStore().toKeep()
    await createBench(
      { scenario: 'full' },
      { windowState: { ...kept, front: ['gone', 'gone too'], focusedPane: 1, used: [], settingsPage: '' } },
    )
    expect(useTabsStore().front).toEqual(['cluster', null])
    expect(useTabsStore().activeId).toBe('cluster')
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

describe('changed keys', () => {
  afterEach(() => {
    keyOverrides.value = {}
  })
  const down = (target: EventTarget, init: KeyboardEventInit): KeyboardEvent => {
    const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
    target.dispatchEvent(event)
    return event
  }

  it('run what they were given, and no longer what they were', () => {
    keyOverrides.value = { 'palette.open': 'Ctrl P', 'topic.create': '' }
    const ran: string[] = []
    const stop = bindKeys((command) => ran.push(command))
    down(document.body, { key: 'k', ctrlKey: true })
    down(document.body, { key: 'n' })
    down(document.body, { key: 'p', ctrlKey: true })
    stop()
    expect(ran).toEqual(['palette.open'])
    expect(printedKeys('Ctrl K')).toBe('Ctrl P')
    expect(printedKeys('N')).toBe('')
    expect(printedKeys('Esc')).toBe('Esc')
  })
  it('reach a view as the key that it listens for, and the old one does not', () => {
    keyOverrides.value = { 'messages.live': 'Alt V' }
    const stop = bindKeys(() => undefined)
    const view = document.body.appendChild(document.createElement('div'))
    const heard: string[] = []
    view.addEventListener('keydown', (event) => heard.push(event.key))
    expect(down(view, { key: 'v', altKey: true }).defaultPrevented).toBe(true)
    down(view, { key: 'l' })
    stop()
    view.remove()
    expect(heard).toEqual(['l'])
  })
  it('hold while an editor keeps keys for itself', () => {
    const ran: string[] = []
    const stop = bindKeys((command) => ran.push(command))
    const editor = document.body.appendChild(document.createElement('div'))
    editor.addEventListener('keydown', (event) => {
      event.preventDefault()
      event.stopPropagation()
    })
    down(editor, { key: 'ArrowLeft', altKey: true })
    down(editor, { key: 'n' })
    stop()
    editor.remove()
    expect(ran).toEqual(['tab.back'])
  })
  it('are written for menus as Electron writes them', () => {
    expect(acceleratorOf('Ctrl Shift B')).toBe('CommandOrControl+Shift+B')
    expect(acceleratorOf('Ctrl +')).toBe('CommandOrControl+Plus')
    expect(acceleratorOf('')).toBeNull()
  })
  it('are one each: no two that act everywhere share a key', () => {
    const everywhere = keyBindings.filter((binding) => !binding.isOfView).map((binding) => binding.keys)
    expect(everywhere).toHaveLength(new Set(everywhere).size)
    expect(keyBindings).toHaveLength(new Set(keyBindings.map((binding) => binding.id)).size)
  })
})

describe('the palette’s search', () => {
  const command = (id: string, kind: Command['kind'], title: string): Command => ({
    id,
    kind,
    title,
    icon: {},
    run: () => undefined,
  })
  const commands = [
    command('topic:my.orders', 'topic', 'my.orders'),
    command('topic:orders', 'topic', 'orders'),
    command('subject:orders-value', 'subject', 'orders-value'),
    command('settings.keys', 'setting', 'Keys'),
    { ...command('hidden', 'command', 'orders hidden'), isHidden: true },
  ]
  const ids = (query: string, prefix: Parameters<typeof findCommands>[2], ranks: Record<string, number> = {}): string[] =>
    findCommands(commands, query, prefix, (id) => ranks[id] ?? 0).map((each) => each.command.id)

  it('takes the better match first, and what was used last before it', () => {
    expect(ids('ord', null)).toEqual(['topic:orders', 'subject:orders-value', 'topic:my.orders'])
    expect(ids('ord', null, { 'topic:my.orders': 2 })[0]).toBe('topic:my.orders')
  })
  it('narrows to a kind by the first character', () => {
    expect(ids('ord', '#')).toEqual(['topic:orders', 'topic:my.orders'])
    expect(ids('', '>')).toEqual(['settings.keys'])
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
