import { describe, expect, it } from 'vitest'
import { EventType } from '../jute/op-codes'
import type { TreeChange } from './coordination-state'
import type { Watcher } from './watch-table'
import { WatchMode, WatchTable } from './watch-table'

class Listening implements Watcher {
  readonly heard: string[] = []
  constructor(
    readonly name: string,
    private readonly log: string[] = [],
  ) {}
  onWatchEvent(type: EventType, path: string): void {
    const names = {
      [EventType.NODE_CREATED]: 'created',
      [EventType.NODE_DELETED]: 'deleted',
      [EventType.NODE_DATA_CHANGED]: 'data',
      [EventType.NODE_CHILDREN_CHANGED]: 'children',
    }
    this.heard.push(`${names[type]} ${path}`)
    this.log.push(`${this.name} ${names[type]} ${path}`)
  }
}

const change = (kind: TreeChange['kind'], path: string): TreeChange => ({ kind, path, acl: [], parentAcl: [] })

describe('a watch table', () => {
  it('fires a one-shot watch once', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    table.add('data', '/a', one)
    table.fire(change('dataChanged', '/a'))
    table.fire(change('dataChanged', '/a'))
    expect(one.heard).toEqual(['data /a'])
    expect(table.watchCount).toBe(0)
  })

  it('tells of a creation by the data watch of the path and the child watch of its parent, in this order', () => {
    const table = new WatchTable()
    const log: string[] = []
    table.add('children', '/a', new Listening('children', log))
    table.add('data', '/a/b', new Listening('data', log))
    table.fire(change('created', '/a/b'))
    expect(log).toEqual(['data created /a/b', 'children children /a'])
  })

  it('tells a watcher of data and children of a deletion once, and its parent', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    table.add('data', '/a/b', one)
    table.add('children', '/a/b', one)
    table.add('children', '/a', one)
    table.fire(change('deleted', '/a/b'))
    expect(one.heard).toEqual(['deleted /a/b', 'children /a'])
    expect(table.watchCount).toBe(0)
  })

  it('tells the root of its children', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    table.add('children', '/', one)
    table.fire(change('created', '/a'))
    expect(one.heard).toEqual(['children /'])
  })

  it('keeps a persistent watch and tells it of data and children', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    table.addPersistent('/a', one, WatchMode.PERSISTENT)
    for (const kind of ['created', 'dataChanged', 'dataChanged', 'deleted'] as const) table.fire(change(kind, '/a'))
    table.fire(change('created', '/a/b'))
    expect(one.heard).toEqual(['created /a', 'data /a', 'data /a', 'deleted /a', 'children /a'])
  })

  it('tells a recursive watch of everything below by its own event, and never of children', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    table.addPersistent('/a', one, WatchMode.RECURSIVE)
    table.fire(change('created', '/a/b'))
    table.fire(change('created', '/a/b/c'))
    table.fire(change('dataChanged', '/a/b/c'))
    table.fire(change('deleted', '/a/b/c'))
    table.fire(change('created', '/ab'))
    expect(one.heard).toEqual(['created /a/b', 'created /a/b/c', 'data /a/b/c', 'deleted /a/b/c'])
  })

  it('keeps a persistent watch when a one-shot watch on the same path fires', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    table.addPersistent('/a', one, WatchMode.PERSISTENT)
    table.add('data', '/a', one)
    table.fire(change('dataChanged', '/a'))
    table.fire(change('dataChanged', '/a'))
    expect(one.heard).toEqual(['data /a', 'data /a'])
  })

  it('forgets a watcher that has gone, and answers whether it removed a watch', () => {
    const table = new WatchTable()
    const one = new Listening('one')
    const other = new Listening('other')
    table.add('data', '/a', one)
    table.add('children', '/a', one)
    table.addPersistent('/', one, WatchMode.RECURSIVE)
    table.add('data', '/a', other)
    expect(table.remove('children', '/a', other)).toBe(false)
    expect(table.remove('data', '/a', other)).toBe(true)
    table.removeWatcher(one)
    table.fire(change('deleted', '/a'))
    expect([one.heard, other.heard, table.watchCount]).toEqual([[], [], 0])
  })
})
