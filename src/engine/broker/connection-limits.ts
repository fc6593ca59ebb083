/** How many connections an address may have: `max.connections.per.ip` and its exceptions, which can be changed while the broker runs. */
import { listOf } from './config-definition'
import type { ConfigStore } from './config-store'

export function connectionsMaxOf(configs: Pick<ConfigStore, 'brokerValue' | 'brokerNumber'>, host: string): number {
  for (const override of listOf(configs.brokerValue('max.connections.per.ip.overrides'))) {
    // An address of IPv6 has colons of its own.
    const separator = override.lastIndexOf(':')
    const most = override.slice(separator + 1)
    if (override.slice(0, separator) === host && /^\d+$/.test(most)) return Number(most)
  }
  return configs.brokerNumber('max.connections.per.ip')
}
