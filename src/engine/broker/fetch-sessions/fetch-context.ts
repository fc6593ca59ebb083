/**
 * How one fetch request stands to a session (Kafka's FetchManager.newContext): it has none, opens one, continues one, or names one that does not
 * continue. Made by the Fetch handler when the request comes, asked once more when it is answered, which for an incremental fetch leaves out
 * the partitions of which there is nothing to tell.
 */
import { ErrorCode } from '../../wire/errors'
import type { Fetch } from '../../wire/messages/01-fetch'
import type { RequestOf } from '../../wire/schema'
import { askedPartitions, type FetchPartition, type TopicNames } from './fetch-partition'
import { type FetchedPartition, type FetchSession, nextSessionEpoch } from './fetch-session'
import type { FetchSessionCache } from './fetch-session-cache'

export interface FetchQuestionOfClient {
  readonly request: RequestOf<typeof Fetch>
  readonly isFollower: boolean
  /** Null below version 13, where topics are named. */
  readonly names: TopicNames | null
  /** Monotonic. */
  readonly nowMs: number
}

export interface SessionAnswer {
  /** Of the whole response. */
  readonly errorCode: number
  readonly sessionId: number
  /** Whether the response holds this partition, by its place in `partitions`. */
  readonly isTold: (index: number) => boolean
}

export type FetchContext =
  | { readonly kind: 'refused'; readonly errorCode: number; readonly sessionId: number }
  | {
      readonly kind: 'fetch'
      readonly partitions: readonly FetchPartition[]
      readonly answer: Answer
      readonly sessionId: number
    }

/** `answers` lie as `partitions` do. */
export type Answer = (answers: readonly FetchedPartition[], nowMs: number) => SessionAnswer

const NO_SESSION = 0
const OPENING_EPOCH = 0
const CLOSING_EPOCH = -1
const ALL = (): boolean => true
const NONE = (): boolean => false

export function fetchContext(sessions: FetchSessionCache, question: FetchQuestionOfClient): FetchContext {
  const { request, names, nowMs } = question
  const { sessionId, sessionEpoch } = request
  if (sessionEpoch === OPENING_EPOCH || sessionEpoch === CLOSING_EPOCH) {
    // Who asks for everything begins anew: a session that it names has ended.
    if (sessionId !== NO_SESSION) sessions.close(sessionId)
    const partitions = askedPartitions(request, names)
    return sessionEpoch === CLOSING_EPOCH ? sessionless(partitions) : opening(sessions, partitions, question)
  }
  const session = sessions.find(sessionId)
  if (session === undefined) return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  if (session.epoch !== sessionEpoch) return refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId)
  if (session.usesTopicIds !== (names !== null)) return refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR, sessionId)
  const asked = askedPartitions(request, names)
  session.update(asked, request.forgottenTopicsData)
  if (session.size === 0) {
    sessions.close(session.id)
    return sessionless(asked)
  }
  sessions.touch(session, nowMs)
  session.epoch = nextSessionEpoch(session.epoch)
  return incremental(session, session.current(names))
}

function refused(errorCode: number, sessionId = NO_SESSION): FetchContext {
  return { kind: 'refused', errorCode, sessionId }
}

function sessionless(partitions: readonly FetchPartition[]): FetchContext {
  const answer: Answer = () => ({ errorCode: ErrorCode.NONE, sessionId: NO_SESSION, isTold: ALL })
  return { kind: 'fetch', partitions, answer, sessionId: NO_SESSION }
}

/** The session is opened with the answer: only then is it known what the client was told. */
function opening(
  sessions: FetchSessionCache,
  partitions: readonly FetchPartition[],
  question: FetchQuestionOfClient,
): FetchContext {
  const answer: Answer = (answers, nowMs) => {
    const session =
      partitions.length === 0 ? null : sessions.open(question.isFollower, question.names !== null, partitions.length, nowMs)
    for (const [index, partition] of partitions.entries()) session?.add(partition, answers[index]!)
    return { errorCode: ErrorCode.NONE, sessionId: session?.id ?? NO_SESSION, isTold: ALL }
  }
  return { kind: 'fetch', partitions, answer, sessionId: NO_SESSION }
}

function incremental(session: FetchSession, partitions: readonly FetchPartition[]): FetchContext {
  const expectedEpoch = session.epoch
  const answer: Answer = (answers) => {
    // A later request of the same session has come meanwhile, and has changed what this one asked for.
    if (session.epoch !== expectedEpoch) {
      return { errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId: session.id, isTold: NONE }
    }
    const told = answers.map((fetched, index) => session.tell(partitions[index]!, fetched))
    return { errorCode: ErrorCode.NONE, sessionId: session.id, isTold: (index) => told[index] === true }
  }
  return { kind: 'fetch', partitions, answer, sessionId: session.id }
}
