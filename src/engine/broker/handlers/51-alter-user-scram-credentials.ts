/**
 * AlterUserScramCredentials (key 51), version 0: sets and deletes SCRAM credentials (KIP-554). The client has salted the password; no broker sees it.
 * Only the controller does it, others answer NOT_CONTROLLER, as with ZooKeeper. One answer a user: if one change of a user cannot be, none of
 * his is made. Rules and sentences are those of Kafka's ZkAdminManager.
 */
import {
  credentialOfSaltedPassword,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  type ScramCredential,
  type ScramMechanism,
} from '../../security/sasl/scram-credential'
import { ErrorCode, errorMessage } from '../../wire/errors'
import { AlterUserScramCredentials } from '../../wire/messages/51-alter-user-scram-credentials'
import type { RequestOf, ResponseOf } from '../../wire/schema'
import type { Handler } from '../registry'
import { scramMechanismOf } from '../scram-mechanisms'
import type { BrokerServices } from '../services'

type Request = RequestOf<typeof AlterUserScramCredentials>
type Result = ResponseOf<typeof AlterUserScramCredentials>['results'][number]
type Services = Pick<BrokerServices, 'security' | 'controller' | 'logger'>

interface Change {
  readonly user: string
  readonly type: number
  /** Null: a deletion. */
  readonly upsertion: { readonly iterations: number; readonly salt: Uint8Array; readonly saltedPassword: Uint8Array } | null
}

interface Problem {
  readonly errorCode: number
  readonly errorMessage: string
}

export function alterUserScramCredentialsHandler(
  services: Services,
): Handler<Request, ResponseOf<typeof AlterUserScramCredentials>> {
  return {
    api: AlterUserScramCredentials,
    minVersion: 0,
    maxVersion: 0,
    async handle(context) {
      const byUser = changesByUser(context.request)
      const results: Result[] = []
      for (const [user, changes] of byUser) results.push({ user, ...(await alterUser(services, user, changes)) })
      context.respond({ throttleTimeMs: 0, results })
    },
  }
}

/** Bytes of the request are copied: it is answered after an await. */
function changesByUser({ deletions, upsertions }: Request): Map<string, Change[]> {
  const changes: Change[] = [
    ...deletions.map(({ name, mechanism }) => ({ user: name, type: mechanism, upsertion: null })),
    ...upsertions.map(({ name, mechanism, iterations, salt, saltedPassword }) => ({
      user: name,
      type: mechanism,
      upsertion: { iterations, salt: Uint8Array.from(salt), saltedPassword: Uint8Array.from(saltedPassword) },
    })),
  ]
  const byUser = new Map<string, Change[]>()
  for (const change of changes) byUser.set(change.user, [...(byUser.get(change.user) ?? []), change])
  return byUser
}

async function alterUser({ security, controller, logger }: Services, user: string, changes: readonly Change[]) {
  if (!controller.isActive) return problem(ErrorCode.NOT_CONTROLLER, errorMessage(ErrorCode.NOT_CONTROLLER))
  const unacceptable = changes.map(whyNot).find((found) => found !== null) ?? whyTwice(changes)
  if (unacceptable !== null) return unacceptable
  try {
    const present = await security.scram.read(user)
    const wanted = new Map<ScramMechanism, ScramCredential | null>()
    for (const { type, upsertion } of changes) {
      const mechanism = scramMechanismOf(type)
      if (mechanism === null) continue
      if (upsertion === null && !present.has(mechanism))
        return problem(ErrorCode.RESOURCE_NOT_FOUND, 'Attempt to delete a user credential that does not exist')
      const { saltedPassword, salt, iterations } = upsertion ?? {}
      const isWhole = saltedPassword !== undefined && salt !== undefined && iterations !== undefined
      wanted.set(mechanism, isWhole ? credentialOfSaltedPassword(mechanism, saltedPassword, salt, iterations) : null)
    }
    await security.scram.alter(user, wanted)
    return { errorCode: ErrorCode.NONE as number, errorMessage: null }
  } catch (error) {
    logger.error('SCRAM credentials could not be written', { reason: String(error) })
    return problem(ErrorCode.UNKNOWN_SERVER_ERROR, String(error))
  }
}

function whyNot({ user, type, upsertion }: Change): Problem | null {
  if (user === '') return problem(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Username must not be empty')
  if (scramMechanismOf(type) === null) return problem(ErrorCode.UNSUPPORTED_SASL_MECHANISM, 'Unknown SCRAM mechanism')
  if (upsertion === null) return null
  if (upsertion.iterations < SCRAM_ITERATIONS_MIN) return problem(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too few iterations')
  if (upsertion.iterations > SCRAM_ITERATIONS_MAX) return problem(ErrorCode.UNACCEPTABLE_CREDENTIAL, 'Too many iterations')
  return null
}

function whyTwice(changes: readonly Change[]): Problem | null {
  const isTwice = new Set(changes.map(({ type }) => type)).size < changes.length
  return isTwice ? problem(ErrorCode.DUPLICATE_RESOURCE, 'A user credential cannot be altered twice in the same request') : null
}

function problem(errorCode: number, message: string): Problem {
  return { errorCode, errorMessage: message }
}
