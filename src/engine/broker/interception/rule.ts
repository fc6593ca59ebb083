/**
 * What a rule of interception is: which requests it is about, what happens to them, and how often. Plain data, so that it crosses to a broker's thread as
 * it is; parseRule takes it from whoever types it. Knows nothing of connections.
 */
import { err, ok, type Result } from '../../../shared/lang/result'
import { ErrorCode, type ErrorName } from '../../wire/errors'
import { ALL_APIS } from '../../wire/messages'

/** Absent or null: any. All that is given must fit. */
export interface RequestPattern {
  /** By name, as in `Produce`. */
  readonly api?: string | null
  readonly clientId?: string | null
  readonly topic?: string | null
  /** Only with a topic. */
  readonly partition?: number | null
  /** Brokers ask each other, too: they are left alone unless this is true. */
  readonly fromBrokers?: boolean
}

export type InterceptionAction =
  /**
   * The request is not done, and is answered with the error where the API has errors: with each topic and partition, else for the whole
   * (`isWhole`: in any case). A rule for a topic leaves the other topics of a request alone.
   */
  | { readonly kind: 'error'; readonly error: ErrorName; readonly isWhole?: boolean }
  /** The request is done at once, its answer, and so those behind it on the connection, leave later. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The request is done and its answer is lost, and with it all that would follow on the connection, as TCP would have it. */
  | { readonly kind: 'drop-answer' }
  /** The connection ends without an answer; `isDone`: the request was done before. */
  | { readonly kind: 'close'; readonly isDone: boolean }

export interface InterceptionRule {
  readonly match: RequestPattern
  readonly action: InterceptionAction
  /** How many requests it strikes before it is spent; absent or null: always. */
  readonly times?: number | null
  /** Of the requests that fit, only every k-th. */
  readonly every?: number
  /** Of those, a share by chance: 0 < p <= 1. */
  readonly probability?: number
}

/** A rule in force, with what it has seen. */
export interface InterceptionView {
  readonly id: number
  readonly rule: InterceptionRule
  /** Requests that fitted. */
  readonly matchCount: number
  /** Requests that it struck. */
  readonly hitCount: number
  readonly isSpent: boolean
}

const API_NAMES = new Map(ALL_APIS.map(({ name }) => [name.toLowerCase(), name]))
const DELAY_MS_MAX = 3_600_000

/** Takes a rule from JSON; says in one sentence what is wrong with it. */
export function parseRule(input: unknown): Result<InterceptionRule, string> {
  if (!isObject(input)) return err('A rule is an object with "match" and "action"')
  const stray = strayKey(input, ['match', 'action', 'times', 'every', 'probability'])
  if (stray !== null) return err(`A rule has no "${stray}"`)
  const match = parsePattern(input['match'] ?? {})
  if (!match.ok) return match
  const action = parseAction(input['action'])
  if (!action.ok) return action
  const { times = null, every = 1, probability = 1 } = input
  if (times !== null && !isCount(times)) return err('"times" is a whole number from 1, or null for always')
  if (!isCount(every)) return err('"every" is a whole number from 1')
  if (typeof probability !== 'number' || !(probability > 0 && probability <= 1))
    return err('"probability" lies above 0 and not above 1')
  return ok({ match: match.value, action: action.value, times, every, probability })
}

function parsePattern(input: unknown): Result<RequestPattern, string> {
  if (!isObject(input)) return err('"match" is an object')
  const stray = strayKey(input, ['api', 'clientId', 'topic', 'partition', 'fromBrokers'])
  if (stray !== null) return err(`"match" has no "${stray}"`)
  const { api = null, clientId = null, topic = null, partition = null, fromBrokers = false } = input
  const apiName = typeof api === 'string' ? API_NAMES.get(api.toLowerCase()) : api
  if (apiName !== null && typeof apiName !== 'string') return err(`There is no API ${JSON.stringify(api)}`)
  if (clientId !== null && typeof clientId !== 'string') return err('"clientId" is a string')
  if (topic !== null && typeof topic !== 'string') return err('"topic" is a string')
  if (partition !== null && (!Number.isInteger(partition) || Number(partition) < 0))
    return err('"partition" is a whole number from 0')
  if (partition !== null && topic === null) return err('"partition" needs a "topic"')
  if (typeof fromBrokers !== 'boolean') return err('"fromBrokers" is true or false')
  return ok({ api: apiName, clientId, topic, partition: partition === null ? null : Number(partition), fromBrokers })
}

function parseAction(input: unknown): Result<InterceptionAction, string> {
  if (!isObject(input)) return err('"action" is an object with a "kind"')
  const known: Readonly<Record<string, readonly string[]>> = {
    error: ['kind', 'error', 'isWhole'],
    delay: ['kind', 'delayMs'],
    'drop-answer': ['kind'],
    close: ['kind', 'isDone'],
  }
  const { kind } = input
  const fields = typeof kind === 'string' && Object.hasOwn(known, kind) ? known[kind] : undefined
  if (fields === undefined) return err(`The kind of an action is one of ${Object.keys(known).join(', ')}`)
  const stray = strayKey(input, fields)
  if (stray !== null) return err(`An action of kind ${String(kind)} has no "${stray}"`)
  switch (kind) {
    case 'error': {
      const { error, isWhole = false } = input
      if (!isErrorName(error)) return err(`There is no error ${JSON.stringify(error)}`)
      if (typeof isWhole !== 'boolean') return err('"isWhole" is true or false')
      return ok({ kind, error, isWhole })
    }
    case 'delay': {
      const { delayMs } = input
      if (!isCount(delayMs) || delayMs > DELAY_MS_MAX) return err(`"delayMs" is a whole number from 1 to ${DELAY_MS_MAX}`)
      return ok({ kind, delayMs })
    }
    case 'close': {
      const { isDone = false } = input
      if (typeof isDone !== 'boolean') return err('"isDone" is true or false')
      return ok({ kind, isDone })
    }
    default:
      return ok({ kind: 'drop-answer' })
  }
}

function isErrorName(value: unknown): value is ErrorName {
  return typeof value === 'string' && value !== 'NONE' && Object.hasOwn(ErrorCode, value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}

function strayKey(value: Record<string, unknown>, known: readonly string[]): string | null {
  return Object.keys(value).find((key) => !known.includes(key)) ?? null
}
