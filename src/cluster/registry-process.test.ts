import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { describe, expect, it, vi } from 'vitest'
import { RegistryProcess } from './registry-process'

/** A thread that does as it is told. */
class FakeWorker extends EventEmitter {
  readonly sent: { type: string }[] = []

  postMessage(message: { type: string }): void {
    this.sent.push(message)
    if (message.type === 'stop') this.end(0)
  }

  async terminate(): Promise<number> {
    this.end(1)
    return 1
  }

  serve(): void {
    this.emit('message', { type: 'started', port: 8081, notices: [] })
  }

  end(code: number): void {
    this.emit('exit', code)
  }
}

function setUp() {
  const workers: FakeWorker[] = []
  const changes: string[] = []
  const process = new RegistryProcess({
    launcher: () => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker as unknown as Worker
    },
    host: '127.0.0.1',
    port: 8081,
    workerData: () => ({ brokers: [{ id: 1, host: '127.0.0.1', port: 9092 }], credentials: null }),
    onMessage: () => undefined,
    onChange: (what) => changes.push(what),
  })
  const start = async () => {
    const started = process.start()
    workers[workers.length - 1]?.serve()
    await started
  }
  return { workers, changes, process, start }
}

describe('the registry’s process', () => {
  it('shows where it is once it serves, and what it reports', async () => {
    const { process, workers, changes, start } = setUp()
    expect(process.view()).toMatchObject({ state: 'stopped', url: null })
    await start()
    const report = { problem: null, subjectCount: 3, revision: 9, level: 'FULL', mode: 'READWRITE' }
    workers[0]?.emit('message', { type: 'registry-report', report })
    expect(process.view()).toEqual({ state: 'running', host: '127.0.0.1', port: 8081, url: 'http://127.0.0.1:8081', ...report })
    expect(changes).toEqual(['started'])
    process.tellBrokers()
    expect(workers[0]?.sent).toEqual([{ type: 'registry-brokers', brokers: [{ id: 1, host: '127.0.0.1', port: 9092 }] }])
  })

  it('is started again when it dies by itself, but not for ever', async () => {
    vi.useFakeTimers()
    try {
      const { process, workers, changes, start } = setUp()
      await start()
      for (let death = 1; death <= 4; death++) {
        workers[workers.length - 1]?.end(1)
        expect(process.view()).toMatchObject({ state: 'crashed', url: null, problem: expect.stringContaining('exit code 1') })
        await vi.advanceTimersByTimeAsync(1_000)
        if (death < 4) workers[workers.length - 1]?.serve()
        await vi.advanceTimersByTimeAsync(0)
      }
      expect(workers).toHaveLength(4)
      expect(changes).toEqual(['started', 'crashed', 'restarted', 'crashed', 'restarted', 'crashed', 'restarted', 'crashed'])
      expect(process.view().problem).toContain('It stays down')
      await start()
      expect(process.view().state).toBe('running')
    } finally {
      vi.useRealTimers()
    }
  })

  it('stays down where it never served, killed, or stopped', async () => {
    vi.useFakeTimers()
    try {
      const failing = setUp()
      const started = failing.process.start()
      failing.workers[0]?.end(1)
      await expect(started).rejects.toThrow('exit code 1')
      const killed = setUp()
      await killed.start()
      await killed.process.kill()
      const stopped = setUp()
      await stopped.start()
      await stopped.process.stop(1_000)
      await vi.advanceTimersByTimeAsync(5_000)
      expect([failing, killed, stopped].map(({ workers }) => workers.length)).toEqual([1, 1, 1])
      expect([failing, killed, stopped].map(({ process }) => process.view().state)).toEqual(['crashed', 'killed', 'stopped'])
    } finally {
      vi.useRealTimers()
    }
  })
})
