/**
 * What is allowed and still not what anybody means: keywords that say nothing of the type beside them, bounds that leave nothing, defaults that
 * do not fit. All warnings. Called by checks/index.ts.
 */
import type { SchemaProblem } from '../../format'
import { compareDecimals, decimalOf, isIntegral } from '../decimal'
import { keywordOf } from '../dialect'
import { type JsonNode, member, membersOf, stringMember, stringsOf } from '../json'
import { shortText } from '../values'
import { type Place, problem } from './problem'

export function checkSense(place: Place): readonly SchemaProblem[] {
  if (place.draft <= 7 && stringMember(place.node, '$ref') !== null) return []
  return [
    ...checkTargets(place),
    ...checkCompanions(place),
    ...checkBounds(place),
    ...checkRequired(place),
    ...checkExamples(place),
  ]
}

const typesOf = (place: Place): readonly string[] => {
  const type = member(place.node, 'type')
  return type?.kind === 'string' ? [type.value] : stringsOf(type)
}

function checkTargets(place: Place): readonly SchemaProblem[] {
  const types = typesOf(place)
  if (types.length === 0) return []
  return [...membersOf(place.node)].flatMap(([name, { key }]) => {
    const target = keywordOf(name, place.draft)?.target ?? null
    if (target === null || types.includes(target) || (target === 'number' && types.includes('integer'))) return []
    return [
      problem(
        'warning',
        key,
        [...place.path, name],
        `'${name}' speaks of ${plural[target]}, and the type here is ${types.join(' or ')}: it has no effect.`,
      ),
    ]
  })
}

const plural = { object: 'objects', array: 'arrays', string: 'strings', number: 'numbers' } as const

/** Keywords that are read beside another only. */
function checkCompanions(place: Place): readonly SchemaProblem[] {
  const has = (name: string) => membersOf(place.node).has(name)
  const hasList = member(place.node, 'items')?.kind === 'array'
  const lonely: readonly (readonly [string, boolean, string])[] = [
    ['then', !has('if'), '"if"'],
    ['else', !has('if'), '"if"'],
    ['minContains', !has('contains'), '"contains"'],
    ['maxContains', !has('contains'), '"contains"'],
    ['additionalItems', !hasList, 'a list under "items"'],
  ]
  return lonely.flatMap(([name, isLonely, companion]) => {
    const entry = membersOf(place.node).get(name)
    if (entry === undefined || !isLonely || keywordOf(name, place.draft) === undefined) return []
    return [
      problem('warning', entry.key, [...place.path, name], `'${name}' is read beside ${companion} only; here it has no effect.`),
    ]
  })
}

function checkBounds(place: Place): readonly SchemaProblem[] {
  const pairs: readonly (readonly [string, string])[] = [
    ['minLength', 'maxLength'],
    ['minimum', 'maximum'],
    ['exclusiveMinimum', 'exclusiveMaximum'],
    ['minItems', 'maxItems'],
    ['minProperties', 'maxProperties'],
    ['minContains', 'maxContains'],
  ]
  return pairs.flatMap(([low, high]) => {
    const [least, most] = [member(place.node, low), member(place.node, high)]
    if (least?.kind !== 'number' || most?.kind !== 'number') return []
    const order = compareDecimals(decimalOf(least.text), decimalOf(most.text))
    if (order < 0 || (order === 0 && !low.startsWith('exclusive'))) return []
    return [
      problem('warning', least, [...place.path, low], `No value fits: '${low}' is ${least.text} and '${high}' is ${most.text}.`),
    ]
  })
}

/** A name that has to be there and may not. */
function checkRequired(place: Place): readonly SchemaProblem[] {
  const required = member(place.node, 'required')
  const additional = member(place.node, 'additionalProperties')
  const isClosed = additional?.kind === 'boolean' && !additional.value && member(place.node, 'patternProperties') === undefined
  if (required?.kind !== 'array' || !isClosed) return []
  const properties = member(place.node, 'properties')
  return required.items.flatMap((item, index) => {
    if (item.kind !== 'string' || member(properties, item.value) !== undefined) return []
    return [
      problem(
        'warning',
        item,
        [...place.path, 'required', String(index)],
        `No value fits: '${item.value}' is required, and the object is closed and does not name it.`,
      ),
    ]
  })
}

/** Defaults, enum values and constants of another type than the one beside them. */
function checkExamples(place: Place): readonly SchemaProblem[] {
  const types = typesOf(place)
  if (types.length === 0) return []
  const told: SchemaProblem[] = []
  const look = (value: JsonNode, path: readonly string[], what: string): void => {
    if (types.some((type) => isOfType(value, type))) return
    told.push(problem('warning', value, [...place.path, ...path], `${what} ${shortText(value)} is no ${types.join(' or ')}.`))
  }
  const [fallback, constant, values] = ['default', 'const', 'enum'].map((name) => member(place.node, name))
  if (fallback !== undefined) look(fallback, ['default'], 'The default')
  if (constant !== undefined && place.draft >= 6) look(constant, ['const'], 'The constant')
  if (values?.kind === 'array')
    for (const [index, value] of values.items.entries()) look(value, ['enum', String(index)], 'The value')
  return told
}

function isOfType(value: JsonNode, type: string): boolean {
  if (type === 'integer') return value.kind === 'number' && isIntegral(decimalOf(value.text))
  return value.kind === type
}
