import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryDisk } from '../testing/memory-disk'
import { RecordingLogger, seededRandom } from '../testing/storage-kit'
import { parseCheckpoint, readCheckpoint } from './checkpoint-file'
import { takeCleanShutdownMarker, writeCleanShutdownMarker } from './clean-shutdown'
import { LeaderEpochs } from './leader-epochs'
import { parseMetaProperties, readMetaProperties, writeMetaProperties } from './meta-properties'
import { OffsetCheckpoint } from './offset-checkpoint'
import { parsePartitionMetadata, readPartitionMetadata, writePartitionMetadata } from './partition-metadata'

function newDisk(): MemoryDisk {
  const disk = new MemoryDisk({ random: seededRandom(7) })
  disk.makeDirectory('/data')
  return disk
}

const put = (disk: MemoryDisk, path: string, text: string) => disk.writeFileAtomic(path, Buffer.from(text))

describe('OffsetCheckpoint', () => {
  it("writes Kafka's text and reads it back", () => {
    const disk = newDisk()
    const checkpoint = new OffsetCheckpoint(disk, new RecordingLogger(), '/data/replication-offset-checkpoint')
    expect(checkpoint.read()).toEqual([])
    const entries = [
      { topic: 'orders', partition: 0, offset: 1042 },
      { topic: '__consumer_offsets', partition: 49, offset: 2 ** 40 },
    ]
    checkpoint.write(entries)
    expect(disk.readFile('/data/replication-offset-checkpoint')?.toString()).toBe(
      `0\n2\norders 0 1042\n__consumer_offsets 49 ${2 ** 40}\n`,
    )
    expect(checkpoint.read()).toEqual(entries)
  })

  it.each([
    ['an unknown version', '1\n0\n'],
    ['fewer entries than announced', '0\n2\norders 0 1\n'],
    ['more entries than announced', '0\n0\norders 0 1\n'],
    ['a missing field', '0\n1\norders 0\n'],
    ['a negative offset', '0\n1\norders 0 -1\n'],
    ['an offset beyond what a double holds', '0\n1\norders 0 9007199254740993\n'],
    ['an empty file', ''],
  ])('takes %s for damage, says so and starts empty', (_, text) => {
    const disk = newDisk()
    const logger = new RecordingLogger()
    put(disk, '/data/checkpoint', text)
    expect(new OffsetCheckpoint(disk, logger, '/data/checkpoint').read()).toEqual([])
    expect(logger.problems).toHaveLength(1)
  })
})

describe('LeaderEpochs', () => {
  const load = (disk: MemoryDisk) => LeaderEpochs.load(disk, '/data')

  it("survives in its file, in Kafka's form", () => {
    const disk = newDisk()
    const { epochs } = load(disk)
    epochs.assign(0, 0)
    epochs.assign(3, 120)
    expect(disk.exists('/data/leader-epoch-checkpoint')).toBe(false)
    epochs.persist()
    expect(disk.readFile('/data/leader-epoch-checkpoint')?.toString()).toBe('0\n2\n0 0\n3 120\n')
    expect(load(disk).epochs.entries).toEqual(epochs.entries)
  })

  it('answers the end of an epoch as Kafka does', () => {
    const { epochs } = load(newDisk())
    expect(epochs.endOffsetFor(0, 10)).toEqual({ leaderEpoch: -1, endOffset: -1 })
    epochs.assign(2, 5)
    epochs.assign(4, 10)
    epochs.assign(7, 20)
    expect(epochs.endOffsetFor(7, 31)).toEqual({ leaderEpoch: 7, endOffset: 31 })
    expect(epochs.endOffsetFor(4, 31)).toEqual({ leaderEpoch: 4, endOffset: 20 })
    expect(epochs.endOffsetFor(5, 31)).toEqual({ leaderEpoch: 4, endOffset: 20 })
    expect(epochs.endOffsetFor(1, 31)).toEqual({ leaderEpoch: 1, endOffset: 5 })
    expect(epochs.endOffsetFor(8, 31)).toEqual({ leaderEpoch: -1, endOffset: -1 })
    expect(epochs.endOffsetFor(-1, 31)).toEqual({ leaderEpoch: -1, endOffset: -1 })
  })

  it('lets a newer assignment replace what contradicts it', () => {
    const { epochs } = load(newDisk())
    epochs.assign(1, 0)
    epochs.assign(2, 10)
    epochs.assign(3, 20)
    epochs.assign(4, 10)
    expect(epochs.entries).toEqual([
      { epoch: 1, startOffset: 0 },
      { epoch: 4, startOffset: 10 },
    ])
    epochs.assign(4, 30)
    expect(epochs.entries.at(-1)).toEqual({ epoch: 4, startOffset: 10 })
  })

  it('is cut at both ends', () => {
    const { epochs } = load(newDisk())
    epochs.assign(1, 0)
    epochs.assign(2, 10)
    epochs.assign(3, 20)
    epochs.truncateFromStart(12)
    expect(epochs.entries[0]).toEqual({ epoch: 2, startOffset: 12 })
    epochs.truncateFromEnd(20)
    expect(epochs.entries).toEqual([{ epoch: 2, startOffset: 12 }])
    expect(epochs.epochAt(11)).toBe(-1)
    expect(epochs.epochAt(19)).toBe(2)
  })

  it('calls a file unusable whose entries do not rise', () => {
    const disk = newDisk()
    put(disk, '/data/leader-epoch-checkpoint', '0\n2\n3 10\n2 20\n')
    expect(load(disk)).toMatchObject({ isUsable: false })
    expect(load(disk).epochs.entries).toEqual([])
  })

  it('keeps epochs and offsets strictly rising through any changes', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('assign' as const), epoch: fc.nat(20), offset: fc.nat(50) }),
      fc.record({ kind: fc.constantFrom('fromEnd' as const, 'fromStart' as const), epoch: fc.constant(0), offset: fc.nat(50) }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const disk = newDisk()
        const { epochs } = load(disk)
        for (const { kind, epoch, offset } of changes) {
          if (kind === 'assign') epochs.assign(epoch, offset)
          else if (kind === 'fromEnd') epochs.truncateFromEnd(offset)
          else epochs.truncateFromStart(offset)
          const { entries } = epochs
          for (let i = 1; i < entries.length; i++) {
            expect(entries[i]!.epoch).toBeGreaterThan(entries[i - 1]!.epoch)
            expect(entries[i]!.startOffset).toBeGreaterThan(entries[i - 1]!.startOffset)
          }
        }
        epochs.persist()
        expect(load(disk).epochs.entries).toEqual(epochs.entries)
      }),
    )
  })
})

describe('partition.metadata', () => {
  it("is written in Kafka's form and read back", () => {
    const disk = newDisk()
    writePartitionMetadata(disk, '/data', '3Lx5mLbTQQq1qBXHfHLtVQ')
    expect(disk.readFile('/data/partition.metadata')?.toString()).toBe('version: 0\ntopic_id: 3Lx5mLbTQQq1qBXHfHLtVQ')
    expect(readPartitionMetadata(disk, '/data')).toBe('3Lx5mLbTQQq1qBXHfHLtVQ')
    expect(parsePartitionMetadata('version: 1\ntopic_id: 3Lx5mLbTQQq1qBXHfHLtVQ')).toBeNull()
    expect(parsePartitionMetadata('version: 0\ntopic_id: short')).toBeNull()
  })
})

describe('meta.properties', () => {
  it('round-trips and understands what Kafka writes', () => {
    const disk = newDisk()
    expect(readMetaProperties(disk, '/data')).toBeNull()
    writeMetaProperties(disk, '/data', { brokerId: 2, clusterId: 'abc=def:1' }, 0)
    expect(readMetaProperties(disk, '/data')).toEqual({ brokerId: 2, clusterId: 'abc=def:1' })
    const kafkas = '#\n#Mon Nov 23 01:00:00 UTC 2026\ncluster.id=Zm9v\nversion=0\nbroker.id=7\ndirectory.id=x\n'
    expect(parseMetaProperties(kafkas)).toEqual({ brokerId: 7, clusterId: 'Zm9v' })
    expect(parseMetaProperties('version=1\nnode.id=3\ncluster.id=Zm9v')).toEqual({ brokerId: 3, clusterId: 'Zm9v' })
    expect(parseMetaProperties('version=0\n')).toBe('corrupt')
  })
})

describe('.kafka_cleanshutdown', () => {
  it('counts once', () => {
    const disk = newDisk()
    expect(takeCleanShutdownMarker(disk, '/data')).toBe(false)
    writeCleanShutdownMarker(disk, '/data', 12)
    expect(JSON.parse(disk.readFile('/data/.kafka_cleanshutdown')!.toString())).toEqual({ version: 0, brokerEpoch: 12 })
    expect(takeCleanShutdownMarker(disk, '/data')).toBe(true)
    disk.crash()
    expect(takeCleanShutdownMarker(disk, '/data')).toBe(false)
  })
})

describe('the text parsers', () => {
  // Whatever stands in a file, parsing ends and answers entries of the asked shape or says that it cannot.
  it('never throw and never invent entries', () => {
    const line = fc.oneof(
      fc.string(),
      fc.stringMatching(/^-?\d{0,20}( -?\d{1,20}){0,3}$/),
      fc.constantFrom('0', '1', '2', 'orders 0 5', '3 17'),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.join('\n')
        for (const fieldCount of [2, 3]) {
          const parsed = parseCheckpoint(text, fieldCount)
          if (parsed !== 'corrupt') expect(parsed.every((fields) => fields.length === fieldCount)).toBe(true)
        }
        parseMetaProperties(text)
        parsePartitionMetadata(text)
        const disk = newDisk()
        put(disk, '/data/leader-epoch-checkpoint', text)
        put(disk, '/data/checkpoint', text)
        LeaderEpochs.load(disk, '/data')
        new OffsetCheckpoint(disk, new RecordingLogger(), '/data/checkpoint').read()
      }),
      { numRuns: 300 },
    )
    expect(readCheckpoint(newDisk(), '/data/none', 2)).toBeNull()
  })
})
