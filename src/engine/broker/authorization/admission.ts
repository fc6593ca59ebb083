/**
 * The one place where requests are authorized: before every handler, by the table of rules.ts, and after it where the answer shows more than its reader
 * may see. Installed into the registry when a broker is put together. Without an authorizer only the few APIs that tell of "authorized operations"
 * have anything installed, so that no other request pays for it.
 */
import { CLUSTER_NAME, Operation, ResourceType } from '../../security/acl/acl'
import { type Authorizer, operationBits } from '../../security/acl/authorizer'
import type { AnyApi } from '../../wire/schema'
import { errorResponse } from '../interception/error-response'
import { mergeResponses } from '../interception/merge-responses'
import type { AnyStruct } from '../interception/message-shape'
import type { Admission, Admitted, ClientIdentity, HandlerRegistry } from '../registry'
import { RULES } from './rules'
import type { Authority, Question, Step } from './steps'
import { type BitsOf, TELLERS, type Teller } from './told-operations'

/** What is known of topics beside what a request says. */
export interface TopicSight {
  nameOfTopic(topicId: string): string | undefined
  allTopics(): readonly string[]
  wouldCreate(topic: string): boolean
}

const PRODUCE = 0
const AS_ASKED: Admitted<unknown, unknown> = { kind: 'as-asked' }

export function installAdmissions(registry: HandlerRegistry, authorizer: Authorizer | null, sight: TopicSight): void {
  for (const { apiKey } of registry.ranges()) {
    const teller = TELLERS.get(apiKey) ?? null
    const api = registry.find(apiKey)?.api as AnyApi
    if (authorizer !== null) registry.admit(apiKey, admissionOf(api, RULES.get(apiKey) ?? null, teller, authorizer, sight))
    else if (teller !== null) registry.admit(apiKey, openAdmission(teller))
  }
}

/** Nobody is asked for permission; what there is to be allowed is told. */
function openAdmission(teller: Teller): Admission {
  return (request) => {
    const amend = teller(request as AnyStruct, (resourceType) => operationBits(resourceType))
    return amend === null ? AS_ASKED : inPart(request, amend)
  }
}

/** `steps` null: nobody has said what the API needs. */
export function admissionOf(
  api: AnyApi,
  steps: readonly Step[] | null,
  teller: Teller | null,
  authorizer: Authorizer,
  sight: TopicSight,
): Admission {
  if (steps === null) return () => ({ kind: 'closed', reason: `nobody has said what ${api.name} needs to be allowed` })
  return (request, version, client) => {
    const question = { api, version, request: request as AnyStruct, authority: authorityOf(authorizer, client), ...sight }
    const judged = judge(question, steps)
    if (judged.kind !== 'passed') return judged.kind === 'closed' ? judged : { kind: 'answered', response: judged.response }
    const told = teller?.(request as AnyStruct, bitsOf(authorizer, client)) ?? null
    const { amends, closesBecause } = judged
    if (amends.length === 0 && told === null && closesBecause === null) return AS_ASKED
    const all = told === null ? amends : [...amends, told]
    const admitted = inPart(judged.request, (response) => all.reduce((before, amend) => amend(before), response))
    return closesBecause === null ? admitted : { ...admitted, closesBecause }
  }
}

type Amend = (response: AnyStruct) => AnyStruct

type Judged =
  | {
      readonly kind: 'passed'
      readonly request: AnyStruct
      readonly amends: readonly Amend[]
      readonly closesBecause: string | null
    }
  | { readonly kind: 'answered'; readonly response: AnyStruct }
  | { readonly kind: 'closed'; readonly reason: string }

function judge(question: Question, steps: readonly Step[]): Judged {
  const { api, version } = question
  /** A produce with acks=0 has no answer: its client learns of what was refused by the loss of its connection, as from Kafka. */
  const isUnanswered = api.key === PRODUCE && question.request['acks'] === 0
  const reason = 'a produce with acks=0 that was not authorized'
  const amends: Amend[] = []
  let { request } = question
  let closesBecause: string | null = null
  for (const step of steps) {
    const finding = step({ ...question, request })
    if (finding === null) continue
    if (finding.kind === 'amended') {
      // The answer is gone through before what was refused is put into it.
      amends.unshift(finding.amend)
      continue
    }
    if (isUnanswered && (finding.kind !== 'divided' || finding.rest === null)) return { kind: 'closed', reason }
    if (finding.kind === 'answered') return finding
    const refused = finding.kind === 'refused' ? request : finding.refused
    const isWhole = finding.kind === 'refused' && finding.inEach !== true
    const part = errorResponse(api, version, refused, finding.errorCode, { isWhole })
    const merge: Amend = (response) => mergeResponses(api.response.fields, version, response, part)
    if (finding.kind === 'refused' || finding.rest === null)
      return { kind: 'answered', response: amends.reduce((before, amend) => amend(before), part) }
    amends.push(merge)
    request = finding.rest
    if (isUnanswered) closesBecause = reason
  }
  return { kind: 'passed', request, amends, closesBecause }
}

function inPart(request: unknown, amend: Amend): Extract<Admitted<unknown, unknown>, { kind: 'in-part' }> {
  // Both sides of it are structs of the API's response.
  return { kind: 'in-part', request, amend: (response) => amend(response as AnyStruct) }
}

function authorityOf(authorizer: Authorizer, { principal, host }: ClientIdentity): Authority {
  return {
    allows: (operation, resourceType, name) => authorizer.isAllowed(principal, host, operation, resourceType, name),
    allowsOnAny: (operation, resourceType) => authorizer.isAllowedOnAny(principal, host, operation, resourceType),
  }
}

/** Of the cluster nothing is told to who may not describe it. */
function bitsOf(authorizer: Authorizer, { principal, host }: ClientIdentity): BitsOf {
  return (resourceType, name) => {
    const isHidden =
      resourceType === ResourceType.CLUSTER &&
      !authorizer.isAllowed(principal, host, Operation.DESCRIBE, ResourceType.CLUSTER, CLUSTER_NAME)
    return isHidden ? 0 : authorizer.allowedOperations(principal, host, resourceType, name)
  }
}
