/**
 * Carries out the planned faults on a world: each begins at its time and is taken back when it is over, or when the world is healed. One switch over
 * the kinds; what a kind means in the world's terms stands here and nowhere else.
 */
import { CONTROLLER } from '../../controller/znodes'
import { CoordinationClient } from '../../coordination/coordination-client'
import type { DiskErrorKind } from '../../platform/disk'
import type { DiskOperation } from '../memory-disk'
import { Ambushes, apiKeyOf } from './ambush'
import type { SimMachine } from './machine'
import { describeFault, type PlannedFault } from './plan'
import type { SimProcess } from './process'
import type { SeededRandom } from './seeded-random'
import type { Send } from './sim-network'
import { strikeTwoLeaders } from './two-tails'
import { COORDINATION_HOST, COORDINATION_PORT, type SimBroker, type World } from './world'

/** Operations that a broken disk refuses. Opening and renaming are left to full disks and crashes. */
const FAILING: ReadonlySet<DiskOperation> = new Set(['write', 'sync', 'truncate', 'read'])

const OPERATOR_SESSION_TIMEOUT_MS = 30_000

export class FaultDriver {
  readonly #random: SeededRandom
  readonly #undo = new Set<() => void>()
  readonly #ambushes: Ambushes
  readonly #overtakers = new Set<(send: Send) => number | null>()
  #operator: { readonly client: CoordinationClient; readonly process: SimProcess } | null = null
  #isHealed = false

  constructor(
    private readonly world: World,
    private readonly faults: readonly PlannedFault[],
  ) {
    this.#random = world.random('faults at work')
    this.#ambushes = new Ambushes(world, (victim, { kind, durationMs }, { id, ...fault }) => {
      if (this.#isHealed) return
      const blow = {
        ...fault,
        id,
        kind,
        durationMs,
        brokerId: victim.id,
        otherId: fault.otherId === victim.id ? 0 : fault.otherId,
      }
      world.trace.line('fault', `${id} strikes: ${describeFault(blow)}`)
      world.count(`ambush/${kind}`)
      this.#apply(blow)
    })
  }

  /** From now on, the beginning of the safety phase. */
  start(): void {
    for (const fault of this.faults) {
      this.world.scheduler.after(fault.atMs, null, 'fault', () => {
        if (this.#isHealed) return
        this.world.trace.line('fault', `${fault.id}: ${describeFault(fault)}`)
        this.world.count(`fault/${fault.kind}`)
        this.#apply(fault)
      })
    }
  }

  /** Takes back everything that still holds; no fault comes after it. A broker whose disk failed a log is started anew, as its owner would. */
  heal(): void {
    this.#isHealed = true
    this.#ambushes.liftAll()
    this.#overtakers.clear()
    this.world.network.overtakes = null
    for (const undo of [...this.#undo]) undo()
    for (const machine of this.world.machines()) {
      machine.downUntilMs = 0
      if (machine.simDisk !== null) machine.simDisk.changesUntilDeath = null
    }
    for (const machine of this.world.brokers.values()) if (machine.hadDiskFault && machine.isAlive) machine.end(false)
    this.world.trace.line('world', 'is healed')
  }

  #apply(fault: PlannedFault): void {
    const { world } = this
    const machine = world.broker(fault.brokerId)
    switch (fault.kind) {
      case 'kill':
        return this.#down(machine, fault.durationMs, () => machine.end(false))
      case 'power-loss':
        return this.#down(machine, fault.durationMs, () => machine.end(true))
      case 'crash-in-write':
        return this.#crashInWrite(machine, fault)
      case 'shutdown':
        return this.#down(machine, fault.durationMs, () => {
          world.shutdownBroker(machine.id)
          machine.isWanted = true
        })
      case 'freeze':
      case 'expire-session':
        return this.#freeze(machine, this.#freezeMs(fault))
      case 'slow-disk':
        return this.#slowDisk(machine, fault)
      case 'disk-full':
        return this.#diskFull(machine, fault)
      case 'disk-error':
        return this.#diskError(machine, fault)
      case 'partition':
        return this.#for(fault.durationMs, world.partition(machine.host, this.#otherHost(fault)))
      case 'one-way':
        return this.#for(fault.durationMs, world.blockOneWay(machine.host, this.#otherHost(fault)))
      case 'isolate':
        return this.#isolate(machine, fault)
      case 'isolate-from-coordination':
        return this.#for(fault.durationMs, world.partition(machine.host, COORDINATION_HOST))
      case 'delay':
        return this.#delay(machine, fault)
      case 'reset-connections':
        world.network.resetBetween(machine.host, this.#otherHost(fault))
        return
      case 'overtaken-requests':
        return this.#overtake(fault)
      case 'clock-jump':
        machine.clockFaults.offsetMs += fault.amount
        return
      case 'depose-controller':
        return this.#deposeController()
      case 'kill-coordination':
        return this.#down(world.coordination, fault.durationMs, () => world.coordination.end(false))
      case 'power-loss-of-coordination':
        return this.#down(world.coordination, fault.durationMs, () => world.coordination.end(true))
      case 'freeze-coordination':
        return this.#freeze(world.coordination, fault.durationMs)
      case 'crash-in-write-of-coordination':
        return this.#crashInWrite(world.coordination, fault)
      case 'disk-full-of-coordination':
        return this.#diskFull(world.coordination, fault)
      case 'ambush':
        if (fault.ambush !== null) this.#ambushes.lay(fault, fault.ambush)
        return
      case 'two-tails':
        return strikeTwoLeaders(world, world.random(`two tails/${fault.id}`), {
          cut: (broker, other, durationMs) => this.#for(durationMs, world.partition(broker.host, other.host)),
          kill: (broker, durationMs) => this.#down(broker, durationMs, () => broker.end(false)),
          isHealed: () => this.#isHealed,
        })
      case 'kill-all':
        return this.#downWithAll(fault, false)
      case 'power-loss-of-all':
        return this.#downWithAll(fault, true)
    }
  }

  /** Until `durationMs` are over, or the world is healed. */
  #for(durationMs: number, undo: () => void): void {
    const once = (): void => {
      if (!this.#undo.delete(once)) return
      timer.cancel()
      undo()
    }
    const timer = this.world.scheduler.after(durationMs, null, 'fault over', once)
    this.#undo.add(once)
  }

  /** From coordination and all other brokers, but not from clients: what makes two leaders if anything does. */
  #isolate(machine: SimBroker, { durationMs, amount }: PlannedFault): void {
    const { world } = this
    const others = [world.coordination, ...world.brokers.values()].filter((other) => other !== machine)
    for (const { host } of others) {
      if (amount !== 2) this.#for(durationMs, world.blockOneWay(machine.host, host))
      if (amount !== 1) this.#for(durationMs, world.blockOneWay(host, machine.host))
    }
  }

  /** As operators do where a controller is stuck: it is another one's turn, while the old one has a session still and may be in the middle of something. */
  #deposeController(): void {
    const { world } = this
    this.#operator ??= startOperator(world)
    const { client, process } = this.#operator
    world.scheduler.after(0, process, 'operator', () => {
      client.delete(CONTROLLER).catch((error: unknown) => {
        if (process.isAlive) world.trace.line(process.name, `could not delete ${CONTROLLER}: ${String(error)}`)
      })
    })
  }

  #down(machine: SimMachine, durationMs: number, end: () => void): void {
    machine.downUntilMs = Math.max(machine.downUntilMs, this.world.nowMs + durationMs)
    end()
  }

  #crashInWrite(machine: SimMachine, fault: PlannedFault): void {
    const { simDisk } = machine
    if (simDisk === null || !machine.isAlive) return
    simDisk.changesUntilDeath = fault.amount
    simDisk.onDeadly = () => {
      this.world.trace.line('world', `${machine.name} dies in a change of its disk`)
      this.#down(machine, fault.durationMs, () => machine.end(fault.isPowerLoss))
    }
  }

  #freezeMs(fault: PlannedFault): number {
    const { sessionTimeoutMs } = this.world.config
    return fault.kind === 'freeze' ? fault.durationMs : sessionTimeoutMs + (fault.durationMs % sessionTimeoutMs)
  }

  #freeze(machine: SimMachine, durationMs: number): void {
    const { process } = machine
    if (process === null || machine.isFrozen) return
    this.world.freeze(machine)
    this.#for(durationMs, () => {
      if (machine.process === process) this.world.thaw(machine)
    })
  }

  #slowDisk(machine: SimMachine, fault: PlannedFault): void {
    const { writeMs, syncMs } = this.world.config.disk
    machine.pace.writeMs = fault.amount
    machine.pace.syncMs = [fault.amount * 5, fault.amount * 20]
    this.#for(fault.durationMs, () => {
      machine.pace.writeMs = writeMs
      machine.pace.syncMs = syncMs
    })
  }

  #diskFull(machine: SimMachine, fault: PlannedFault): void {
    this.#diskFault(machine)
    machine.disk.capacityBytes = machine.disk.usedBytes + fault.amount
    this.#for(fault.durationMs, () => {
      machine.disk.capacityBytes = Number.POSITIVE_INFINITY
    })
  }

  #diskError(machine: SimMachine, fault: PlannedFault): void {
    this.#diskFault(machine)
    const random = this.#random
    const kind: DiskErrorKind = 'io'
    machine.disk.fail = (operation) => {
      if (!FAILING.has(operation) || random.below(fault.amount) > 0) return null
      // Also one that started after the fault did.
      machine.hadDiskFault = true
      return kind
    }
    this.#for(fault.durationMs, () => {
      machine.disk.fail = null
    })
  }

  #diskFault(machine: SimMachine): void {
    machine.hadDiskFault = true
    this.world.tellFault({ kind: 'disk', machine })
  }

  #delay(machine: SimBroker, fault: PlannedFault): void {
    const { network } = this.world
    const other = this.#otherHost(fault)
    network.setDelay(machine.host, other, fault.amount)
    network.setDelay(other, machine.host, fault.amount)
    this.#for(fault.durationMs, () => {
      network.setDelay(machine.host, other, 0)
      network.setDelay(other, machine.host, 0)
    })
  }

  /** What comes late is then an older one than what its sender has said since: a batch of a transaction that is over, or a marker that was sent again. */
  #overtake({ otherId: apiKey, amount, durationMs }: PlannedFault): void {
    const { world } = this
    let untilMs: number | null = null
    const overtaker = ({ serverPort, isFromOpener, bytes }: Send): number | null => {
      if (serverPort === COORDINATION_PORT || !isFromOpener || apiKeyOf(bytes) !== apiKey) return null
      // It waits for the first: markers are few.
      untilMs ??= world.nowMs + durationMs
      if (world.nowMs <= untilMs) return amount
      this.#overtakers.delete(overtaker)
      return null
    }
    this.#overtakers.add(overtaker)
    world.network.overtakes = (send) => {
      for (const each of this.#overtakers) {
        const lateMs = each(send)
        if (lateMs === null) continue
        world.count(`requests that were overtaken/${apiKey}`)
        return lateMs
      }
      return null
    }
  }

  #downWithAll(fault: PlannedFault, isPowerLoss: boolean): void {
    const { world } = this
    const machines: SimMachine[] = [world.coordination, ...world.brokers.values()]
    for (const machine of machines)
      this.#down(machine, fault.durationMs + this.#random.below(1_500), () => machine.end(isPowerLoss))
  }

  #otherHost({ otherId }: PlannedFault): string {
    return otherId === 0 ? COORDINATION_HOST : this.world.broker(otherId).host
  }
}

/** A client of coordination that is nobody's broker. Its session outlasts most faults; where it has ended, nobody is deposed any more. */
function startOperator(world: World): { client: CoordinationClient; process: SimProcess } {
  const process = world.clientProcess('operator')
  const { platform } = process
  const client = new CoordinationClient({
    platform,
    host: COORDINATION_HOST,
    port: COORDINATION_PORT,
    sessionTimeoutMs: OPERATOR_SESSION_TIMEOUT_MS,
    name: 'operator',
  })
  world.scheduler.after(0, process, 'start', () => client.connect())
  return { client, process }
}
