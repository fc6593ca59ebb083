/**
 * The rules of interception of one broker, and what they say about a request. Whoever tests a client adds, lists and removes them here, by Broker
 * from a test or, through the host, from the command line and the window; connections ask for every request while there are rules, and only then.
 * Rules are looked at in the order in which they were added: delays add up, the first that answers, loses or closes has the last word.
 */
import type { Random } from '../../platform'
import { ErrorCode } from '../../wire/errors'
import type { AnyApi } from '../../wire/schema'
import type { ClientIdentity } from '../registry'
import { errorResponse } from './error-response'
import { mergeResponses } from './merge-responses'
import type { AnyStruct } from './message-shape'
import { elementFields, holdsErrors, isAboutTopics, isPresent } from './message-shape'
import { splitRequest } from './request-split'
import type { InterceptionRule, InterceptionView, RequestPattern } from './rule'

/** What a broker knows of its cluster, in so far as answers hold it. */
export interface InterceptionSight {
  topicName(topicId: string): string | undefined
  allTopics(): readonly string[]
  /** Fields of a response beside its errors, by API. */
  beside(api: AnyApi): AnyStruct
}

/** What becomes of one request. */
export interface Interception {
  /** Done by the handler, or what is left of it; null: not done. */
  readonly request: AnyStruct | null
  /** Where it is not done: the answer; null: none. */
  readonly answer: AnyStruct | null
  /** Where it is done in part: puts the rest of the answer in. */
  readonly amend: ((answer: AnyStruct) => AnyStruct) | null
  /** What becomes of the answer. */
  readonly fate: AnswerFate
}

export type AnswerFate =
  | { readonly kind: 'send' }
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Neither it nor what comes behind it is ever sent. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'close' }

interface RuleInForce {
  readonly id: number
  readonly rule: InterceptionRule
  matchCount: number
  hitCount: number
}

const SEND: AnswerFate = { kind: 'send' }
const FETCH = 1
const PRODUCE = 0
/** Client ids of brokers among themselves, see broker-parts.ts. */
const REGISTRY_CLIENT = 'schema-registry'
const BROKER_CLIENT = /^broker-\d+-/

export class Interceptor {
  private rules: RuleInForce[] = []
  private nextId = 1

  constructor(
    private readonly random: Random,
    private readonly sight: InterceptionSight,
  ) {}

  /** Whether there is anything to be asked. */
  get isActive(): boolean {
    return this.rules.length > 0
  }

  /** In force with the next request. Answers the rule's number; `id` where somebody else counts. */
  add(rule: InterceptionRule, id = this.nextId): number {
    this.nextId = Math.max(this.nextId, id + 1)
    this.rules.push({ id, rule, matchCount: 0, hitCount: 0 })
    return id
  }

  list(): InterceptionView[] {
    return this.rules.map((inForce) => ({ ...inForce, isSpent: isSpent(inForce) }))
  }

  /** False where there is no such rule. */
  remove(id: number): boolean {
    const before = this.rules.length
    this.rules = this.rules.filter((rule) => rule.id !== id)
    return this.rules.length < before
  }

  clear(): void {
    this.rules = []
  }

  /** Null: no rule is about it. */
  judge(api: AnyApi, version: number, request: AnyStruct, client: ClientIdentity): Interception | null {
    const first = this.withoutSession(api, request, client)
    if (first === null) return answered(errorResponse(api, version, request, ErrorCode.FETCH_SESSION_ID_NOT_FOUND), SEND)
    let asked: AnyStruct = first
    let isTouched = first !== request
    let delayMs = 0
    /** Answers to what was taken out of the request. */
    const parts: AnyStruct[] = []
    const amend = (answer: AnyStruct): AnyStruct =>
      parts.reduce((merged, part) => mergeResponses(api.response.fields, version, merged, part), answer)
    for (const inForce of this.rules) {
      const { match, action } = inForce.rule
      if (isSpent(inForce) || !fitsClient(match, api, client, asked)) continue
      const split = this.splitFor(match, api, version, asked)
      if (split !== null && split.hit === null) continue
      if (!this.strikes(inForce)) continue
      isTouched = true
      if (action.kind === 'delay') delayMs += action.delayMs
      else if (action.kind === 'drop-answer') return { request: asked, answer: null, amend: null, fate: { kind: 'drop' } }
      else if (action.kind === 'close') return closing(action.isDone ? asked : null)
      else {
        const { isWhole = false } = action
        const part = this.errorFor(api, version, split?.hit ?? asked, ErrorCode[action.error], isWhole)
        const rest: AnyStruct | null = isWhole || !answersByTopic(api, version) ? null : (split?.rest ?? null)
        if (isUnanswered(api, asked)) return closing(rest)
        if (rest === null) return answered(amend(part), fateAfter(delayMs))
        parts.push(part)
        asked = rest
      }
    }
    if (!isTouched) return null
    return { request: asked, answer: null, amend: parts.length === 0 ? null : amend, fate: fateAfter(delayMs) }
  }

  private splitFor({ topic = null, partition = null }: RequestPattern, api: AnyApi, version: number, request: AnyStruct) {
    if (topic === null) return null
    const wanted = (name: string, number: number | null) => name === topic && (partition === null || number === partition)
    return splitRequest(api.request.fields, request, version, wanted, (id) => this.sight.topicName(id))
  }

  private strikes(inForce: RuleInForce): boolean {
    const { every = 1, probability = 1 } = inForce.rule
    inForce.matchCount++
    if (inForce.matchCount % every !== 0) return false
    if (probability < 1 && this.random.below(2 ** 30) >= probability * 2 ** 30) return false
    inForce.hitCount++
    return true
  }

  /**
   * An incremental fetch does not name its topics. While a rule is about the topics of fetches there are no sessions: those that are asked for are not
   * opened, and those that there are have ended (null), which makes the client name all it wants.
   */
  private withoutSession(api: AnyApi, request: AnyStruct, client: ClientIdentity): AnyStruct | null {
    if (api.key !== FETCH) return request
    const isHidden = this.rules.some((one) => isAboutTopicsOfFetches(one) && fitsClient(one.rule.match, api, client, request))
    if (!isHidden) return request
    const { sessionEpoch } = request
    if (sessionEpoch === -1) return request
    return sessionEpoch === 0 ? { ...request, sessionId: 0, sessionEpoch: -1 } : null
  }

  private errorFor(api: AnyApi, version: number, request: AnyStruct, errorCode: number, isWhole: boolean): AnyStruct {
    const { sight } = this
    return errorResponse(api, version, request, errorCode, {
      isWhole,
      allTopics: () => sight.allTopics(),
      beside: sight.beside(api),
    })
  }
}

function answered(answer: AnyStruct, fate: AnswerFate): Interception {
  return { request: null, answer, amend: null, fate }
}

function closing(request: AnyStruct | null): Interception {
  return { request, answer: null, amend: null, fate: { kind: 'close' } }
}

function fateAfter(delayMs: number): AnswerFate {
  return delayMs > 0 ? { kind: 'delay', delayMs } : SEND
}

function isSpent({ rule, hitCount }: RuleInForce): boolean {
  return rule.times !== undefined && rule.times !== null && hitCount >= rule.times
}

function isAboutTopicsOfFetches(inForce: RuleInForce): boolean {
  const { topic = null, api = null } = inForce.rule.match
  return topic !== null && (api === null || api === 'Fetch') && !isSpent(inForce)
}

function fitsClient(match: RequestPattern, api: AnyApi, client: ClientIdentity, request: AnyStruct): boolean {
  if ((match.api ?? api.name) !== api.name) return false
  if ((match.clientId ?? client.clientId) !== client.clientId) return false
  return match.fromBrokers === true || match.clientId === REGISTRY_CLIENT || !isFromCluster(client, request)
}

/** Of a broker, or of the cluster's own registry, which is always at it: a rule for "the next request" is meant for somebody's client. */
function isFromCluster({ clientId }: ClientIdentity, request: AnyStruct): boolean {
  if (clientId !== null && (BROKER_CLIENT.test(clientId) || clientId.startsWith(REGISTRY_CLIENT))) return true
  const state = request['replicaState']
  const ids = [request['replicaId'], typeof state === 'object' && state !== null && 'replicaId' in state ? state.replicaId : null]
  return ids.some((id) => typeof id === 'number' && id >= 0)
}

/** A produce with acks=0: an error closes its connection, as in Kafka. */
function isUnanswered(api: AnyApi, request: AnyStruct): boolean {
  return api.key === PRODUCE && request['acks'] === 0
}

/** Whether one topic of a request can fail and another succeed. */
function answersByTopic(api: AnyApi, version: number): boolean {
  const find = (fields: AnyApi['response']['fields']): boolean =>
    Object.entries(fields).some(([name, field]) => {
      const inner = elementFields(field)
      if (inner === null || !isPresent(field, version) || !holdsErrors(inner, version)) return false
      return isAboutTopics(name, inner) || 'name' in inner || find(inner)
    })
  return find(api.response.fields)
}
