/** How many connections an address may have: `max.connections.per.ip` and its exceptions, which can be changed while the broker runs. */
import { listOf } from './config-definition'
import type { ConfigStore } from './config-store'

const LIMIT = 'max.connections.per.ip'
const OVERRIDES = 'max.connections.per.ip.overrides'

/**
 * Null where the two may be so, else why not, in Kafka's words (KafkaConfig.validateValues). With a limit of 0 and no exceptions nobody could connect any more, a broker as
 * little as whoever wants to take it back, and it would be so after each restart.
 */
export function whyConnectionLimitsInvalid(settingOf: (name: string) => string): string | null {
  const overrides = listOf(settingOf(OVERRIDES))
  const wrong = overrides.find((override) => !/^.+:\d{1,10}$/.test(override))
  if (wrong !== undefined)
    return `Invalid value ${wrong} for configuration ${OVERRIDES}: expected an address, a colon and a number`
  if (Number(settingOf(LIMIT)) > 0 || overrides.length > 0) return null
  return `${LIMIT} can be set to zero only if ${OVERRIDES} property is set.`
}

export function connectionsMaxOf(configs: Pick<ConfigStore, 'brokerValue' | 'brokerNumber'>, host: string): number {
  for (const override of listOf(configs.brokerValue(OVERRIDES))) {
    // An address of IPv6 has colons of its own.
    const separator = override.lastIndexOf(':')
    const most = override.slice(separator + 1)
    if (override.slice(0, separator) === host && /^\d+$/.test(most)) return Number(most)
  }
  return configs.brokerNumber(LIMIT)
}
