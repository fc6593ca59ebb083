import { describe, expect, test } from 'vitest'
import type { Workbench } from '../workbench'
import { type Ports, RunningWorkbench } from './running-workbench'

function bench(log: string[]) {
  let count = 0
  return async (ports: Ports | null): Promise<Workbench> => {
    const id = ++count
    log.push(`start ${id}${ports ? ` on ${ports.brokerPorts}` : ''}`)
    const view = { brokers: [{ port: 9000 + id }], coordination: { port: 2181 }, registry: { port: 8081 } }
    return {
      services: { 'cluster.view': async () => view } as never,
      securityFiles: null,
      stop: async () => void log.push(`stop ${id}`),
    }
  }
}

describe('a workbench that is restarted', () => {
  test('is stopped before anything changes, listens where it did, and calls go to the new one', async () => {
    const log: string[] = []
    const running = new RunningWorkbench(bench(log), () => log.push('failed'))
    await running.restart(() => log.push('change'))
    expect(log).toEqual(['start 1', 'stop 1', 'change', 'start 2 on 9001'])
    expect(await (await running.services)['cluster.view']?.(undefined)).toMatchObject({ brokers: [{ port: 9002 }] })
  })
  test('starts as it was where the change cannot be written, and says why', async () => {
    const log: string[] = []
    const running = new RunningWorkbench(bench(log), () => undefined)
    const change = () => {
      throw new Error('the disk is full')
    }
    await expect(running.restart(change)).rejects.toThrow('the disk is full')
    expect(log).toEqual(['start 1', 'stop 1', 'start 2 on 9001'])
  })
  test('refuses a second restart while one is under way', async () => {
    const running = new RunningWorkbench(bench([]), () => undefined)
    const first = running.restart(() => undefined)
    await expect(running.restart(() => undefined)).rejects.toMatchObject({ code: 'BEING_RESTARTED' })
    await first
  })
})
