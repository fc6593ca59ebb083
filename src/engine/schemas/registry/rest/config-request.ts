/**
 * The body of `PUT /config`, typed as Jackson types it for Confluent's: a scalar is taken for text, "true" and "false" for what they say, and what
 * cannot be of a field's type is a mistake of the request (400) and not a field that nobody notices to be missing. Pure.
 */
import { badRequest } from '../errors'
import { isObject } from '../values'

type FieldType = 'text' | 'flag' | 'object'

/** In the order in which they are answered. */
const fields: Readonly<Record<string, FieldType>> = {
  alias: 'text',
  aliasForDeks: 'text',
  normalize: 'flag',
  validateFields: 'flag',
  validateNewSchemas: 'flag',
  validateRules: 'flag',
  compatibility: 'text',
  compatibilityLevel: 'text',
  compatibilityPolicy: 'text',
  compatibilityGroup: 'text',
  defaultMetadata: 'object',
  overrideMetadata: 'object',
  defaultRuleSet: 'object',
  overrideRuleSet: 'object',
}

/** Fields that are none of a config's are left out; a null stays one, since it takes back what was said. Throws 400. */
export function readConfigRequest(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, type]): [string, unknown][] => {
      const given = body[name]
      if (given === undefined) return []
      return [[name, given === null ? null : read(name, type, given)]]
    }),
  )
}

function read(name: string, type: FieldType, given: unknown): unknown {
  const typed = type === 'text' ? textOf(given) : type === 'flag' ? flagOf(given) : isObject(given) ? given : undefined
  if (typed !== undefined) return typed
  const wanted = { text: 'a text', flag: 'true or false', object: 'an object' }[type]
  throw badRequest(`"${name}" must be ${wanted}, and is ${JSON.stringify(given).slice(0, 80)}`)
}

function textOf(given: unknown): string | undefined {
  return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? String(given) : undefined
}

function flagOf(given: unknown): boolean | undefined {
  if (typeof given === 'boolean') return given
  const word = typeof given === 'string' ? given.trim().toLowerCase() : ''
  return word === 'true' ? true : word === 'false' ? false : undefined
}
