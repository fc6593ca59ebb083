/**
 * How CreateTopics, CreatePartitions and DeleteTopics heed a client's quota of changes (KIP-599): each partition that is made or deleted is one. In versions that know
 * THROTTLING_QUOTA_EXCEEDED a change is refused while the client has overdrawn; before, everything is done and the client is silenced.
 */
import { ErrorCode } from '../../wire/errors'
import type { RequestContext } from '../registry'
import type { ClientQuotas } from './client-quotas'

export interface MutationLimit {
  /** Null: it may be done, and is counted. */
  refusalOf(partitionCount: number): { readonly errorCode: number; readonly errorMessage: string } | null
}

const FREE: MutationLimit = { refusalOf: () => null }

/** `isStrict`: of a version that knows the error. With `isDryRun` nothing is counted. */
export function mutationLimit(
  quotas: ClientQuotas,
  context: Pick<RequestContext<unknown, unknown>, 'client' | 'throttle'>,
  isStrict: boolean,
  isDryRun = false,
): MutationLimit {
  const mutations = quotas.mutationsOf(context.client)
  if (mutations === null) return FREE
  return {
    refusalOf(partitionCount) {
      const debtMs = mutations.debtMs()
      if (isStrict && debtMs > 0) {
        context.throttle(debtMs)
        return { errorCode: ErrorCode.THROTTLING_QUOTA_EXCEEDED, errorMessage: 'The throttling quota has been exceeded.' }
      }
      if (isDryRun) return null
      mutations.take(partitionCount)
      // Who knows the error is only told by it; the others have to be slowed down.
      if (!isStrict) context.throttle(mutations.debtMs())
      return null
    },
  }
}
