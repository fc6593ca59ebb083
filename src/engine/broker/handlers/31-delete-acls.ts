/**
 * DeleteAcls (key 31), versions 1–3: removes what matches each filter, and tells what that was. A filter that finds nothing is no error.
 */
import { type AclFilter, hasUnknown } from '../../security/acl/acl'
import { ErrorCode } from '../../wire/errors'
import { DeleteAcls } from '../../wire/messages/31-delete-acls'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { NO_AUTHORIZER, writeFailure } from '../acl-answers'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Asked = RequestOf<typeof DeleteAcls>['filters'][number]
type Result = ResponseOf<typeof DeleteAcls>['filterResults'][number]

export function deleteAclsHandler({
  security,
  logger,
}: Pick<BrokerServices, 'security' | 'logger'>): Handler<RequestOf<typeof DeleteAcls>, ResponseOf<typeof DeleteAcls>> {
  return {
    api: DeleteAcls,
    minVersion: 1,
    maxVersion: 3,
    async handle(context) {
      const filters = context.request.filters.map(filterOf)
      const filterResults: Result[] = []
      for (const filter of filters) filterResults.push(await deleteMatching(filter))
      context.respond({ throttleTimeMs: 0, filterResults })
    },
  }

  async function deleteMatching(filter: AclFilter): Promise<Result> {
    const refuse = (errorCode: number, errorMessage: string) => ({ errorCode, errorMessage, matchingAcls: [] })
    if (security.authorizer === null) return refuse(ErrorCode.SECURITY_DISABLED, NO_AUTHORIZER)
    if (hasUnknown(filter)) return refuse(ErrorCode.INVALID_REQUEST, 'The AclBindingFilter must not contain UNKNOWN elements.')
    try {
      const removed = await security.acls.remove(filter)
      const matchingAcls = removed.map(({ name, permission, ...rest }) => ({
        ...rest,
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        resourceName: name,
        permissionType: permission,
      }))
      return { errorCode: ErrorCode.NONE, errorMessage: null, matchingAcls }
    } catch (error) {
      return { ...writeFailure(logger, error), matchingAcls: [] }
    }
  }
}

function filterOf(asked: Asked): AclFilter {
  return {
    resourceType: asked.resourceTypeFilter,
    patternType: asked.patternTypeFilter,
    name: asked.resourceNameFilter,
    principal: asked.principalFilter,
    host: asked.hostFilter,
    operation: asked.operation,
    permission: asked.permissionType,
  }
}
