/**
 * A group that lives goes over from the classic protocol to the new one and back, as an operator would move a service: one member more of the other kind, one of the
 * former kind less, until all are exchanged, while records are written all the time (KIP-848, group.consumer.migration.policy=bidirectional). Judged by the same rules
 * as churn, and by what the cluster calls the group. Called by run.ts.
 *
 * Members with librdkafka's cooperative-sticky assignor cannot go over so: it writes its state into every assignment after the first, and Kafka refuses to lose what
 * an assignor of the client's own has written there (KAFKA-18134). They are tried for that: the new member is refused, and nobody else notices.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { Admin } from '../../src/engine/client'
import { feed, newClient, type Trace, watchGroup } from './group-watch'
import { GroupJudge } from './judge'
import { findClients, type MemberClient, MemberProcess, type Place, type Protocol } from './members'
import { limitMs, report } from './report'

const settleMsMax = 20_000

interface Kind {
  readonly protocol: Protocol
  readonly clients: readonly MemberClient[]
}

/** Answers whether all was well, true where nothing could be tried. */
export async function migrate(trace: Trace, bootstrap: string, cacheDirectory: string, isQuick: boolean): Promise<boolean> {
  const modern = await findClients('consumer', cacheDirectory)
  let isWell = true
  for (const protocol of ['classic', 'cooperative'] as const) {
    const former = await findClients(protocol, cacheDirectory)
    const name = `migration of ${protocol === 'classic' ? 'eager' : 'cooperative'} members`
    for (const why of [...former.missing, ...modern.missing]) console.log(`skipped ${name}, one of its clients: ${why}`)
    if (former.clients.length === 0 || modern.clients.length === 0) continue
    console.log(`${name}: ${[...former.clients, ...modern.clients].map((client) => client.name).join(', ')}`)
    const kinds = [
      { protocol, clients: former.clients } as const,
      { protocol: 'consumer', clients: modern.clients } as const,
    ] as const
    const size = isQuick ? 2 : 4
    isWell = (await (protocol === 'classic' ? move : stay)(trace, bootstrap, name, kinds, size)) && isWell
    if (isQuick) break
  }
  return isWell
}

/** A group with records that never end, its members, and who judges it. */
class Scene {
  readonly judge: GroupJudge
  readonly members: MemberProcess[] = []
  readonly client: ReturnType<typeof newClient>
  startedCount = 0
  private readonly group: string
  private readonly partitionCount: number
  private watch: ReturnType<typeof watchGroup> | null = null
  private stopFeeding: ReturnType<typeof feed> | null = null

  constructor(
    private readonly trace: Trace,
    private readonly bootstrap: string,
    readonly name: string,
    size: number,
  ) {
    this.group = name.replaceAll(' ', '-')
    this.partitionCount = 6 * size
    this.client = newClient(bootstrap, 'groups-runner')
    this.judge = new GroupJudge(this.partitionCount)
  }

  async open(): Promise<void> {
    this.watch = watchGroup(this.client, this.group, this.judge, this.trace)
    await new Admin(this.client).createTopic({
      name: this.group,
      partitionCount: this.partitionCount,
      replicationFactor: 3,
      configs: {},
    })
    await this.client.refresh()
    this.stopFeeding = feed(this.client, this.group, this.partitionCount, 100)
  }

  start({ protocol, clients }: Kind): MemberProcess {
    const memberName = `${this.group}-${++this.startedCount}-${protocol}`
    const place: Place = { bootstrap: this.bootstrap, topic: this.group, group: this.group }
    const member = new MemberProcess(clients[this.startedCount % clients.length]!, place, memberName, protocol, (line) => {
      this.trace(memberName, line)
      this.judge.onLine(memberName, line)
    })
    this.members.push(member)
    return member
  }

  /** Until the cluster knows all of these, nobody else, and calls the group stable. Answers whether it came to that. */
  async settled(members: readonly MemberProcess[] = this.members): Promise<boolean> {
    for (const endMs = Date.now() + settleMsMax; Date.now() < endMs; await pause(100)) {
      const sight = this.judge.lastSight
      if (sight?.isStable && members.every((member) => sight.members.has(member.name)) && sight.members.size === members.length)
        return true
    }
    return false
  }

  /** Answers whether the rules held. */
  async end(what: string): Promise<boolean> {
    const ends = (await this.stopFeeding?.()) ?? new Map<number, number>()
    const patienceMs = Date.now() + 60_000
    while (this.judge.missing(ends) > 0 && Date.now() < patienceMs) await pause(200)
    await pause(limitMs)
    const latestMs = (await this.watch?.stop()) ?? 0
    return report(this.judge, ends, this.name, what, latestMs)
  }

  async dispose(): Promise<void> {
    await this.watch?.stop()
    for (const member of this.members) await member.kill()
    this.client.close()
  }

  say(isWell: boolean, what: string, otherwise: string): boolean {
    console.log(isWell ? `ok ${this.name}: ${what}` : `failed ${this.name}: ${what}: ${otherwise}`)
    return isWell
  }
}

async function move(
  trace: Trace,
  bootstrap: string,
  name: string,
  [former, modern]: readonly [Kind, Kind],
  size: number,
): Promise<boolean> {
  const scene = new Scene(trace, bootstrap, name, size)
  const exchange = async (kind: Kind) => {
    for (let index = 0; index < size; index++) {
      scene.start(kind)
      await scene.settled()
      await scene.members.shift()?.leave(20_000)
      await scene.settled()
    }
  }
  try {
    await scene.open()
    for (let index = 0; index < size; index++) scene.start(former)
    await scene.settled()
    await exchange(modern)
    await exchange(former)
    const isWell = await scene.end(`${scene.startedCount} started, one exchanged after the other`)
    const ways = scene.judge.protocols.join(', ')
    const went = 'the group goes over when the first new member comes, and back when the last is gone'
    return scene.say(ways === 'classic, consumer, classic', went, `it was ${ways}`) && isWell
  } finally {
    await scene.dispose()
  }
}

async function stay(
  trace: Trace,
  bootstrap: string,
  name: string,
  [former, modern]: readonly [Kind, Kind],
  size: number,
): Promise<boolean> {
  const scene = new Scene(trace, bootstrap, name, size)
  try {
    await scene.open()
    // One after the other: from the second rebalance on every assignment has the assignor's state in it.
    for (let index = 0; index < size; index++) {
      scene.start(former)
      await scene.settled()
    }
    const staying = [...scene.members]
    const refused = scene.start(modern)
    for (const endMs = Date.now() + settleMsMax; Date.now() < endMs && !refused.isRefused; ) await pause(100)
    const isAsBefore = await scene.settled(staying)
    const isWell = await scene.end(`${size} stay, one of the new protocol comes`)
    const ways = scene.judge.protocols.join(', ')
    const what = "the new member is refused, since the group's assignor keeps state of its own, and the group goes on"
    const isSo = refused.isRefused && isAsBefore && ways === 'classic'
    return scene.say(isSo, what, `refused ${refused.isRefused}, as before ${isAsBefore}, it was ${ways}`) && isWell
  } finally {
    await scene.dispose()
  }
}
