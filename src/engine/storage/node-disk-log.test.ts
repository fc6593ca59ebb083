import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeDisk } from '../platform/node/node-disk'
import { append, RecordingLogger, readAll, StillClock } from '../testing/storage-kit'
import { defaultLogConfig } from './log-config'
import { LogManager } from './log-manager'

describe('LogManager on real files', () => {
  let directory: string
  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'log-manager-'))
  })
  afterEach(() => {
    fs.rmSync(directory, { recursive: true, force: true })
  })

  const open = () =>
    LogManager.open({
      platform: { disk: new NodeDisk(), clock: new StillClock(), logger: new RecordingLogger() },
      dataDirectory: `${directory}/data`,
      defaultConfig: { ...defaultLogConfig, segmentBytes: 2000, indexIntervalBytes: 300 },
      configFor: () => ({}),
      brokerId: 1,
      clusterId: null,
    })

  it('keeps a log through roll, truncation, abandonment and a clean restart', async () => {
    const logs = open()
    const log = logs.getOrCreate('orders', 0, null)
    for (let i = 0; i < 100; i++) append(log, [`value ${i}`], Math.floor(i / 30))
    await log.flushInBackground()
    expect(log.recoveryPoint).toBeGreaterThan(0)
    log.truncateTo(80)
    append(log, ['after'], 9)
    const wanted = readAll(log)
    logs.abandon()

    const afterCrash = open()
    expect(afterCrash.wasCleanShutdown).toBe(false)
    expect(readAll(afterCrash.get('orders', 0)!)).toEqual(wanted)
    expect(afterCrash.get('orders', 0)!.latestEpoch).toBe(9)
    afterCrash.close()

    const afterClose = open()
    expect(afterClose.wasCleanShutdown).toBe(true)
    expect(readAll(afterClose.get('orders', 0)!)).toEqual(wanted)
    afterClose.delete('orders', 0)
    expect(fs.readdirSync(`${directory}/data`).filter((name) => name.startsWith('orders'))).toEqual([])
    afterClose.close()
  })
})
