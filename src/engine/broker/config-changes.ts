/**
 * What AlterConfigs and IncrementalAlterConfigs have in common: find the entity that a resource names, judge the values that would result,
 * write them. Any broker can do it, as in Kafka with ZooKeeper: the write carries the version that was read.
 */
import { applyConfigChange, type ConfigChange } from '../controller/topic-configs'
import { ErrorCode } from '../wire/errors'
import { brokerConfigTable } from './broker-configs'
import { whyInvalid } from './config-definition'
import { ALL_BROKERS, type ConfigEntity, ConfigSource } from './config-store'
import { whyConnectionLimitsInvalid } from './connection-limits'
import { groupConfigTable, whyGroupConfigsInvalid } from './group-configs'
import type { BrokerServices } from './services'
import { topicConfigTable, whyTopicConfigsInvalid } from './topic-configs'

type Services = Pick<BrokerServices, 'metadata' | 'configs' | 'brokerId' | 'logger'>

/** Kafka's numbers (ConfigResource.Type). */
export const ResourceType = { TOPIC: 2, BROKER: 4, GROUP: 32 } as const

export interface ConfigError {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** The entity of a resource, or why it has none here. A broker's own configs are that broker's to tell and to change. */
export function entityOf(services: Services, resourceType: number, resourceName: string): ConfigEntity | ConfigError {
  if (resourceType === ResourceType.TOPIC) {
    if (services.metadata.topic(resourceName) !== undefined) return { type: 'topics', name: resourceName }
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: `The topic '${resourceName}' does not exist.` }
  }
  if (resourceType === ResourceType.BROKER) {
    if (resourceName === '') return { type: 'brokers', name: ALL_BROKERS }
    if (resourceName === String(services.brokerId)) return { type: 'brokers', name: resourceName }
    const errorMessage = /^\d+$/.test(resourceName)
      ? `Unexpected broker id, expected ${services.brokerId} or empty string, but received ${resourceName}`
      : `Broker id must be an integer, but it is: ${resourceName}`
    return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
  }
  if (resourceType === ResourceType.GROUP) {
    // One that is not there yet may have configs: they wait for it.
    if (resourceName !== '') return { type: 'groups', name: resourceName }
    return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: 'Default group resources are not allowed.' }
  }
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: `Unsupported resource type ${resourceType}` }
}

export function isConfigError(entity: ConfigEntity | ConfigError): entity is ConfigError {
  return 'errorCode' in entity
}

/** Changes one resource, or with `validateOnly` only judges the change. Never rejects for bad input. */
export async function alterResource(
  services: Services,
  resource: { readonly resourceType: number; readonly resourceName: string },
  change: ConfigChange | ConfigError,
  validateOnly: boolean,
) {
  const { resourceType, resourceName } = resource
  const answer = (error: ConfigError) => ({ resourceType, resourceName, ...error })
  if ('errorCode' in change) return answer(change)
  const entity = entityOf(services, resourceType, resourceName)
  if (isConfigError(entity)) return answer(entity)
  try {
    const judge = (current: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
      const after = applyConfigChange(Object.fromEntries(current), change, (name) => defaultOf(services, entity, name))
      const problem = whyConfigsInvalid(services, entity, new Map(Object.entries(after)))
      if (problem !== null) throw new InvalidConfig(problem)
      return new Map(Object.entries(after))
    }
    if (validateOnly) judge(services.configs.overridesOf(entity))
    else await services.configs.alter(entity, judge)
    return answer({ errorCode: ErrorCode.NONE, errorMessage: null })
  } catch (error) {
    if (error instanceof InvalidConfig) return answer({ errorCode: ErrorCode.INVALID_CONFIG, errorMessage: error.message })
    services.logger.error('A configuration could not be changed', { resource: resourceName, reason: String(error) })
    return answer({ errorCode: ErrorCode.UNKNOWN_SERVER_ERROR, errorMessage: String(error) })
  }
}

class InvalidConfig extends Error {}

/** Deleting something that there is not is fine; setting it is not. */
function whyConfigsInvalid(services: Services, entity: ConfigEntity, configs: ReadonlyMap<string, string>): string | null {
  if (entity.type === 'topics') return whyTopicConfigsInvalid(configs)
  if (entity.type === 'groups') return whyGroupConfigsInvalid(configs, (name) => String(services.configs.groupNumber('', name)))
  for (const [name, value] of configs) {
    const definition = brokerConfigTable.get(name)
    if (definition === undefined) return `Unknown broker config name: ${name}`
    if (definition.isReadOnly) return `Cannot update these configs dynamically: Set(${name})`
    const reason = whyInvalid(definition, value)
    if (reason !== null) return reason
  }
  return whyConnectionLimitsInvalid((name) => configs.get(name) ?? inheritedBrokerValue(services, entity, name))
}

/** What would count if the entity set nothing. */
function inheritedBrokerValue({ configs }: Services, { name: ofEntity }: ConfigEntity, name: string): string {
  const own = ofEntity === ALL_BROKERS ? ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG : ConfigSource.DYNAMIC_BROKER_CONFIG
  const chain = configs.brokerChain(brokerConfigTable.get(name)!)
  return chain.find(({ source }) => source !== own)?.value ?? ''
}

function defaultOf({ configs }: Services, entity: ConfigEntity, name: string): string | null {
  if (entity.type === 'topics') return topicConfigTable.has(name) ? configs.topicValue('', name) : null
  if (entity.type === 'groups') return groupConfigTable.has(name) ? String(configs.groupNumber('', name)) : null
  return brokerConfigTable.has(name) ? configs.brokerValue(name) : null
}
