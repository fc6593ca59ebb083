/** The shop goes on: so many records a second by the clock, until it is stopped; the group that reads along follows. */
import type { KafkaClient } from '../../engine/client'
import { Pacer } from '../producing/pacer'
import { commitBehind } from './sample-groups'
import { sampleGroups } from './sample-topics'
import type { SampleWriter } from './sample-writer'
import type { Shop } from './shop'

const tickMs = 100
const commitEveryTicks = 20
/** Held up for longer, it does not send all of that at once. */
const burstSeconds = 2

export class Generator {
  private sent = 0
  private ticks = 0
  private isStopped = false
  private timer: { cancel(): void } | null = null
  private readonly pacer: Pacer

  constructor(
    private readonly client: KafkaClient,
    private readonly shop: Shop,
    private readonly writer: SampleWriter,
    readonly perSecond: number,
    private readonly topics: ReadonlySet<string>,
    /** Those that are ours: nobody else's offsets are moved. */
    private readonly groups: ReadonlySet<string>,
    private readonly onTick: () => void,
  ) {
    this.pacer = new Pacer(perSecond, client.platform.clock.monotonicMs())
    this.schedule()
  }

  get sentCount(): number {
    return this.writer.acknowledgedCount
  }

  get problem(): string | null {
    return this.writer.problem
  }

  stop(): void {
    this.isStopped = true
    this.timer?.cancel()
    this.writer.close()
  }

  private schedule(): void {
    this.timer = this.client.platform.clock.setTimer(tickMs, () => {
      if (this.isStopped) return
      this.tick()
      this.schedule()
    })
  }

  private tick(): void {
    const { clock } = this.client.platform
    const due = this.pacer.dueCount(clock.monotonicMs())
    this.sent = Math.max(this.sent, due - this.perSecond * burstSeconds)
    while (this.sent < due && !this.writer.isFull)
      this.sent += Math.max(1, this.writer.append(this.shop.step(Math.floor(clock.nowMs()))))
    if (++this.ticks % commitEveryTicks === 0) void this.readAlong()
    if (this.ticks % 5 === 0) this.onTick()
  }

  private async readAlong(): Promise<void> {
    for (const { groupId, topics, readsAlong, behindPerMille } of sampleGroups) {
      const present = topics.filter((topic) => this.topics.has(topic))
      // A leader that is away is there at the next time.
      if (readsAlong && this.groups.has(groupId) && present.length > 0)
        await commitBehind(this.client, groupId, present, behindPerMille / 10).catch(() => undefined)
    }
  }
}
