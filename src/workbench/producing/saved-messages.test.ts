import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SavedMessage } from '../../shared/model/producing'
import { SavedMessageStore } from './saved-messages'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'saved-messages-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))
const open = () => new SavedMessageStore(join(directory, 'saved.json'), () => 0)
const message = (id: string, folder = ''): SavedMessage => ({
  id,
  name: id,
  folder,
  savedAtMs: 1,
  request: {
    ...{
      topic: '',
      partition: null,
      key: { format: 'null', text: '' },
      value: { format: 'text', text: '{{index}}' },
      headers: [],
    },
    ...{ acks: -1, timestamp: null, compression: 'none', count: null },
  },
})

describe('saved messages', () => {
  it('are there again when the file is opened anew, with folders that hold nothing', () => {
    open().save([message('a', 'Orders'), message('b')], ['Empty'])
    expect(open().view()).toEqual({
      folders: ['Empty', 'Orders'],
      messages: [message('a', 'Orders'), message('b')],
      problem: null,
    })
  })

  it('go with their folder, and come back where they were', () => {
    const store = open()
    store.save([message('a', 'Orders'), message('b')], [])
    expect(store.remove([], ['Orders']).messages.map(({ id }) => id)).toEqual(['b'])
    expect(store.save([message('a', 'Orders')], ['Orders'])).toMatchObject({
      folders: ['Orders'],
      messages: [{ id: 'b' }, { id: 'a' }],
    })
    expect(store.renameFolder('Orders', 'Old').messages[1]).toMatchObject({ id: 'a', folder: 'Old' })
  })

  it('that cannot be read are kept aside and said, and new ones can be saved', () => {
    writeFileSync(join(directory, 'saved.json'), '{"version":1,"mess')
    const store = open()
    expect(store.view()).toMatchObject({ messages: [], problem: expect.stringContaining('It is kept as') as string })
    expect(readdirSync(directory).some((name) => name.startsWith('saved.json.unreadable-'))).toBe(true)
    store.save([message('a')], [])
    expect(open().view()).toMatchObject({ messages: [{ id: 'a' }], problem: null })
  })
})
