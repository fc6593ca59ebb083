/** The real adapters of one worker, wrapped with the faults of the torture test, and the worker's ear for the driver's orders. */
import { BroadcastChannel } from 'node:worker_threads'
import type { Logger, Platform } from '../../../src/engine/platform'
import { createNodePlatform } from '../../../src/engine/platform/node'
import { DiskFault, FaultyDisk } from './faulty-disk'
import { Journal } from './journal'
import { JournaledDisk } from './journaled-disk'
import { RoutedNetwork } from './routed-network'
import { controlChannel, readSettings, type WorkerOrder } from './settings'

/** `name`: 'broker-1', 'coordination'. */
export function createTorturedPlatform(name: string, logger: Logger): Platform {
  const settings = readSettings()
  const real = createNodePlatform({ logger })
  const fault = new DiskFault()
  const journal = new Journal(`${settings.journalDirectory}/${name}.journal`)
  listen(name, fault)
  const routes = new Map(Object.entries(settings.routes[name] ?? {}).map(([wanted, proxy]) => [Number(wanted), proxy]))
  const fronts = new Map(settings.hiddenPorts.map((hidden, index) => [hidden, settings.frontPorts[index] ?? hidden]))
  return {
    ...real,
    disk: new FaultyDisk(new JournaledDisk(real.disk, journal), fault),
    network: new RoutedNetwork(real.network, routes, fronts),
  }
}

function listen(name: string, fault: DiskFault): void {
  const channel = new BroadcastChannel(controlChannel)
  channel.onmessage = (message) => {
    const order = (message as { data: WorkerOrder }).data
    if (order.to !== name) return
    switch (order.type) {
      case 'disk':
        fault.set(order.kind, order.forMs)
        return
      case 'disk-heals':
        fault.clear()
        return
      case 'die':
        process.exit(1)
        break
      case 'freeze':
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.forMs)
    }
  }
  channel.unref()
}
