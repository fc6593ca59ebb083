/**
 * IncrementalAlterConfigs (key 44), versions 0–1: sets (0), deletes (1), appends to (2) and subtracts from (3) single configs of topics,
 * brokers and groups (KIP-339). Any broker does it, for another broker's own only that one. Appending and subtracting are for lists.
 */
import type { ConfigChange, ConfigOp, ConfigOpKind } from '../../controller/topic-configs'
import { ErrorCode } from '../../wire/errors'
import { IncrementalAlterConfigs } from '../../wire/messages/44-incremental-alter-configs'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { brokerConfigTable } from '../broker-configs'
import { alterResource, type ConfigError, ResourceType } from '../config-changes'
import type { ConfigTable } from '../config-definition'
import { groupConfigTable } from '../group-configs'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'
import { topicConfigTable } from '../topic-configs'

type Services = Pick<BrokerServices, 'metadata' | 'configs' | 'brokerId' | 'logger'>
type Resource = RequestOf<typeof IncrementalAlterConfigs>['resources'][number]

const tables = new Map<number, ConfigTable>([
  [ResourceType.TOPIC, topicConfigTable],
  [ResourceType.GROUP, groupConfigTable],
])

const KINDS: readonly (ConfigOpKind | undefined)[] = ['set', 'delete', 'append', 'subtract']

export function incrementalAlterConfigsHandler(
  services: Services,
): Handler<RequestOf<typeof IncrementalAlterConfigs>, ResponseOf<typeof IncrementalAlterConfigs>> {
  return {
    api: IncrementalAlterConfigs,
    minVersion: 0,
    maxVersion: 1,
    async handle(context) {
      const { resources, validateOnly } = context.request
      const responses = await Promise.all(
        resources.map((resource) => alterResource(services, resource, changeOf(resource), validateOnly)),
      )
      context.respond({ throttleTimeMs: 0, responses })
    },
  }
}

function changeOf({ resourceType, configs }: Resource): ConfigChange | ConfigError {
  const invalid = (errorMessage: string): ConfigError => ({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage })
  const table = tables.get(resourceType) ?? brokerConfigTable
  const ops: ConfigOp[] = []
  for (const { name, configOperation, value } of configs) {
    const kind = KINDS[configOperation]
    if (kind === undefined) return invalid(`Unknown operation type ${configOperation} for config ${name}`)
    if (ops.some((op) => op.name === name)) return invalid(`Error due to duplicate config keys: ${name}`)
    if (value === null && kind !== 'delete') return invalid(`Null value not supported for : ${name}`)
    const definition = table.get(name)
    if ((kind === 'append' || kind === 'subtract') && definition !== undefined && definition.type !== 'list') {
      return { errorCode: ErrorCode.INVALID_CONFIG, errorMessage: `Config value ${kind} is not allowed for config key: ${name}` }
    }
    ops.push({ name, kind, value: value ?? '' })
  }
  return { kind: 'incremental', ops }
}
