/**
 * AlterConfigs (key 33), versions 0–2: replaces all that a topic, broker or group sets for itself. What is not named goes back to its default,
 * which is why IncrementalAlterConfigs came after it. Any broker does it.
 */
import type { ConfigChange } from '../../controller/topic-configs'
import { ErrorCode } from '../../wire/errors'
import { AlterConfigs } from '../../wire/messages/33-alter-configs'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { alterResource, type ConfigError } from '../config-changes'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Services = Pick<BrokerServices, 'metadata' | 'configs' | 'brokerId' | 'logger'>
type Resource = RequestOf<typeof AlterConfigs>['resources'][number]

export function alterConfigsHandler(
  services: Services,
): Handler<RequestOf<typeof AlterConfigs>, ResponseOf<typeof AlterConfigs>> {
  return {
    api: AlterConfigs,
    minVersion: 0,
    maxVersion: 2,
    async handle(context) {
      const { resources, validateOnly } = context.request
      const responses = await Promise.all(
        resources.map((resource) => alterResource(services, resource, changeOf(resource), validateOnly)),
      )
      context.respond({ throttleTimeMs: 0, responses })
    },
  }
}

function changeOf({ configs }: Resource): ConfigChange | ConfigError {
  const nullConfig = configs.find(({ value }) => value === null)
  if (nullConfig !== undefined) {
    return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: `Null value not supported for : ${nullConfig.name}` }
  }
  return { kind: 'replace', configs: Object.fromEntries(configs.map(({ name, value }) => [name, value ?? ''])) }
}
