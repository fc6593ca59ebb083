/**
 * What is known of one partition over all brokers and incarnations: who led in which epoch, what each leader wrote, what is committed, and which promises
 * Kafka's rules have let go. Filled by the checkers of replication, read by all of them and by promises.ts. One per topic id and partition.
 */
import { type Batch, isSameBatch, type LogView } from './log-view'

export interface StoredState {
  readonly leader: number
  readonly leaderEpoch: number
  readonly isr: readonly number[]
  readonly controllerEpoch: number
  /** The znode's version: the partition epoch. */
  readonly version: number
}

export interface Leadership {
  readonly brokerId: number
  readonly incarnation: number
  /** Its log end when it began. */
  readonly startOffset: number
}

/** Offsets from `from` up to `to` that are promised no more, if they were acknowledged by `untilMs`. */
export interface Loss {
  readonly from: number
  to: number
  untilMs: number
  readonly why: string
}

export class PartitionHistory {
  readonly leaders = new Map<number, Leadership>()
  /** By leader epoch, as the controllers stored it in a transaction of that zxid; leader -1: none. */
  readonly elected = new Map<number, { readonly leader: number; readonly zxid: bigint }>()
  /** By leader epoch and base offset: a leader writes a place once. */
  readonly written = new Map<number, Map<number, Batch>>()
  /** In offset order: what every later leader must have. */
  committed: Batch[] = []
  committedEnd = 0
  /** How far leaders of each epoch have committed. */
  private readonly committedEnds = new Map<number, number>()
  /** Leaders of earlier epochs commit nothing any more: what they had was given up. */
  trustedEpoch = -1
  /** The last leader epoch whose leader was compared with what is committed. */
  completeEpoch = -1
  /** Epochs in which the leader came from outside the ISR. */
  readonly uncleanEpochs: number[] = []
  /**
   * Replicas that lost records with their power, and the log end that they had before; until they have it again. And those that followed a leader which had lost
   * them, when somebody leads who has them still.
   */
  readonly lossy = new Map<number, number>()
  /** Those of them that the stored ISR has had for a member ever since: to be elected nevertheless. */
  readonly lossyMembers = new Set<number>()
  /** Leader epochs for which one of those was elected, or in which it lost its power: it may hear of it when it is no member any more. */
  readonly lossyElections = new Set<number>()
  readonly losses: Loss[] = []
  /** The highest log start offset of a leader: what is below has been deleted. */
  logStartOffset = 0
  /** The highest high watermark that a leader has had, whatever became of it. */
  highWatermarkEver = 0
  stored: StoredState | null = null
  deletedAtMs: number | null = null

  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly topicId: string | null,
  ) {}

  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  /** Answers what was written there in that epoch before, if it was something else. */
  write(batch: Batch): Batch | null {
    let epoch = this.written.get(batch.leaderEpoch)
    if (epoch === undefined) {
      epoch = new Map()
      this.written.set(batch.leaderEpoch, epoch)
    }
    const known = epoch.get(batch.baseOffset)
    if (known === undefined) epoch.set(batch.baseOffset, batch)
    else if (!isSameBatch(known, batch)) return known
    return null
  }

  /** A leader's high watermark has come to `highWatermark`: what it has below is committed. Answers the first batch that contradicts what was. */
  commit(
    log: LogView,
    from: number,
    highWatermark: number,
    leaderEpoch: number,
  ): { readonly committed: Batch | undefined; readonly here: Batch | undefined } | null {
    const contradiction = this.difference(log, from, Math.min(highWatermark, this.committedEnd))
    if (contradiction !== null) return contradiction
    // The first one may begin below: what was given up began where a leader's log did, in the middle of a batch, and whoever has that batch has it whole.
    const behind = this.committed.at(-1)?.lastOffset ?? -1
    for (let index = log.indexOf(this.committedEnd); index < log.batches.length; index++) {
      const batch = log.batches[index] as Batch
      if (batch.lastOffset >= highWatermark) break
      if (batch.baseOffset > behind) this.committed.push(batch)
    }
    this.committedEnd = Math.max(this.committedEnd, highWatermark)
    this.committedEnds.set(leaderEpoch, Math.max(highWatermark, this.committedEnds.get(leaderEpoch) ?? 0))
    return null
  }

  /** What leaders up to that epoch have committed: a leader that hears late of its election need not have what its successors did. */
  committedEndUpTo(leaderEpoch: number): number {
    let end = 0
    for (const [epoch, committedEnd] of this.committedEnds) if (epoch <= leaderEpoch) end = Math.max(end, committedEnd)
    return Math.min(end, this.committedEnd)
  }

  /**
   * The first place from `from` up to `end` where `log` has something else than what is committed, or lacks it. A batch that `from` lies within counts as a
   * whole: records are deleted one by one and batches are kept, so who has any record of it has all of it.
   */
  difference(
    log: LogView,
    from: number,
    end: number,
  ): { readonly committed: Batch | undefined; readonly here: Batch | undefined } | null {
    if (from >= end) return null
    let here = log.indexOf(from)
    for (let index = this.indexOf(from); index < this.committed.length; index++) {
      const committed = this.committed[index] as Batch
      if (committed.baseOffset >= end) return null
      const own = log.batches[here++]
      if (!isSameBatch(committed, own)) return { committed, here: own }
    }
    return null
  }

  /** What is committed at `baseOffset`. */
  committedAt(baseOffset: number): Batch | undefined {
    const batch = this.committed[this.indexOf(baseOffset)]
    return batch?.baseOffset === baseOffset ? batch : undefined
  }

  /** The rules have let go of what was committed from `from` on: a new leader, in `epoch`, does not have it. */
  giveUp(from: number, epoch: number, nowMs: number, why: string): void {
    this.losses.push({ from, to: Math.max(from, this.committedEnd), untilMs: nowMs, why })
    this.committed.splice(this.indexOf(from))
    this.committedEnd = Math.min(this.committedEnd, from)
    this.trustedEpoch = Math.max(this.trustedEpoch, epoch)
  }

  /** The replica lacks something of what was committed up to `end`, and nobody could know when it was, or is, taken for a member of the ISR. */
  noteLossy(id: number, end: number): void {
    this.lossy.set(id, Math.max(end, this.lossy.get(id) ?? 0))
    if (this.stored?.isr.includes(id)) this.lossyMembers.add(id)
    if (this.stored?.leader === id) this.lossyElections.add(this.stored.leaderEpoch)
  }

  /** Whether `log` has, behind what is committed and below `highWatermark`, what the rules have let go: it was written before a leader that did not have it. */
  bringsBack(log: LogView, highWatermark: number): boolean {
    const first = log.batches[log.indexOf(this.committedEnd)]
    return first !== undefined && first.lastOffset < highWatermark && first.leaderEpoch < this.trustedEpoch
  }

  /** A leader has something else below `end`, where everything had been deleted: that is what is there now. */
  adoptBelow(log: LogView, end: number): void {
    this.committed = [
      ...log.batches.filter(({ baseOffset }) => baseOffset < end),
      ...this.committed.filter(({ baseOffset }) => baseOffset >= end),
    ]
  }

  /** A leader of an epoch that is not trusted any more acknowledges up to `highWatermark`. */
  extendLoss(highWatermark: number, nowMs: number): void {
    const loss = this.losses.at(-1)
    if (loss === undefined || highWatermark <= loss.from) return
    loss.to = Math.max(loss.to, highWatermark)
    loss.untilMs = nowMs
  }

  /** Coordination has forgotten what it had not answered: who was put out of the ISR by that has never left it, and who was elected by it never was. */
  revertTo(stored: StoredState | null): void {
    this.stored = stored
    if (stored === null) return
    for (const id of this.lossy.keys()) if (stored.isr.includes(id)) this.lossyMembers.add(id)
    while ((this.uncleanEpochs.at(-1) ?? -1) > stored.leaderEpoch) this.uncleanEpochs.pop()
  }

  /** Whether the rules have let go of what a leader of that epoch has and nobody else: it was given up, or somebody from outside of the ISR leads now. */
  isDeposed(leaderEpoch: number): boolean {
    return leaderEpoch < this.trustedEpoch || this.uncleanEpochs.some((unclean) => unclean > leaderEpoch)
  }

  /** Whether there was an unclean election after the last leader that was looked at, up to `epoch`. */
  wasUncleanUpTo(epoch: number): boolean {
    return this.uncleanEpochs.some((unclean) => unclean > this.completeEpoch && unclean <= epoch)
  }

  private indexOf(offset: number): number {
    let low = 0
    let high = this.committed.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.committed[middle] as Batch).lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
