/**
 * A well-formed response that says nothing but an error, for any API and version, made from the declaration: the error stands with each topic, partition,
 * group or whatever the request names, where the response has a place for it there, else at the top. What Kafka's getErrorResponse does in a
 * hundred classes. Pure.
 */
import { ErrorCode, errorMessage } from '../../wire/errors'
import type { AnyApi } from '../../wire/schema'
import { defaultOf } from '../../wire/schema/defaults'
import type { FieldDeclaration, Fields, ScalarType } from '../../wire/schema/fields'
import { type AnyStruct, canonicalName, elementFields, errorFields, holdsErrors, isNullable, isPresent } from './message-shape'

export interface ErrorResponseOptions {
  /** At the top where there is such a place, whatever the request names. */
  readonly isWhole?: boolean
  /** All topics, for a request that names none because it means all. */
  readonly allTopics?: () => readonly string[]
  /** What the response holds beside the error: the brokers in Metadata, without which a client would forget them. */
  readonly beside?: AnyStruct
}

/** The whole fetch is refused by these; no client looks for them with a partition. */
const ALWAYS_WHOLE: ReadonlySet<number> = new Set([
  ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
  ErrorCode.THROTTLING_QUOTA_EXCEEDED,
])
/** Names under which one string of a request's list stands in the response. */
const KEYS_OF_LISTS = ['name', 'groupId', 'key', 'transactionalId']
/** Of the request, in a response that has an error at the top. */
const ECHOED_AT_TOP = ['memberId', 'groupId', 'transactionalId']
/** What is not known is -1, not 0, which might be a broker. */
const UNKNOWN_NODE = ['nodeId', 'port']

export function errorResponse(
  api: AnyApi,
  version: number,
  request: AnyStruct,
  errorCode: number,
  options: ErrorResponseOptions = {},
): AnyStruct {
  const { isWhole = false, allTopics = () => [], beside = {} } = options
  const { fields } = api.response
  const top: Record<string, unknown> = { ...blank(fields, version), ...beside }
  const topErrors = errorFields(fields, version)
  // Group members and the like are not told each for itself what is wrong with the request.
  const goesDeep = topErrors.length === 0 || (!isWhole && !ALWAYS_WHOLE.has(errorCode))
  const isPlaced = goesDeep && fillArrays(top, fields, api.request.fields, request, topErrors.length > 0)
  if (isPlaced) return top
  if (topErrors.length > 0) {
    setError(top, fields, topErrors)
    for (const name of ECHOED_AT_TOP) if (name in fields && typeof request[name] === 'string') top[name] = request[name]
    return top
  }
  // Nothing in the request fits, and there is no place at the top: one nameless entry carries it. Where nothing was asked of any topic, nothing is said.
  const place = Object.entries(fields).find(([, field]) => {
    const element = elementFields(field)
    return (
      field.type === 'array' &&
      isPresent(field, version) &&
      element !== null &&
      !isOfTopics(element) &&
      errorFields(element, version).length > 0
    )
  })
  const element = place === undefined ? null : elementFields(place[1])
  if (place !== undefined && element !== null) {
    const entry = blank(element, version)
    setError(entry, element, errorFields(element, version))
    top[place[0]] = [entry]
  }
  return top

  /** Answers whether the error has found a place. */
  function fillArrays(
    target: Record<string, unknown>,
    own: Fields,
    asked: Fields | null,
    value: AnyStruct,
    onlyTopics: boolean,
  ): boolean {
    let isFilled = false
    for (const [name, field] of Object.entries(own)) {
      const inner = elementFields(field)
      if (field.type !== 'array' || inner === null || !isPresent(field, version) || !holdsErrors(inner, version)) continue
      if (onlyTopics && !isOfTopics(inner)) continue
      const source = bestSource(inner, asked, value)
      if (source === null) continue
      const entries = source.items.map((item) => entryOf(inner, source.fields, item))
      target[name] = entries.map((entry) => entry.value)
      isFilled ||= entries.some((entry) => entry.isPlaced)
    }
    return isFilled
  }

  function entryOf(own: Fields, asked: Fields | null, item: AnyStruct): { value: AnyStruct; isPlaced: boolean } {
    const value = blank(own, version)
    copyShared(value, own, item)
    if (fillArrays(value, own, asked, item, false)) return { value, isPlaced: true }
    const errors = errorFields(own, version)
    setError(value, own, errors)
    return { value, isPlaced: errors.length > 0 }
  }

  function setError(target: Record<string, unknown>, own: Fields, names: readonly string[]): void {
    for (const name of names) target[name] = errorCode
    const message = own['errorMessage']
    if (message?.type === 'string' && isPresent(message, version)) target['errorMessage'] = errorMessage(errorCode)
  }

  function copyShared(target: Record<string, unknown>, own: Fields, item: AnyStruct): void {
    const given = new Map(Object.entries(item).map(([name, value]) => [canonicalName(name), value]))
    for (const [name, field] of Object.entries(own)) {
      if (!isPresent(field, version) || !isIdentity(name)) continue
      const value = given.get(canonicalName(name))
      if (value !== undefined && fits(field, value, version)) target[name] = value
    }
  }

  /** The list of the request that the response's list answers: the one whose elements are called alike. */
  function bestSource(own: Fields, asked: Fields | null, value: AnyStruct): Source | null {
    const ownNames = new Set(Object.keys(own).filter(isIdentity).map(canonicalName))
    let best: (Source & { readonly score: number }) | null = null
    for (const [name, field] of Object.entries(asked ?? {})) {
      if (field.type !== 'array' || !isPresent(field, version)) continue
      const inner = elementFields(field)
      const items: unknown = value[name]
      const source = inner === null ? fromScalars(field, items, ownNames) : fromStructs(inner, items, ownNames)
      if (
        source !== null &&
        (best === null || source.score > best.score || (source.score === best.score && best.items.length === 0))
      )
        best = source
    }
    return best ?? (ownNames.size === 0 ? fromTheOnly(asked, value) : null)
  }

  /** Outcomes without a name answer the one list of the request, one by one: CreateAcls. */
  function fromTheOnly(asked: Fields | null, value: AnyStruct): Source | null {
    const lists = Object.entries(asked ?? {}).filter(
      ([name, field]) => elementFields(field) !== null && Array.isArray(value[name]),
    )
    const [only] = lists
    return lists.length === 1 && only !== undefined
      ? { fields: elementFields(only[1]), items: value[only[0]] as AnyStruct[] }
      : null
  }

  function fromStructs(inner: Fields, items: unknown, ownNames: ReadonlySet<string>): (Source & { score: number }) | null {
    const score = Object.keys(inner).filter((name) => isIdentity(name) && ownNames.has(canonicalName(name))).length
    if (score === 0) return null
    if (Array.isArray(items)) return { fields: inner, items: items as AnyStruct[], score }
    return { fields: inner, items: ownNames.has('name') ? allTopics().map((name) => ({ name })) : [], score }
  }

  function fromScalars(
    field: FieldDeclaration,
    items: unknown,
    ownNames: ReadonlySet<string>,
  ): (Source & { score: number }) | null {
    if (!Array.isArray(items)) return null
    const key =
      field.element === 'int32'
        ? 'partition'
        : field.element === 'string'
          ? KEYS_OF_LISTS.find((name) => ownNames.has(name))
          : undefined
    if (key === undefined || !ownNames.has(key)) return null
    return { fields: null, items: items.map((item: unknown) => ({ [key]: item })), score: 0.5 }
  }
}

interface Source {
  /** Of the items; null where they were mere strings or numbers. */
  readonly fields: Fields | null
  readonly items: readonly AnyStruct[]
}

const IDENTITIES: ReadonlySet<string> = new Set([
  ...['name', 'partition', 'topicId', 'groupId', 'key', 'transactionalId', 'resourceName', 'resourceType', 'memberId'],
  ...['producerId', 'entity', 'resourcePattern', 'brokerId'],
])

function isIdentity(name: string): boolean {
  return IDENTITIES.has(canonicalName(name))
}

function isOfTopics(fields: Fields): boolean {
  const names = Object.keys(fields)
  return (
    names.some((name) => name === 'topicId' || canonicalName(name) === 'name' || canonicalName(name) === 'partition') &&
    !names.includes('user')
  )
}

/** Every field at its default, but that what is not known is -1 and records are empty: several clients trip over null. */
function blank(fields: Fields, version: number): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) {
    if (!isPresent(field, version)) continue
    if (field.type === 'records') value[name] = new Uint8Array(0)
    else if (field.options.default !== undefined) value[name] = defaultOf(field)
    else if (field.type === 'int64n' || (field.type === 'int32' && UNKNOWN_NODE.includes(name))) value[name] = -1
    else if (field.type === 'int64') value[name] = -1n
    else value[name] = defaultOf(field)
  }
  return value
}

const TYPE_OF: Readonly<Record<ScalarType, string>> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  int64n: 'number',
  float64: 'number',
  uuid: 'string',
  string: 'string',
  bytes: 'object',
  records: 'object',
}

/** Whether a request's value can stand in the response's field. Structs and arrays only where they are made alike. */
function fits(field: FieldDeclaration, value: unknown, version: number): boolean {
  if (value === null) return isNullable(field, version)
  if (field.type === 'struct') return false
  if (field.type !== 'array') return typeof value === TYPE_OF[field.type] && field.type !== 'bytes' && field.type !== 'records'
  const inner = elementFields(field)
  if (inner === null || holdsErrors(inner, version) || !Array.isArray(value)) return false
  const names = Object.keys(inner).filter((name) => inner[name] !== undefined && isPresent(inner[name], version))
  return value.every((item: unknown) => {
    if (typeof item !== 'object' || item === null) return false
    const given = Object.keys(item).filter((name) => name !== 'unknownTaggedFields')
    return names.every((name) => name in item) && given.every((name) => name in inner)
  })
}
