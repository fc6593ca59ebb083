/**
 * ApiVersions (key 18), versions 0–4: computed from the registry. From 3 on clients say what they are, in a form that is checked (KIP-511).
 * A version that is not known never gets here: the connection answers it in version 0. Features are finalized by config, see features.ts.
 */
import { ErrorCode } from '../../wire/errors'
import { ApiVersions } from '../../wire/messages/18-api-versions'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { featuresOf } from '../features'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

const SOFTWARE_PATTERN = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/
const HAS_SOFTWARE_VERSION = 3

export function apiVersionsHandler({
  registry,
  configs,
}: Pick<BrokerServices, 'registry'> & { readonly configs: Pick<BrokerServices['configs'], 'brokerNumber'> }): Handler<
  RequestOf<typeof ApiVersions>,
  ResponseOf<typeof ApiVersions>
> {
  return {
    api: ApiVersions,
    minVersion: 0,
    maxVersion: 4,
    handle(context) {
      const { clientSoftwareName: name, clientSoftwareVersion: version } = context.request
      if (context.version >= HAS_SOFTWARE_VERSION) {
        if (!SOFTWARE_PATTERN.test(name) || !SOFTWARE_PATTERN.test(version)) {
          return context.respond({ errorCode: ErrorCode.INVALID_REQUEST, apiKeys: [] })
        }
        context.identifySoftware(name, version)
      }
      return context.respond({
        errorCode: ErrorCode.NONE,
        apiKeys: registry
          .ranges()
          .map(({ apiKey, advertisedMinVersion, maxVersion }) => ({ apiKey, minVersion: advertisedMinVersion, maxVersion })),
        ...featuresOf(configs, context.version),
      })
    },
  }
}
