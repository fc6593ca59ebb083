/**
 * ListClientMetricsResources (key 74), version 0: there are none, since this broker takes no telemetry (KIP-714) and offers none.
 */
import { ErrorCode } from '../../wire/errors'
import { ListClientMetricsResources } from '../../wire/messages/74-list-client-metrics-resources'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'

export function listClientMetricsResourcesHandler(): Handler<
  RequestOf<typeof ListClientMetricsResources>,
  ResponseOf<typeof ListClientMetricsResources>
> {
  return {
    api: ListClientMetricsResources,
    minVersion: 0,
    maxVersion: 0,
    handle(context) {
      context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, clientMetricsResources: [] })
    },
  }
}
