/**
 * A group that lives goes over from the classic protocol to the new one and back, as an operator would move a service: one member more of the other kind, one of the
 * former kind less, until all are exchanged, while records are written all the time (KIP-848, group.consumer.migration.policy=bidirectional). Called by run.ts, twice:
 * with classic members that give everything up before they join, and with cooperative ones. Judged by the same rules as churn, and by what the cluster calls the group.
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
    isWell = (await move(trace, bootstrap, name, kinds, isQuick ? 2 : 4)) && isWell
    if (isQuick) break
  }
  return isWell
}

async function move(
  trace: Trace,
  bootstrap: string,
  name: string,
  [former, modern]: readonly [Kind, Kind],
  size: number,
): Promise<boolean> {
  const group = name.replaceAll(' ', '-')
  const partitionCount = 6 * size
  const place: Place = { bootstrap, topic: group, group }
  const client = newClient(bootstrap, 'groups-runner')
  const judge = new GroupJudge(partitionCount)
  const members: MemberProcess[] = []
  let started = 0
  const start = ({ protocol, clients }: Kind) => {
    const memberName = `${group}-${++started}-${protocol}`
    const onLine: ConstructorParameters<typeof MemberProcess>[4] = (line) => {
      trace(memberName, line)
      judge.onLine(memberName, line)
    }
    members.push(new MemberProcess(clients[started % clients.length]!, place, memberName, protocol, onLine))
  }
  /** Until the cluster knows all members, and calls the group stable. */
  const settled = async () => {
    for (const endMs = Date.now() + settleMsMax; Date.now() < endMs; await pause(100)) {
      const sight = judge.lastSight
      if (sight?.isStable && members.every((member) => sight.members.has(member.name)) && sight.members.size === members.length)
        return
    }
  }
  const exchange = async (kind: Kind) => {
    for (let index = 0; index < size; index++) {
      start(kind)
      await settled()
      await members.shift()?.leave(20_000)
      await settled()
    }
  }
  const watch = watchGroup(client, group, judge, trace)
  try {
    await new Admin(client).createTopic({ name: group, partitionCount, replicationFactor: 3, configs: {} })
    await client.refresh()
    const stopFeeding = feed(client, group, partitionCount, 100)
    for (let index = 0; index < size; index++) start(former)
    await settled()
    await exchange(modern)
    await exchange(former)
    const ends = await stopFeeding()
    const patienceMs = Date.now() + 60_000
    while (judge.missing(ends) > 0 && Date.now() < patienceMs) await pause(200)
    await pause(limitMs)
    const latestMs = await watch.stop()
    const isWell = report(judge, ends, name, `${started} started, one exchanged after the other`, latestMs)
    const ways = judge.protocols.join(', ')
    const isThereAndBack = ways === 'classic, consumer, classic'
    const went = 'the group goes over when the first new member comes, and back when the last is gone'
    console.log(isThereAndBack ? `ok ${name}: ${went}` : `failed ${name}: ${went}: it was ${ways}`)
    return isWell && isThereAndBack
  } finally {
    await watch.stop()
    for (const member of members) await member.kill()
    client.close()
  }
}
