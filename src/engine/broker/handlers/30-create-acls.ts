/**
 * CreateAcls (key 30), versions 1–3: each ACL is answered for itself, in the order asked; what is there already is fine. Any broker does it; this one
 * honours them from its answer on, the others when they have heard.
 */
import { type AclBinding, whyInvalidBinding } from '../../security/acl/acl'
import { whyNoPrincipal } from '../../security/principal'
import { ErrorCode } from '../../wire/errors'
import { CreateAcls } from '../../wire/messages/30-create-acls'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import { NO_AUTHORIZER, writeFailure } from '../acl-answers'
import type { Handler } from '../registry'
import type { BrokerServices } from '../services'

type Creation = RequestOf<typeof CreateAcls>['creations'][number]
type Result = ResponseOf<typeof CreateAcls>['results'][number]

export function createAclsHandler({
  security,
  logger,
}: Pick<BrokerServices, 'security' | 'logger'>): Handler<RequestOf<typeof CreateAcls>, ResponseOf<typeof CreateAcls>> {
  return {
    api: CreateAcls,
    minVersion: 1,
    maxVersion: 3,
    async handle(context) {
      const bindings = context.request.creations.map(bindingOf)
      const results: Result[] = []
      for (const binding of bindings) results.push(await createOne(binding))
      context.respond({ throttleTimeMs: 0, results })
    },
  }

  async function createOne(binding: AclBinding): Promise<Result> {
    if (security.authorizer === null) return { errorCode: ErrorCode.SECURITY_DISABLED, errorMessage: NO_AUTHORIZER }
    const problem =
      whyInvalidBinding(binding) ?? whyNoPrincipal(binding.principal) ?? (binding.host === '' ? 'The host is empty.' : null)
    if (problem !== null) return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: problem }
    try {
      await security.acls.add([binding])
      return { errorCode: ErrorCode.NONE, errorMessage: null }
    } catch (error) {
      return writeFailure(logger, error)
    }
  }
}

function bindingOf(creation: Creation): AclBinding {
  const { resourceType, resourcePatternType, resourceName, principal, host, operation, permissionType } = creation
  return {
    resourceType,
    patternType: resourcePatternType,
    name: resourceName,
    principal,
    host,
    operation,
    permission: permissionType,
  }
}
