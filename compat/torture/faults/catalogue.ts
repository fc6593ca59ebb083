/** The faults. Each says what it does as it does it, lasts its time, and undoes itself; heal.ts undoes what is left of those that could not. */

import { pause } from '../clients/client'
import type { DiskFaultKind } from '../cluster/settings'
import type { Link, Trouble } from '../network/link'
import { losePower } from './power-loss'
import type { Target } from './target'

export interface FaultKind {
  readonly name: string
  /** Resolves when it is over. Counts itself in the timeline once it has hit. */
  run(target: Target): Promise<void>
}

const brokerFault = (name: string, act: (target: Target, id: number) => Promise<void>): FaultKind => ({
  name,
  async run(target) {
    const idle = target.idleBrokers
    if (idle.length === 0) return
    const id = target.random.pick(idle)
    await target.whileBusy(id, () => act(target, id))
  },
})

/** Sometimes back before anybody has noticed, sometimes long after the session's end. */
function outageMs({ random }: Target): number {
  return random.chance(0.5) ? random.between(50, 1_200) : random.between(1_200, 7_000)
}

const killBroker = brokerFault('kill-broker', async (target, id) => {
  const downMs = outageMs(target)
  if (!(await target.tell(`kill ${id}`))) return
  target.timeline.fault('kill-broker', `broker ${id} for ${downMs} ms`)
  await pause(downMs)
  await target.startBroker(id)
})

const stopBroker = brokerFault('stop-broker', async (target, id) => {
  const downMs = target.random.between(50, 3_000)
  if (!(await target.tell(`stop ${id}`))) return
  target.timeline.fault('stop-broker', `broker ${id}, clean, for ${downMs} ms`)
  await pause(downMs)
  await target.startBroker(id)
})

const freezeBroker = brokerFault('freeze-broker', async (target, id) => {
  const frozenMs = outageMs(target)
  if (!(await target.tell(`freeze ${id}`))) return
  target.timeline.fault('freeze-broker', `broker ${id} for ${frozenMs} ms`)
  await pause(frozenMs)
  await target.tell(`resume ${id}`)
})

const diskFault = (name: string, kind: DiskFaultKind): FaultKind =>
  brokerFault(name, async (target, id) => {
    const forMs = target.random.between(500, 4_000)
    const to = `broker-${id}`
    await target.cluster.order({ to, type: 'disk', kind, forMs })
    target.timeline.fault(name, `broker ${id} for ${forMs} ms`)
    await pause(forMs)
    if (kind === 'slow-sync') return
    // A log that has failed stays offline until its broker starts again, as in Kafka.
    await target.tell(`${target.random.chance(0.5) ? 'kill' : 'stop'} ${id}`)
    await pause(target.random.between(0, 2_000))
    await target.startBroker(id)
  })

const linkFault = (name: string, act: (target: Target) => { text: string; begin(): void; end(): void }): FaultKind => ({
  name,
  async run(target) {
    const { text, begin, end } = act(target)
    const forMs = outageMs(target)
    begin()
    target.timeline.fault(name, `${text} for ${forMs} ms`)
    await pause(forMs)
    end()
  },
})

function pairOf({ topology, random }: Target): readonly [number, number] {
  const from = random.pick(topology.brokerIds)
  return [from, random.pick(topology.brokerIds.filter((id) => id !== from))]
}

const partition = linkFault('partition', (target) => {
  const [a, b] = pairOf(target)
  const set = (isBlocked: boolean) => () => {
    target.topology.blockOneWay(a, b, isBlocked)
    target.topology.blockOneWay(b, a, isBlocked)
  }
  return { text: `between brokers ${a} and ${b}`, begin: set(true), end: set(false) }
})

const oneWay = linkFault('one-way', (target) => {
  const [a, b] = pairOf(target)
  const set = (isBlocked: boolean) => () => target.topology.blockOneWay(a, b, isBlocked)
  return { text: `nothing gets from broker ${a} to broker ${b}`, begin: set(true), end: set(false) }
})

const isolate = linkFault('isolate-broker', (target) => {
  const { topology, random } = target
  const id = random.pick(topology.brokerIds)
  const withClients = random.chance(0.5)
  const set = (isBlocked: boolean) => () => {
    for (const other of topology.brokerIds) {
      if (other === id) continue
      topology.blockOneWay(id, other, isBlocked)
      topology.blockOneWay(other, id, isBlocked)
    }
    topology.coordination.get(id)?.set({ blocksForward: isBlocked, blocksBackward: isBlocked })
    if (withClients) topology.clients.get(id)?.set({ blocksForward: isBlocked, blocksBackward: isBlocked })
  }
  const who = withClients ? 'everybody' : 'brokers and coordination, not from clients'
  return { text: `broker ${id} from ${who}`, begin: set(true), end: set(false) }
})

/** The broker lives, serves its clients and followers, and its session ends. */
const withoutCoordination = linkFault('broker-without-coordination', (target) => {
  const { topology, random } = target
  const id = random.pick(topology.brokerIds)
  const which = random.pick(['forward', 'backward', 'both'] as const)
  const set = (isBlocked: boolean) => () =>
    topology.coordination.get(id)?.set({
      ...(which === 'backward' ? {} : { blocksForward: isBlocked }),
      ...(which === 'forward' ? {} : { blocksBackward: isBlocked }),
    })
  const text = which === 'both' ? '' : which === 'forward' ? ' (its requests)' : ' (the answers)'
  return { text: `broker ${id}${text}`, begin: set(true), end: set(false) }
})

function linksOf({ topology, random }: Target): readonly [string, readonly Link[]] {
  const id = random.pick(topology.brokerIds)
  const peers = topology.brokerIds
    .filter((other) => other !== id)
    .flatMap((other) => [topology.peer(id, other), topology.peer(other, id)])
  return random.weighted([
    [[`all ways of broker ${id}`, [...peers, topology.clients.get(id)!, topology.coordination.get(id)!]] as const, 1],
    [[`broker ${id} and the other brokers`, peers] as const, 2],
    [[`clients and broker ${id}`, [topology.clients.get(id)!]] as const, 2],
    [[`broker ${id} and coordination`, [topology.coordination.get(id)!]] as const, 1],
  ])
}

function setAll(links: readonly Link[], trouble: Partial<Trouble>): void {
  for (const link of links) link.set(trouble)
}

const delay = linkFault('delay', (target) => {
  const [text, links] = linksOf(target)
  const delayMs = target.random.between(5, 500)
  return {
    text: `${text} by ${delayMs} ms each way`,
    begin: () => setAll(links, { delayMs }),
    end: () => setAll(links, { delayMs: 0 }),
  }
})

const bandwidth = linkFault('bandwidth', (target) => {
  const [text, links] = linksOf(target)
  const bytesPerSecond = target.random.between(2, 200) * 1_000
  return {
    text: `${text}: ${bytesPerSecond} bytes/s each way`,
    begin: () => setAll(links, { bytesPerSecond }),
    end: () => setAll(links, { bytesPerSecond: 0 }),
  }
})

const resetConnections: FaultKind = {
  name: 'reset-connections',
  async run(target) {
    const [text, links] = linksOf(target)
    const count = links.reduce((sum, link) => sum + link.cut(), 0)
    if (count > 0) target.timeline.fault('reset-connections', `${text}: ${count}`)
  },
}

/** Requests arrive and are carried out; their answers are lost with the connection: what idempotence is for. */
const loseAnswers: FaultKind = {
  name: 'lose-answers',
  async run(target) {
    const { topology, random, timeline } = target
    const id = random.pick(topology.brokerIds)
    const link = topology.clients.get(id)!
    const forMs = random.between(50, 1_500)
    link.set({ blocksBackward: true })
    timeline.fault('lose-answers', `of broker ${id} to clients for ${forMs} ms, then a reset`)
    await pause(forMs)
    link.cut()
    link.set({ blocksBackward: false })
  },
}

function mayDie({ coordinationDeaths }: Target): boolean {
  const nowMs = Date.now()
  while (nowMs - (coordinationDeaths[0] ?? nowMs) > 65_000) coordinationDeaths.shift()
  if (coordinationDeaths.length >= 2) return false
  coordinationDeaths.push(nowMs)
  return true
}

const killCoordination: FaultKind = {
  name: 'kill-coordination',
  async run(target) {
    if (!mayDie(target)) return
    await target.cluster.order({ to: 'coordination', type: 'die' })
    target.timeline.fault('kill-coordination', 'it comes back by itself')
  },
}

const coordinationDisk: FaultKind = {
  name: 'disk-of-coordination',
  async run(target) {
    if (!mayDie(target)) return
    const kind = target.random.pick(['io', 'no-space'] as const)
    await target.cluster.order({ to: 'coordination', type: 'disk', kind, forMs: 400 })
    target.timeline.fault('disk-of-coordination', kind)
  },
}

const freezeCoordination: FaultKind = {
  name: 'freeze-coordination',
  async run(target) {
    const forMs = target.random.between(100, 4_000)
    await target.cluster.order({ to: 'coordination', type: 'freeze', forMs })
    target.timeline.fault('freeze-coordination', `for ${forMs} ms`)
    await pause(forMs)
  },
}

export const processDeath: FaultKind = {
  name: 'process-death',
  run: (target) =>
    target.exclusively(async () => {
      await target.cluster.killHard()
      target.timeline.fault('process-death', 'kill -9 of brokers and coordination together')
      await pause(target.random.between(0, 2_000))
      await startAgain(target)
    }),
}

export const powerLossOfAll: FaultKind = {
  name: 'power-loss-of-all',
  run: (target) =>
    target.exclusively(async () => {
      await target.cluster.killHard()
      const { topology, timeline, random } = target
      timeline.fault('power-loss-of-all', 'brokers and coordination')
      for (const id of topology.brokerIds) cut(target, `broker-${id}`, target.brokerDirectory(id))
      cut(target, 'coordination', target.coordinationDirectory)
      await pause(random.between(0, 2_000))
      await startAgain(target)
    }),
}

export const powerLossOfBroker: FaultKind = {
  name: 'power-loss-of-broker',
  run: (target) =>
    target.exclusively(async () => {
      const idle = target.idleBrokers
      if (idle.length === 0) return
      const id = target.random.pick(idle)
      await target.whileBusy(id, async () => {
        const downMs = outageMs(target)
        if (!(await target.tell(`kill ${id}`))) return
        target.timeline.fault('power-loss-of-broker', `broker ${id} for ${downMs} ms`)
        cut(target, `broker-${id}`, target.brokerDirectory(id))
        await pause(downMs)
        await target.startBroker(id)
      })
    }),
}

function cut(target: Target, worker: string, directory: string): void {
  const loss = losePower(target.journal(worker), directory, target.random)
  target.timeline.note(
    `${worker} lost ${loss.lostBytes} bytes of ${loss.cutFiles} files, ${loss.spoiledTails} tails spoiled, ${loss.lostNames} names gone`,
  )
}

/** All brokers start with their process. */
async function startAgain(target: Target): Promise<void> {
  try {
    await target.cluster.start()
  } catch (error) {
    target.timeline.note(`not up: ${(error as Error).message}`)
  }
}

/** By weight. */
export const usualFaults: readonly (readonly [FaultKind, number])[] = [
  [killBroker, 5],
  [stopBroker, 2],
  [freezeBroker, 4],
  [partition, 3],
  [oneWay, 3],
  [isolate, 2],
  [withoutCoordination, 3],
  [delay, 2],
  [bandwidth, 2],
  [resetConnections, 3],
  [loseAnswers, 4],
  [diskFault('disk-full', 'no-space'), 1.5],
  [diskFault('disk-error', 'io'), 1.5],
  [diskFault('disk-read-error', 'read-io'), 1],
  [diskFault('slow-disk', 'slow-sync'), 1],
  [killCoordination, 1.5],
  [coordinationDisk, 0.5],
  [freezeCoordination, 1.5],
]
