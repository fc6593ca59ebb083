/**
 * What outlives a process in the simulated world: a host with its disk and its clock, on which one incarnation after another of a broker, the
 * coordination server or a client runs. Ends its process in the ways in which processes end. World decides when.
 */
import type { Logger, Platform } from '../../platform'
import { MemoryDisk } from '../memory-disk'
import { SimProcess } from './process'
import { type ClockFaults, SimClock } from './sim-clock'
import { type DiskPace, SimDisk } from './sim-disk'
import type { World } from './world'

export class SimMachine {
  readonly disk: MemoryDisk
  process: SimProcess | null = null
  /** The living process' view of the disk, for faults. */
  simDisk: SimDisk | null = null
  /** Not to be started again before. */
  downUntilMs = 0
  readonly clockFaults: ClockFaults
  readonly pace: { writeMs: number; syncMs: readonly [number, number] }
  /** Since the present process began: what fails in it may be the disk's fault. */
  hadDiskFault = false
  #incarnation = 0

  constructor(
    protected readonly world: World,
    readonly name: string,
    readonly host: string,
  ) {
    const { config } = world
    const random = world.random(`machine/${name}`)
    this.disk = new MemoryDisk({ random: world.random(`disk/${name}`) })
    this.clockFaults = {
      rate: 1 + random.within(-config.driftMax, config.driftMax),
      offsetMs: random.within(-config.skewMsMax, config.skewMsMax),
      lateMsMax: config.timerLateMsMax,
    }
    this.pace = { ...config.disk }
  }

  get isAlive(): boolean {
    return this.process?.isAlive === true
  }

  get isFrozen(): boolean {
    return this.process?.isFrozen === true
  }

  spawn(): SimProcess {
    const { world, name, host } = this
    world.network.setHostPower(host, true)
    const process = new SimProcess(name, host, ++this.#incarnation, world.scheduler)
    const stream = `${name}/${process.incarnation}`
    const simDisk = new SimDisk(world.scheduler, process, this.disk, world.random(`pace/${stream}`), this.pace as DiskPace)
    simDisk.onDeadly = () => this.end(false)
    simDisk.onDidChange = (operation, path) => world.tellDiskChange(this, operation, path)
    process.platform = {
      clock: new SimClock(world.scheduler, process, world.random(`clock/${stream}`), this.clockFaults),
      random: world.random(`process/${stream}`),
      disk: simDisk,
      network: world.network.portOf(process),
      logger: this.#logger(process),
    } satisfies Platform
    this.process = process
    this.simDisk = simDisk
    this.hadDiskFault = this.disk.fail !== null || this.disk.capacityBytes !== Number.POSITIVE_INFINITY
    return process
  }

  /** The process is gone, and with the power what was not synced. Nothing of the engine is called. */
  end(isPowerLoss: boolean): void {
    const { process, world } = this
    if (isPowerLoss) world.network.setHostPower(this.host, false)
    if (process?.isAlive === true) {
      process.die()
      world.network.drop(process, isPowerLoss)
      if (!isPowerLoss) this.disk.kill()
    }
    if (isPowerLoss) this.disk.crash()
    this.onEnded(isPowerLoss)
  }

  /** For those who keep more than the process. */
  protected onEnded(_isPowerLoss: boolean): void {}

  #logger(process: SimProcess): Logger {
    const { world } = this
    const { trace } = world
    const log =
      (level: string) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        if (trace.isOn && process.isAlive) trace.line(process.name, `${level} ${message} ${textOf(fields)}`)
      }
    /** A failed assertion is a bug also where the engine has caught it, and goes on: a controller resigns, a fetcher asks again. */
    const judged =
      (level: string) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        log(level)(message, fields)
        const failed = Object.values(fields).find((value) => String(value).includes('AssertionError'))
        if (failed !== undefined && process.isAlive) world.fail('crash', `${process.name}, caught: ${String(failed)}`)
      }
    return { debug: log('debug:'), info: log('says:'), warn: judged('WARNS:'), error: judged('ERROR:') }
  }
}

function textOf(fields: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(fields)
  if (entries.length === 0) return ''
  return JSON.stringify(fields, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString()
    // A stack names files by where this was built.
    return value instanceof Error ? value.message : value
  })
}
