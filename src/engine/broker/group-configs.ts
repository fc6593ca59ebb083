/**
 * The configs that a single group of the new consumer protocol may set for itself (KIP-848: GroupConfig), under resource type 32. What is not set comes
 * from the broker's config of the same meaning. Used by DescribeConfigs and the altering APIs, and by the coordinator, through ConfigStore.
 */
import { type ConfigDefinition, type ConfigTable, define, tableOf, whyInvalid } from './config-definition'

export const CONSUMER_SESSION_TIMEOUT = 'consumer.session.timeout.ms'
export const CONSUMER_HEARTBEAT_INTERVAL = 'consumer.heartbeat.interval.ms'

export const groupConfigDefinitions: readonly ConfigDefinition[] = [
  define(
    CONSUMER_HEARTBEAT_INTERVAL,
    'int',
    '1000',
    'How often members of this group are to be heard from, with the new consumer protocol.',
    { min: '1', brokerSynonym: 'group.consumer.heartbeat.interval.ms' },
  ),
  define(
    CONSUMER_SESSION_TIMEOUT,
    'int',
    '45000',
    'A member of this group that is silent for longer is taken for dead, with the new consumer protocol.',
    { min: '1', brokerSynonym: 'group.consumer.session.timeout.ms' },
  ),
]

export const groupConfigTable: ConfigTable = tableOf(groupConfigDefinitions)

/** What is wrong with a group's own configs taken together, the broker's for what it does not set; null: nothing. */
export function whyGroupConfigsInvalid(configs: ReadonlyMap<string, string>, defaultOf: (name: string) => string): string | null {
  for (const [name, value] of configs) {
    const definition = groupConfigTable.get(name)
    if (definition === undefined) return `Unknown group config name: ${name}`
    const reason = whyInvalid(definition, value)
    if (reason !== null) return reason
  }
  const numberOf = (name: string) => Number((configs.get(name) ?? defaultOf(name)).trim())
  if (numberOf(CONSUMER_SESSION_TIMEOUT) <= numberOf(CONSUMER_HEARTBEAT_INTERVAL))
    return `${CONSUMER_SESSION_TIMEOUT} must be greater than ${CONSUMER_HEARTBEAT_INTERVAL}`
  return null
}
