/**
 * DescribeConfigs (key 32), versions 1–4: every config of topics (resource type 2), of this broker (4) and of groups (32), with its source, and on request
 * where else its value could have come from, its type (3+) and what it means. With an empty name, what was set for all brokers. Those of another broker have to be asked there.
 */
import { ErrorCode } from '../../wire/errors'
import { DescribeConfigs } from '../../wire/messages/32-describe-configs'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { brokerConfigDefinitions } from '../broker-configs'
import { entityOf, isConfigError } from '../config-changes'
import type { ConfigDefinition, ConfigType } from '../config-definition'
import { ALL_BROKERS, type ConfigEntity, ConfigSource, type ConfigValue } from '../config-store'
import { groupConfigDefinitions } from '../group-configs'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { topicConfigDefinitions } from '../topic-configs'

type Services = Pick<BrokerServices, 'metadata' | 'configs' | 'brokerId' | 'logger'>
type Request = RequestOf<typeof DescribeConfigs>

/** DescribeConfigsResponse.ConfigType. */
const TYPE_CODES: Readonly<Record<ConfigType, number>> = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 }

const definitionsOf = {
  topics: topicConfigDefinitions,
  brokers: brokerConfigDefinitions,
  groups: groupConfigDefinitions,
} as const

export function describeConfigsHandler(services: Services): Handler<Request, ResponseOf<typeof DescribeConfigs>> {
  return {
    api: DescribeConfigs,
    minVersion: 1,
    maxVersion: 4,
    handle(context) {
      const { request } = context
      context.respond({
        throttleTimeMs: 0,
        results: request.resources.map(({ resourceType, resourceName, configurationKeys }) => {
          const entity = entityOf(services, resourceType, resourceName)
          if (isConfigError(entity)) return { resourceType, resourceName, ...entity, configs: [] }
          const definitions = definitionsOf[entity.type]
          const wanted = configurationKeys === null || configurationKeys.length === 0 ? null : new Set(configurationKeys)
          return {
            resourceType,
            resourceName,
            errorCode: ErrorCode.NONE,
            errorMessage: null,
            configs: definitions
              .filter(({ name }) => wanted === null || wanted.has(name))
              // Of all brokers together there is nothing but what was set for them.
              .filter(({ name }) => !isOfAllBrokers(entity) || services.configs.overridesOf(entity).has(name))
              .map((definition) => describeConfig(request, definition, chainOf(services, entity, definition))),
          }
        }),
      })
    },
  }
}

function isOfAllBrokers({ type, name }: ConfigEntity): boolean {
  return type === 'brokers' && name === ALL_BROKERS
}

function chainOf({ configs }: Services, entity: ConfigEntity, definition: ConfigDefinition): ConfigValue[] {
  if (isOfAllBrokers(entity))
    return configs.brokerChain(definition).filter(({ source }) => source === ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)
  if (entity.type === 'groups') return configs.groupChain(entity.name, definition)
  return entity.type === 'topics' ? configs.topicChain(entity.name, definition) : configs.brokerChain(definition)
}

function describeConfig(request: Request, definition: ConfigDefinition, chain: readonly ConfigValue[]) {
  const [{ value, source }] = chain as readonly [ConfigValue]
  return {
    name: definition.name,
    value,
    readOnly: definition.isReadOnly,
    configSource: source,
    isSensitive: false,
    synonyms: request.includeSynonyms
      ? chain.map((synonym) => ({ name: synonym.name, value: synonym.value, source: synonym.source }))
      : [],
    configType: TYPE_CODES[definition.type],
    documentation: request.includeDocumentation ? definition.documentation : null,
  }
}
