/** Planted bugs in logs, recovery and producer state (src/engine/storage). */
import type { Mutation } from './mutation'

const storage = 'src/engine/storage'

export const storageMutations: readonly Mutation[] = [
  {
    name: 'checkpoint-before-flush',
    file: `${storage}/log-flusher.ts`,
    find: 'await segment.sync()',
    replace: 'void segment.sync()',
    breaks: 'the recovery point passes what the background flush has not made durable yet',
  },
  {
    name: 'flush-without-fsync',
    file: `${storage}/log-flusher.ts`,
    find: 'segment.syncNow()\n',
    replace: '',
    breaks: 'a flush moves the recovery point, and syncs nothing',
  },
  {
    name: 'epoch-cache-not-truncated',
    file: `${storage}/partition-log.ts`,
    find: 'this.#epochs.truncateFromEnd(endOffset)',
    replace: '',
    breaks: 'the epoch cache keeps epochs whose records were cut off',
  },
  {
    name: 'epoch-cache-not-kept-by-followers',
    file: `${storage}/partition-log.ts`,
    find: 'if (epoch > this.#epochs.latestEpoch) this.#epochs.assign(epoch, baseOffsetAt(whole, at))',
    replace: '',
    breaks: 'a follower does not note the epochs of what it copies',
  },
  {
    name: 'torn-tail-accepted',
    file: `${storage}/segment-recovery.ts`,
    find: "if (!isCrcValid(bytes, at)) return 'a batch does not match its CRC'",
    replace: '',
    breaks: 'recovery takes a torn batch for a whole one',
  },
  {
    name: 'unclean-shutdown-taken-for-clean',
    file: `${storage}/clean-shutdown.ts`,
    find: 'disk.removeFile(path)\n',
    replace: '',
    breaks: 'the marker of a clean shutdown outlives the next start, and a crash after that is not recovered from',
  },
  {
    name: 'recovery-point-not-lowered',
    file: `${storage}/log-flusher.ts`,
    find: 'this.#recoveryPoint = endOffset\n    return true',
    replace: 'return true',
    breaks: 'after a truncation the recovery point still promises that what is appended there anew is durable',
  },
  {
    name: 'truncation-not-synced',
    file: `${storage}/partition-log.ts`,
    find: 'this.#segments.active.syncNow()\n',
    replace: '',
    breaks: 'a loss of power brings back what was cut off, behind new records',
  },
  {
    name: 'duplicates-appended',
    file: `${storage}/producer-answers.ts`,
    find: 'const duplicate = origin ===',
    replace: 'if (producers.findDuplicate(records, at) !== null) return null\n    const duplicate = origin ===',
    breaks: 'a batch that an idempotent producer sends again is known for one, and appended all the same',
  },
  {
    name: 'sequences-not-checked',
    file: `${storage}/producer-state.ts`,
    find: 'if (sequence === sequenceAfter(last, 1)) return null',
    replace: 'if (sequence >= 0) return null',
    breaks: 'a batch is appended whose predecessor is missing, or that was appended before',
  },
  {
    name: 'producers-not-read-after-a-restart',
    file: `${storage}/producer-state-manager.ts`,
    find: 'if (!isControl(attributesAt(bytes, at))) this.state.update(bytes, at, maxTimestampAt(bytes, at))',
    replace: 'if (!isControl(attributesAt(bytes, at))) return false',
    breaks: 'after a start producers are known as of the last snapshot only',
  },
  {
    name: 'producers-not-kept-by-followers',
    file: `${storage}/partition-log.ts`,
    find: 'this.#producers.note(this.#segments.active, whole, at, this.#clock.nowMs())',
    replace: '',
    breaks: 'a follower does not learn of producers from what it copies, and knows nobody when it leads',
  },
  {
    name: 'snapshots-of-producers-kept-over-a-truncation',
    file: `${storage}/producer-state-manager.ts`,
    find: 'if (offset > logEndOffset || offset <= logStartOffset) this.#remove(offset)',
    replace: 'if (offset <= logStartOffset) this.#remove(offset)',
    also: [
      {
        file: `${storage}/segment.ts`,
        find: 'for (const suffix of segmentSuffixes) this',
        replace: "for (const suffix of segmentSuffixes) if (suffix !== '.snapshot') this",
      },
    ],
    breaks: 'with both guards taken away: a start after a truncation reads producers from batches that were cut off',
  },
  {
    name: 'log-end-moved-before-the-write',
    file: `${storage}/partition-log.ts`,
    find: 'this.#segments.active.append(records)\n',
    replace: 'const later = records.slice()\n    this.#clock.defer(() => this.#segments.active.append(later))\n',
    breaks: 'a record is acknowledged before it is in the file: ack before append',
  },
  {
    name: 'producers-kept-over-a-truncation',
    file: `${storage}/producer-state.ts`,
    find: 'while (batches.length > 0 && batches.at(-1)!.lastOffset >= endOffset) batches.pop()',
    replace: '',
    breaks: 'a batch that was cut off is taken for a duplicate when it comes again, and acknowledged',
  },
]
