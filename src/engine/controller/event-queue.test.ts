import { describe, expect, it } from 'vitest'
import { NodeClock } from '../platform/node/node-clock'
import { ControllerMovedError } from './errors'
import { EventQueue } from './event-queue'

function newQueue() {
  const failures: string[] = []
  const queue = new EventQueue({ clock: new NodeClock(), onFailure: (name) => failures.push(name) })
  return { queue, failures }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the event queue', () => {
  it('handles one event to its end before it begins the next', async () => {
    const { queue } = newQueue()
    const steps: string[] = []
    const event = (name: string) =>
      queue.ask(name, async () => {
        steps.push(`${name} begins`)
        await turn()
        steps.push(`${name} ends`)
      })
    await Promise.all([event('a'), event('b')])
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('handles what is posted twice before its turn once, and again when posted later', async () => {
    const { queue } = newQueue()
    let handled = 0
    const handler = async () => {
      handled++
    }
    queue.post('same', handler)
    queue.post('same', handler)
    await queue.ask('behind', turn)
    expect(handled).toBe(1)
    queue.post('same', handler)
    await queue.ask('behind', turn)
    expect(handled).toBe(2)
  })

  it('tells who asked and its owner of a failure, and goes on', async () => {
    const { queue, failures } = newQueue()
    const failed = queue.ask('bad', () => Promise.reject(new Error('no')))
    const fine = queue.ask('good', async () => 'yes')
    await expect(failed).rejects.toThrow('no')
    expect(await fine).toBe('yes')
    expect(failures).toEqual(['bad'])
  })

  it('rejects at once what waits and what runs when it is closed', async () => {
    const { queue, failures } = newQueue()
    let release: () => void = () => undefined
    const running = queue.ask('running', () => new Promise<void>((resolve) => (release = resolve)))
    const waiting = queue.ask('waiting', turn)
    await turn()
    queue.close()
    await expect(running).rejects.toThrow(ControllerMovedError)
    await expect(waiting).rejects.toThrow(ControllerMovedError)
    await expect(queue.ask('late', turn)).rejects.toThrow(ControllerMovedError)
    release()
    await turn()
    expect(failures).toEqual([])
  })
})
