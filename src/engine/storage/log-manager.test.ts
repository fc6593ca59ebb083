import { describe, expect, it } from 'vitest'
import { DiskError, type DiskErrorKind } from '../platform/disk'
import { MemoryDisk } from '../testing/memory-disk'
import { append, batchOf, RecordingLogger, readAll, StillClock, seededRandom } from '../testing/storage-kit'
import { defaultLogConfig, type LogConfig, logConfigOverrides } from './log-config'
import { DataDirectoryError, LogManager, type LogManagerOptions } from './log-manager'

function createBroker(seed = 1) {
  const disk = new MemoryDisk({ random: seededRandom(seed) })
  const clock = new StillClock()
  const logger = new RecordingLogger()
  const open = (options: Partial<LogManagerOptions> = {}) =>
    LogManager.open({
      platform: { disk, clock, logger },
      dataDirectory: '/data/broker-1',
      defaultConfig: defaultLogConfig,
      configFor: () => ({}),
      brokerId: 1,
      clusterId: 'cluster-a',
      ...options,
    })
  return { disk, clock, logger, open }
}

const topicId = '3Lx5mLbTQQq1qBXHfHLtVQ'

describe('LogManager', () => {
  it('keeps logs, ids and checkpoints through a clean restart', () => {
    const broker = createBroker()
    const logs = broker.open()
    append(logs.getOrCreate('orders', 0, topicId), ['a', 'b'], 3)
    append(logs.getOrCreate('with-dash', 12, topicId), ['c'])
    logs.writeHighWatermarks([{ topic: 'orders', partition: 0, offset: 2 }])
    logs.close(7)
    expect(broker.disk.readFile('/data/broker-1/.kafka_cleanshutdown')?.toString()).toBe('{"version":0,"brokerEpoch":7}')
    expect(broker.disk.openFiles).toBe(0)

    const again = broker.open()
    expect(again.wasCleanShutdown).toBe(true)
    expect([...again.logs].map((log) => [log.topic, log.partition, log.topicId, log.logEndOffset])).toEqual([
      ['orders', 0, topicId, 2],
      ['with-dash', 12, topicId, 1],
    ])
    expect(again.highWatermarkCheckpoint('orders', 0)).toBe(2)
    expect(again.highWatermarkCheckpoint('with-dash', 12)).toBe(0)
    expect(again.get('orders', 0)?.latestEpoch).toBe(3)
    expect(again.recoveryReports).toEqual([])
  })

  it('syncs nothing of logs that never held a record when it closes, and they are as good as new after a loss of power', () => {
    const broker = createBroker()
    const logs = broker.open()
    append(logs.getOrCreate('orders', 0, topicId), ['a'])
    for (let partition = 1; partition <= 50; partition++) logs.getOrCreate('orders', partition, topicId)
    const countOf = () => broker.disk.counts.sync + broker.disk.counts.syncDirectory
    const before = countOf()
    logs.close()
    expect(countOf() - before).toBeLessThan(20)
    broker.disk.crash()

    const again = broker.open()
    expect(again.wasCleanShutdown).toBe(true)
    expect(readAll(again.get('orders', 0)!).map(({ value }) => value)).toEqual(['a'])
    for (let partition = 1; partition <= 50; partition++) {
      const log = again.getOrCreate('orders', partition, topicId)
      expect([log.logStartOffset, log.logEndOffset, log.topicId]).toEqual([0, 0, topicId])
      append(log, ['b'])
      expect(readAll(log).map(({ value }) => value)).toEqual(['b'])
    }
  })

  it('forgets producers that have been idle for producer.id.expiration.ms, as it is when it looks', () => {
    const broker = createBroker()
    let expirationMs = 86_400_000
    const logs = broker.open({ producerIdExpirationMs: () => expirationMs })
    logs.startTickers()
    const log = logs.getOrCreate('orders', 0, topicId)
    // Records of 1970: what counts is when they were written here.
    const batch = (producerId: bigint) => batchOf(['a'], 1000, { producerId, producerEpoch: 0, baseSequence: 0 })
    log.appendAsLeader(batch(1n), 0)
    broker.clock.advance(3_600_000)
    log.appendAsLeader(batch(2n), 0)
    broker.clock.advance(600_000)
    expect([...log.producers].map(({ producerId }) => producerId)).toEqual([1, 2])
    expirationMs = 3_600_000
    broker.clock.advance(600_000)
    expect([...log.producers].map(({ producerId }) => producerId)).toEqual([2])
    logs.close()
    expect(broker.clock.timerCount).toBe(0)
  })

  it('recovers after a kill and reports what a torn log lost', () => {
    const broker = createBroker()
    const logs = broker.open()
    append(logs.getOrCreate('orders', 0, topicId), ['a'])
    append(logs.getOrCreate('orders', 1, topicId), ['b'])
    broker.disk.kill()
    broker.disk.corrupt('/data/broker-1/orders-1/00000000000000000000.log', (bytes) =>
      Buffer.concat([bytes, bytes.subarray(0, 20)]),
    )
    const again = broker.open()
    expect(again.wasCleanShutdown).toBe(false)
    expect(again.recoveryReports).toEqual([{ topic: 'orders', partition: 1, truncatedBytes: 20, message: expect.any(String) }])
    expect(readAll(again.get('orders', 0)!)).toHaveLength(1)
  })

  it('counts a clean shutdown once', () => {
    const broker = createBroker()
    broker.open().close()
    expect(broker.open().wasCleanShutdown).toBe(true)
    expect(broker.open().wasCleanShutdown).toBe(false)
  })

  it('does not call a shutdown clean in which a log could not be closed', () => {
    const broker = createBroker()
    const logs = broker.open()
    append(logs.getOrCreate('orders', 0, topicId), ['a'])
    broker.disk.fail = (operation, path): DiskErrorKind | null => (operation === 'sync' && path.endsWith('.log') ? 'io' : null)
    logs.close()
    expect(broker.logger.problems).toHaveLength(1)
    broker.disk.fail = null
    broker.disk.kill()
    expect(broker.open().wasCleanShutdown).toBe(false)
  })

  it('does not call a shutdown clean after a failed fsync, although the next one says that all is well', () => {
    const broker = createBroker()
    const logs = broker.open()
    const log = logs.getOrCreate('t', 0, topicId)
    append(log, ['a', 'b'])
    broker.disk.fail = (operation, path): DiskErrorKind | null => (operation === 'sync' && path.endsWith('.log') ? 'io' : null)
    expect(() => log.flush()).toThrow('injected')
    broker.disk.fail = null
    logs.close()
    expect(log.recoveryPoint).toBe(0)
    expect(broker.open().wasCleanShutdown).toBe(false)
  })

  it('ends a shutdown whose checkpoints the disk refuses, as an unclean one', () => {
    const broker = createBroker()
    const logs = broker.open()
    append(logs.getOrCreate('orders', 0, topicId), ['a'])
    broker.disk.fail = (_operation, path) => (path.includes('checkpoint') ? 'no-space' : null)
    logs.close()
    broker.disk.fail = null
    expect(broker.disk.openFiles).toBe(0)
    const again = broker.open()
    expect(again.wasCleanShutdown).toBe(false)
    expect(again.get('orders', 0)?.logEndOffset).toBe(1)
  })

  it('deletes a partition so that the same topic starts empty, also after a crash', () => {
    const broker = createBroker()
    const logs = broker.open()
    append(logs.getOrCreate('orders', 0, topicId), ['a'])
    logs.get('orders', 0)!.flush()
    logs.checkpointRecoveryPoints()
    logs.delete('orders', 0)
    logs.delete('orders', 0)
    expect(logs.get('orders', 0)).toBeUndefined()
    broker.disk.crash()
    expect([...broker.open().logs]).toEqual([])
    expect(broker.open().getOrCreate('orders', 0, topicId).logEndOffset).toBe(0)
  })

  it.each(['written', 'not yet written'])(
    'does not take the offsets of a deleted log for those of a later one of the same name: checkpoints %s',
    async (how) => {
      const broker = createBroker()
      const logs = broker.open()
      const log = logs.getOrCreate('orders', 0, topicId)
      append(log, ['a', 'b', 'c'])
      log.flush()
      log.setLogStartOffset(2)
      logs.writeHighWatermarks([{ topic: 'orders', partition: 0, offset: 3 }])
      logs.checkpointRecoveryPoints()
      logs.checkpointLogStartOffsets()
      if (how === 'not yet written') broker.clock.defer = () => undefined
      logs.delete('orders', 0)
      await Promise.resolve()
      broker.disk.kill()

      const later = broker.open()
      expect(later.highWatermarkCheckpoint('orders', 0)).toBe(0)
      append(later.getOrCreate('orders', 0, topicId), ['new'])
      broker.disk.kill()
      const again = broker.open()
      expect(again.get('orders', 0)).toMatchObject({ logStartOffset: 0, logEndOffset: 1 })
      expect(again.highWatermarkCheckpoint('orders', 0)).toBe(0)
    },
  )

  it('makes no log while the disk refuses to forget one of that name, whose recovery point would hold for it', async () => {
    const broker = createBroker()
    const logs = broker.open()
    const log = logs.getOrCreate('orders', 0, topicId)
    append(log, ['a', 'b', 'c'])
    log.flush()
    logs.checkpointRecoveryPoints()
    broker.disk.fail = (_operation, path) => (path.includes('checkpoint') ? 'io' : null)
    logs.delete('orders', 0)
    await Promise.resolve()
    expect(() => logs.getOrCreate('orders', 0, topicId)).toThrow(DiskError)
    expect(logs.get('orders', 0)).toBeUndefined()

    broker.disk.fail = null
    append(logs.getOrCreate('orders', 0, topicId), ['new', 'newer'])
    broker.disk.kill()
    expect(broker.open().get('orders', 0)).toMatchObject({ logEndOffset: 2, recoveryPoint: 0 })
  })

  it('lowers a high watermark that is above what recovery has left, lest it takes what is appended there for committed', () => {
    const broker = createBroker()
    const logs = broker.open()
    const log = logs.getOrCreate('orders', 0, topicId)
    append(log, ['a'])
    log.flush()
    append(log, ['b'])
    logs.writeHighWatermarks([{ topic: 'orders', partition: 0, offset: 2 }])
    broker.disk.corrupt('/data/broker-1/orders-0/00000000000000000000.log', (bytes) => bytes.subarray(0, bytes.length - 1))
    broker.disk.kill()

    const later = broker.open()
    append(later.getOrCreate('orders', 0, topicId), ['another b'])
    broker.disk.kill()
    expect(broker.open().highWatermarkCheckpoint('orders', 0)).toBe(1)
  })

  it('finishes deletions at start and leaves foreign folders alone', () => {
    const broker = createBroker()
    broker.open().close()
    broker.disk.makeDirectory('/data/broker-1/orders-0.0123456789abcdef0123456789abcdef-delete')
    broker.disk.writeFileAtomic('/data/broker-1/orders-0.0123456789abcdef0123456789abcdef-delete/x.log', Buffer.from('x'))
    broker.disk.makeDirectory('/data/broker-1/lost+found')
    expect([...broker.open().logs]).toEqual([])
    expect(
      broker.disk
        .list('/data/broker-1')
        .filter((entry) => entry.isDirectory)
        .map((entry) => entry.name),
    ).toEqual(['lost+found'])
  })

  it('refuses the folder of another broker or cluster', () => {
    const broker = createBroker()
    broker.open().close()
    expect(() => broker.open({ brokerId: 2 })).toThrow(DataDirectoryError)
    expect(() => broker.open({ clusterId: 'cluster-b' })).toThrow(DataDirectoryError)
    expect(broker.open({ clusterId: null }).clusterId).toBe('cluster-a')
  })

  it('learns its cluster later where it was not known at start', () => {
    const broker = createBroker()
    const logs = broker.open({ clusterId: null })
    logs.setClusterId('cluster-b')
    expect(() => logs.setClusterId('cluster-c')).toThrow(DataDirectoryError)
    expect(broker.open({ clusterId: null }).clusterId).toBe('cluster-b')
  })

  it('moves the recovery point in the checkpoint back before a truncation', () => {
    const broker = createBroker()
    const logs = broker.open()
    const log = logs.getOrCreate('orders', 0, topicId)
    for (let i = 0; i < 4; i++) append(log, ['a'])
    log.flush()
    logs.checkpointRecoveryPoints()
    log.truncateTo(1)
    expect(broker.disk.readFile('/data/broker-1/recovery-point-offset-checkpoint')?.toString()).toBe('0\n1\norders 0 1\n')
  })

  it('checkpoints by itself and flushes what flush.ms says is due, until it is closed', () => {
    const broker = createBroker()
    const logs = broker.open({ configFor: (topic) => (topic === 'quick' ? { flushMs: 5_000 } : {}) })
    logs.startTickers()
    append(logs.getOrCreate('quick', 0, topicId), ['a'])
    append(logs.getOrCreate('slow', 0, topicId), ['a'])
    broker.clock.advance(4_000)
    expect(logs.get('quick', 0)!.recoveryPoint).toBe(0)
    broker.clock.advance(2_000)
    expect([logs.get('quick', 0)!.recoveryPoint, logs.get('slow', 0)!.recoveryPoint]).toEqual([1, 0])
    expect(broker.disk.exists('/data/broker-1/recovery-point-offset-checkpoint')).toBe(false)
    broker.clock.advance(60_000)
    expect(broker.disk.readFile('/data/broker-1/recovery-point-offset-checkpoint')?.toString()).toBe(
      '0\n2\nquick 0 1\nslow 0 0\n',
    )
    logs.close()
    expect(broker.clock.timerCount).toBe(0)
  })

  it('records a log start that was moved, and only that', () => {
    const broker = createBroker()
    const logs = broker.open()
    const log = logs.getOrCreate('orders', 0, topicId)
    append(log, ['a', 'b', 'c'])
    append(logs.getOrCreate('orders', 1, topicId), ['a'])
    log.setLogStartOffset(2)
    logs.close()
    expect(broker.disk.readFile('/data/broker-1/log-start-offset-checkpoint')?.toString()).toBe('0\n1\norders 0 2\n')
    expect(broker.open().get('orders', 0)!.logStartOffset).toBe(2)
  })

  it('keeps few files open however many partitions it has, and loses nothing by it', () => {
    const broker = createBroker()
    const logs = broker.open({ openSegmentsMax: 16 })
    for (let round = 0; round < 3; round++) {
      for (let partition = 0; partition < 100; partition++)
        append(logs.getOrCreate('many', partition, topicId), [`${round} of ${partition}`])
    }
    expect(broker.disk.openFiles).toBeLessThanOrEqual(16)
    for (const log of logs.logs) expect(readAll(log)).toHaveLength(3)
    logs.close()
    const again = broker.open({ openSegmentsMax: 16 })
    for (const log of again.logs) expect(readAll(log).map((record) => record.value)).toContain(`2 of ${log.partition}`)
    expect(broker.disk.openFiles).toBeLessThanOrEqual(16)
  })

  it('gives a topic its configuration, and a changed one when told', () => {
    const broker = createBroker()
    let overrides: Partial<LogConfig> = logConfigOverrides([
      ['segment.bytes', '5000'],
      ['flush.messages', '9223372036854775807'],
      ['cleanup.policy', 'delete,compact'],
      ['message.timestamp.type', 'LogAppendTime'],
      ['retention.ms', '1'],
      ['max.message.bytes', 'many'],
    ])
    expect(overrides).toEqual({
      segmentBytes: 5000,
      flushMessages: Number.POSITIVE_INFINITY,
      cleanupPolicy: 'compact,delete',
      messageTimestampType: 'LogAppendTime',
    })
    const logs = broker.open({ configFor: () => overrides })
    const log = logs.getOrCreate('orders', 0, topicId)
    expect(log.config).toEqual({ ...defaultLogConfig, ...overrides })
    overrides = {}
    logs.updateTopicConfig('orders')
    expect(log.config).toEqual(defaultLogConfig)
  })
})
