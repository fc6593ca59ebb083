/** The small files of a broker's data folder on their own: both kinds of index, producer snapshots, and the texts. */
import { parseCheckpoint } from '../../../storage/checkpoint-file'
import { parsePartitionDirectoryName, parseSegmentFileName } from '../../../storage/file-names'
import { LeaderEpochs } from '../../../storage/leader-epochs'
import { logConfigOverrides } from '../../../storage/log-config'
import { parseMetaProperties } from '../../../storage/meta-properties'
import { OffsetCheckpoint } from '../../../storage/offset-checkpoint'
import { OffsetIndex } from '../../../storage/offset-index'
import { parsePartitionMetadata } from '../../../storage/partition-metadata'
import { encodeProducerSnapshot, parseProducerSnapshot } from '../../../storage/producer-snapshot-file'
import { TimeIndex } from '../../../storage/time-index'
import { encodeTxnIndexEntries, parseTxnIndex } from '../../../storage/txn-index'
import { crc32c } from '../../../wire/records'
import { FuzzRandom } from '../fuzz-random'
import { check, type FuzzTarget, silentLogger } from '../fuzz-target'
import { LOG_DIRECTORY, newLogDisk } from '../generate-log'
import { mutateBytes, mutateText } from '../mutations'

/** The first bytes say how long the segment is; the rest is read as both kinds of index. */
const indexes: FuzzTarget = {
  name: 'storage/indexes',
  share: 30,
  minimum: 50_000,
  seed(random) {
    const count = random.below(20)
    const bytes = Buffer.alloc(4 + count * 12)
    bytes.writeInt32BE(random.below(100_000), 0)
    const isTime = random.chance(0.5)
    for (let slot = 0; slot < count; slot++) {
      if (isTime) {
        bytes.writeBigInt64BE(1_700_000_000_000n + BigInt(slot * 10), 4 + slot * 12)
        bytes.writeInt32BE(slot * 3, 12 + slot * 12)
      } else {
        bytes.writeInt32BE(slot * 3, 4 + slot * 8)
        bytes.writeInt32BE(1 + slot * 200, 8 + slot * 8)
      }
    }
    return bytes
  },
  run(input) {
    const logBytes = input.length < 4 ? 0 : input.readInt32BE(0)
    const bytes = input.subarray(4)
    const offsets = OffsetIndex.parse(bytes, logBytes)
    for (let slot = 0; slot < offsets.count; slot++) {
      const position = offsets.position(slot)
      check(position > 0 && position < logBytes, 'an index entry points into the segment')
      if (slot === 0) continue
      check(offsets.relativeOffset(slot) > offsets.relativeOffset(slot - 1), 'offsets in an index rise')
      check(position > offsets.position(slot - 1), 'positions in an index rise')
    }
    const times = TimeIndex.parse(bytes)
    for (let slot = 1; slot < times.count; slot++) {
      check(times.timestamp(slot) > times.timestamp(slot - 1), 'timestamps in an index rise')
    }
    const slot = offsets.slotForOffset(logBytes)
    check(slot < offsets.count && (slot < 0 || offsets.relativeOffset(slot) <= logBytes), 'a look-up gives an entry at or below')
    check(times.slotForTimestamp(logBytes) < times.count, 'a look-up gives an entry')
    offsets.truncateTo(logBytes)
    times.truncateTo(logBytes)
    offsets.append(0x7fffffff, 1)
    times.maybeAppend(Number.MAX_SAFE_INTEGER, 0x7fffffff)
  },
}

const CRC_AT = 2
const COUNT_AT = 6

/** Four bytes of the offset in the file's name, then the file; its checksum is mended, mostly. */
const producerSnapshots: FuzzTarget = {
  name: 'storage/producer-snapshot',
  share: 26,
  minimum: 50_000,
  seed(random) {
    const entries = Array.from({ length: random.below(6) }, (_, index) => ({
      ...{ producerId: index, epoch: 0, lastTimestamp: 1_700_000_000_000, lastSeenMs: 0 },
      ...{ coordinatorEpoch: -1, currentTxnFirstOffset: -1 },
      batches: [{ lastSequence: index, lastOffset: index, offsetDelta: 0, timestamp: 1_700_000_000_000 }],
    }))
    const offset = Buffer.alloc(4)
    offset.writeInt32BE(random.pick([6, 100, 0, 3]))
    return Buffer.concat([offset, encodeProducerSnapshot(entries, entries.length)])
  },
  mutate(input, random, other) {
    const changed = mutateBytes(input, random, other)
    const file = changed.subarray(4)
    if (file.length >= 10 && random.chance(0.8)) file.writeUInt32BE(crc32c(file, COUNT_AT, file.length) >>> 0, CRC_AT)
    return changed
  },
  run(input) {
    const offset = input.length < 4 ? 0 : input.readInt32BE(0)
    const parsed = parseProducerSnapshot(input.subarray(4), offset)
    if (!parsed.ok) return
    for (const { producerId, batches } of parsed.value) {
      const isBelow = batches.every(({ lastOffset }) => lastOffset < offset)
      check(producerId >= 0 && isBelow, 'a snapshot describes nothing at or above its offset')
    }
    const again = parseProducerSnapshot(encodeProducerSnapshot(parsed.value, parsed.value.length), offset)
    check(again.ok && again.value.length === parsed.value.length, 'a snapshot that was read can be written again')
  },
}

/** Four bytes of the segment's base offset, then the file. */
const abortedTransactions: FuzzTarget = {
  name: 'storage/txn-index',
  share: 26,
  minimum: 50_000,
  seed(random) {
    const baseOffset = random.pick([0, 10, 1_000_000])
    const head = Buffer.alloc(4)
    head.writeInt32BE(baseOffset)
    let next = baseOffset
    const entries = Array.from({ length: random.below(6) }, (_, index) => {
      const firstOffset = next
      next += random.between(1, 20)
      return { producerId: index, firstOffset, lastOffset: next++, lastStableOffset: firstOffset }
    })
    return Buffer.concat([head, encodeTxnIndexEntries(entries)])
  },
  run(input) {
    const baseOffset = input.length < 4 ? 0 : input.readInt32BE(0)
    const parsed = parseTxnIndex(input.subarray(4), baseOffset)
    if (!parsed.ok) return
    let previous = baseOffset - 1
    for (const { firstOffset, lastOffset, lastStableOffset } of parsed.value) {
      check(
        firstOffset < lastOffset && lastOffset > previous,
        'an aborted transaction begins before its marker, and markers rise',
      )
      check(lastStableOffset <= lastOffset + 1, 'nothing behind a marker is stable by it')
      previous = lastOffset
    }
    check(encodeTxnIndexEntries(parsed.value).equals(input.subarray(4)), 'an index that was read is written as it was')
  },
}

const TEXTS = [
  '0\n2\norders 0 1042\norders 1 998\n',
  '0\n2\n0 0\n3 120\n',
  '0\n0\n',
  'version: 0\ntopic_id: 3Lx5mLbTQQq1qBXHfHLtVQ',
  '#\n#Mon Nov 23 02:00:00 UTC 2026\nversion=0\nbroker.id=1\ncluster.id=Y2x1c3Rlci1vZi1vbmUtMQ\n',
  'version=1\nnode.id=1\ncluster.id=a\\=b\n',
  '{"version":0,"brokerEpoch":12}',
  'segment.bytes=1000\nretention.ms=9223372036854775807\ncleanup.policy=compact,delete\n',
  'orders-0',
  '00000000000000001042.timeindex',
]

const checkpoints: FuzzTarget = {
  name: 'storage/checkpoints',
  share: 10,
  minimum: 50_000,
  seed: (random) => Buffer.from(random.pick(TEXTS)),
  mutate: mutateText,
  run(input) {
    const text = input.toString('utf8')
    for (const fieldCount of [2, 3]) parseCheckpoint(text, fieldCount)
    const disk = newLogDisk(FuzzRandom.of('checkpoints', input.length))
    disk.writeFileAtomic(`${LOG_DIRECTORY}/leader-epoch-checkpoint`, input)
    const { epochs } = LeaderEpochs.load(disk, LOG_DIRECTORY)
    for (const { epoch, startOffset } of epochs.entries) {
      check(epoch >= 0 && Number.isSafeInteger(startOffset) && startOffset >= 0, 'epochs and offsets are whole numbers')
    }
    epochs.assign(5, 7)
    epochs.persist()
    check(LeaderEpochs.load(disk, LOG_DIRECTORY).isUsable, 'a checkpoint that is written can be read')
    disk.writeFileAtomic('/data/offsets', input)
    const offsets = new OffsetCheckpoint(disk, silentLogger, '/data/offsets')
    const entries = offsets.read()
    const areOffsets = entries.every(({ offset, partition }) => offset >= 0 && partition >= 0)
    check(areOffsets, 'offsets are no negative numbers')
    offsets.write(entries)
    check(offsets.read().length === entries.length, 'a checkpoint that is written can be read')
    const topicId = parsePartitionMetadata(text)
    check(topicId === null || topicId.length === 22, 'a topic id has 22 characters')
    const properties = parseMetaProperties(text)
    const isId = properties === 'corrupt' || (Number.isSafeInteger(properties.brokerId) && properties.brokerId >= 0)
    check(isId, 'a broker id is a whole number')
    parsePartitionDirectoryName(text)
    parseSegmentFileName(text)
    logConfigOverrides(text.split('\n').map((line) => [line.split('=')[0] ?? '', line.split('=')[1] ?? ''] as const))
  },
  allocationMax: (length) => 256 * 1024 + length * 256,
}

export const checkpointTargets: readonly FuzzTarget[] = [indexes, producerSnapshots, abortedTransactions, checkpoints]
