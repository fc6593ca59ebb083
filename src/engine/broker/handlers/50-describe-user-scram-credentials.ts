/**
 * DescribeUserScramCredentials (key 50), version 0: which mechanisms users have credentials for; nothing of the credentials themselves (KIP-554). Any
 * broker answers, from the coordination service. No users named means all.
 */
import { ErrorCode } from '../../wire/errors'
import { DescribeUserScramCredentials } from '../../wire/messages/50-describe-user-scram-credentials'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { scramTypeOf } from '../scram-mechanisms'
import type { UserCredentials } from '../scram-store'
import type { BrokerServices } from '../services'

type Response = ResponseOf<typeof DescribeUserScramCredentials>

export function describeUserScramCredentialsHandler({
  security,
  logger,
}: Pick<BrokerServices, 'security' | 'logger'>): Handler<RequestOf<typeof DescribeUserScramCredentials>, Response> {
  return {
    api: DescribeUserScramCredentials,
    minVersion: 0,
    maxVersion: 0,
    async handle(context) {
      const asked = context.request.users?.map(({ name }) => name) ?? []
      try {
        const known = await security.scram.list()
        const users = asked.length === 0 ? [...known.keys()].sort() : [...new Set(asked)]
        const results = users.map((user) => {
          if (asked.filter((name) => name === user).length > 1) return refusal(user, ErrorCode.DUPLICATE_RESOURCE, 'twice')
          const credentials = known.get(user)
          return credentials === undefined ? refusal(user, ErrorCode.RESOURCE_NOT_FOUND, 'missing') : described(user, credentials)
        })
        context.respond({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, results })
      } catch (error) {
        logger.error('SCRAM credentials could not be read', { reason: String(error) })
        context.respond({
          throttleTimeMs: 0,
          errorCode: ErrorCode.UNKNOWN_SERVER_ERROR,
          errorMessage: String(error),
          results: [],
        })
      }
    },
  }
}

function described(user: string, credentials: UserCredentials): Response['results'][number] {
  const credentialInfos = [...credentials].map(([mechanism, { iterations }]) => ({
    mechanism: scramTypeOf(mechanism),
    iterations,
  }))
  return { user, errorCode: ErrorCode.NONE, errorMessage: null, credentialInfos }
}

function refusal(user: string, errorCode: number, why: 'twice' | 'missing'): Response['results'][number] {
  const errorMessage =
    why === 'twice'
      ? `A user credential cannot be described twice in the same request: ${user}`
      : `Attempt to describe a user credential that does not exist: ${user}`
  return { user, errorCode, errorMessage, credentialInfos: [] }
}
