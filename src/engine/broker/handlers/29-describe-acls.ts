/**
 * DescribeAcls (key 29), versions 1–3: the ACLs that match a filter, by resource. Any broker answers, from what it has heard of. Where no authorizer is
 * set up it is SECURITY_DISABLED, as from Kafka.
 */
import { type AclBinding, type AclFilter, hasUnknown } from '../../security/acl/acl'
import { ErrorCode } from '../../wire/errors'
import { DescribeAcls } from '../../wire/messages/29-describe-acls'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { NO_AUTHORIZER } from '../acl-answers'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Response = ResponseOf<typeof DescribeAcls>
type Resource = Response['resources'][number]

export function describeAclsHandler({
  security,
}: Pick<BrokerServices, 'security'>): Handler<RequestOf<typeof DescribeAcls>, Response> {
  return {
    api: DescribeAcls,
    minVersion: 1,
    maxVersion: 3,
    handle(context) {
      const { request } = context
      const refuse = (errorCode: number, errorMessage: string) =>
        context.respond({ throttleTimeMs: 0, errorCode, errorMessage, resources: [] })
      if (security.authorizer === null) return refuse(ErrorCode.SECURITY_DISABLED, NO_AUTHORIZER)
      const filter: AclFilter = {
        resourceType: request.resourceTypeFilter,
        patternType: request.patternTypeFilter,
        name: request.resourceNameFilter,
        principal: request.principalFilter,
        host: request.hostFilter,
        operation: request.operation,
        permission: request.permissionType,
      }
      if (hasUnknown(filter)) return refuse(ErrorCode.INVALID_REQUEST, 'The AclBindingFilter must not contain UNKNOWN elements.')
      const resources = byResource(security.acls.find(filter))
      return context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, resources })
    },
  }
}

function byResource(bindings: readonly AclBinding[]): Resource[] {
  const resources = new Map<string, Resource>()
  for (const { resourceType, patternType, name, principal, host, operation, permission } of bindings) {
    const key = `${resourceType} ${patternType} ${name}`
    const { acls } = resources.get(key) ?? { acls: [] }
    const acl = { principal, host, operation, permissionType: permission }
    resources.set(key, { resourceType, resourceName: name, patternType, acls: [...acls, acl] })
  }
  return [...resources.values()]
}
