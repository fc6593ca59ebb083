/** Whether what stands under each keyword is what the draft's meta-schema asks for. Errors, each at the value. Called by checks/index.ts. */
import { RE2JS } from 're2js'
import type { SchemaProblem } from '../../format'
import { removeItem } from '../../json-text'
import { compareDecimals, decimalOf, isIntegral } from '../decimal'
import { type Draft, draftNames, isSimpleType, type Keyword, simpleTypes } from '../dialect'
import { type JsonArray, type JsonNode, membersOf } from '../json'
import { shortText, valueKey } from '../values'
import { fix, fixWith, kindWords, type Mend, type Place, problem } from './problem'
import { similar } from './similar'

/** Sub-schemas are looked at by the walk; here it is only what holds them. */
export function checkValue(place: Place, keyword: Keyword, value: JsonNode): readonly SchemaProblem[] {
  const path = [...place.path, keyword.name]
  const wrong = (asked: string, mend: Mend = {}) => [
    problem('error', value, path, `'${keyword.name}' takes ${asked}, and this is ${kindWords[value.kind]}.`, mend),
  ]
  switch (keyword.value) {
    case 'schema':
      return isSchema(value) ? [] : wrong('a schema')
    case 'schema-or-list':
      return checkItems(place, value, path)
    case 'schema-list':
      return value.kind === 'array' ? nonEmpty(value, keyword, path) : wrong('a list of schemas')
    case 'schema-map':
      return value.kind === 'object' ? [] : wrong('an object of schemas by name')
    case 'regex-map':
      if (value.kind !== 'object') return wrong('an object of schemas by regular expression')
      return [...membersOf(value).values()].flatMap(({ key }) => checkPattern(key.value, key, [...path, key.value]))
    case 'dependencies':
      return value.kind === 'object' ? checkNamesMap(value, path, keyword) : wrong('an object of lists of names or schemas')
    case 'names-map':
      return value.kind === 'object' ? checkNamesMap(value, path, keyword) : wrong('an object of lists of names')
    case 'string':
    case 'reference':
      return value.kind === 'string' ? [] : wrong('a text')
    case 'anchor':
      if (value.kind !== 'string') return wrong('a text')
      return /^[A-Za-z_][-A-Za-z0-9._]*$/.test(value.value)
        ? []
        : [
            problem(
              'error',
              value,
              path,
              `'${value.value}' is no name of an anchor: a letter or _, then letters, digits, - . and _.`,
            ),
          ]
    case 'regex':
      return value.kind === 'string' ? checkPattern(value.value, value, path) : wrong('a regular expression')
    case 'number':
      return value.kind === 'number' ? [] : wrong('a number', unquoted(value))
    case 'positive-number':
      if (value.kind !== 'number') return wrong('a number greater than 0', unquoted(value))
      return compareDecimals(decimalOf(value.text), decimalOf('0')) > 0
        ? []
        : [problem('error', value, path, `'${keyword.name}' takes a number greater than 0, not ${value.text}.`)]
    case 'count':
      return checkCount(value, keyword, path)
    case 'boolean':
      return value.kind === 'boolean' ? [] : wrong('true or false', unquoted(value))
    case 'boolean-or-number':
      return checkExclusive(place, keyword, value, path)
    case 'names':
      return checkNames(place, value, path, keyword)
    case 'types':
      return checkTypes(value, path)
    case 'values':
      return checkEnum(place.draft, value, path)
    case 'list':
      return value.kind === 'array' ? [] : wrong('a list', { fixes: [fix('Put it in a list', value, `[${shortText(value)}]`)] })
    default:
      return []
  }
}

export const isSchema = (node: JsonNode): boolean => node.kind === 'object' || node.kind === 'boolean'

/** A number or boolean that somebody put in quotes. */
function unquoted(value: JsonNode): Mend {
  if (value.kind !== 'string' || !/^(-?\d+(\.\d+)?|true|false)$/.test(value.value)) return {}
  return { hint: 'It stands in quotes.', fixes: [fix('Take off the quotes', value, value.value)] }
}

function nonEmpty(value: JsonArray, keyword: Keyword, path: readonly string[]): readonly SchemaProblem[] {
  return value.items.length > 0
    ? []
    : [problem('error', value, path, `'${keyword.name}' takes at least one schema, and this list is empty.`)]
}

function checkItems(place: Place, value: JsonNode, path: readonly string[]): readonly SchemaProblem[] {
  if (isSchema(value)) return []
  if (value.kind !== 'array')
    return [problem('error', value, path, `'items' takes a schema, and this is ${kindWords[value.kind]}.`)]
  if (place.draft !== 2020) return []
  const key = membersOf(place.node).get('items')!.key
  return [
    problem('error', key, path, "A list under 'items' is called 'prefixItems' in draft 2020-12; 'items' is what follows it.", {
      hint: "Rename it, and 'additionalItems' to 'items' where there is one.",
      fixes: [fix("Rename to 'prefixItems'", key, '"prefixItems"')],
    }),
  ]
}

function checkCount(value: JsonNode, keyword: Keyword, path: readonly string[]): readonly SchemaProblem[] {
  const told = (message: string, mend: Mend = {}) => [problem('error', value, path, message, mend)]
  if (value.kind !== 'number') {
    return told(`'${keyword.name}' takes a whole number from 0 on, and this is ${kindWords[value.kind]}.`, unquoted(value))
  }
  const number = decimalOf(value.text)
  if (isIntegral(number) && number.digits >= 0n) return []
  return told(`'${keyword.name}' takes a whole number from 0 on, not ${value.text}.`)
}

function checkExclusive(place: Place, keyword: Keyword, value: JsonNode, path: readonly string[]): readonly SchemaProblem[] {
  const told = (message: string, mend: Mend = {}) => [problem('error', value, path, message, mend)]
  const isOld = place.draft === 4
  if (value.kind === (isOld ? 'boolean' : 'number')) return []
  const plain = keyword.name === 'exclusiveMaximum' ? 'maximum' : 'minimum'
  if (isOld) {
    return told(`In draft 4 '${keyword.name}' is true or false and makes '${plain}' exclusive; numbers came with draft 6.`, {
      hint: `Write the number under '${plain}', or set "$schema" to a later draft.`,
    })
  }
  if (value.kind !== 'boolean')
    return told(`'${keyword.name}' takes a number, and this is ${kindWords[value.kind]}.`, unquoted(value))
  const bound = membersOf(place.node).get(plain)
  const fixes = value.value && bound?.value.kind === 'number' ? [fix(`Make it ${bound.value.text}`, value, bound.value.text)] : []
  return told(`'${keyword.name}' is a number of its own since draft 6; true and false are draft 4's way.`, {
    hint: `Write the bound here in place of '${plain}', or set "$schema" to draft 4.`,
    fixes,
  })
}

function checkNamesMap(value: JsonNode, path: readonly string[], keyword: Keyword): readonly SchemaProblem[] {
  if (value.kind !== 'object') return []
  return [...membersOf(value).values()].flatMap(({ key, value: inner }) => {
    if (inner.kind === 'array') return listOfNames(inner, [...path, key.value])
    if (keyword.value === 'dependencies' && isSchema(inner)) return []
    const asked = keyword.value === 'dependencies' ? 'a list of names or a schema' : 'a list of names'
    return [
      problem(
        'error',
        inner,
        [...path, key.value],
        `What hangs on '${key.value}' is ${asked}, and this is ${kindWords[inner.kind]}.`,
      ),
    ]
  })
}

function checkNames(place: Place, value: JsonNode, path: readonly string[], keyword: Keyword): readonly SchemaProblem[] {
  if (value.kind === 'boolean') {
    const [, owner] = [path[path.length - 3], path[path.length - 2]]
    return [
      problem('error', value, path, `'required' takes a list of names at the object, and this is ${value.value}.`, {
        hint: `Draft 3 wrote it at the property. Put ${JSON.stringify(owner ?? 'the name')} into "required" of the object that holds it.`,
      }),
    ]
  }
  if (value.kind !== 'array') {
    const fixes = value.kind === 'string' ? [fix('Put it in a list', value, `[${shortText(value)}]`)] : []
    return [
      problem('error', value, path, `'${keyword.name}' takes a list of names, and this is ${kindWords[value.kind]}.`, { fixes }),
    ]
  }
  if (place.draft === 4 && value.items.length === 0) {
    return [problem('error', value, path, "In draft 4 'required' names at least one property.", { hint: 'Leave it out.' })]
  }
  return listOfNames(value, path)
}

function listOfNames(value: JsonArray, path: readonly string[]): readonly SchemaProblem[] {
  const seen = new Set<string>()
  return value.items.flatMap((item, index) => {
    const at = [...path, String(index)]
    if (item.kind !== 'string')
      return [problem('error', item, at, `Names of properties are texts, and this is ${kindWords[item.kind]}.`)]
    if (seen.has(item.value)) {
      return [
        problem('error', item, at, `'${item.value}' stands in this list twice.`, {
          fixes: [fixWith('Remove the second', removeItem(value, item))],
        }),
      ]
    }
    seen.add(item.value)
    return []
  })
}

/** What people write who think in other languages. */
const otherTypeNames: Readonly<Record<string, (typeof simpleTypes)[number]>> = {
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  long: 'integer',
  short: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  str: 'string',
  text: 'string',
  record: 'object',
  map: 'object',
  struct: 'object',
  list: 'array',
  none: 'null',
  nil: 'null',
}

function checkTypes(value: JsonNode, path: readonly string[]): readonly SchemaProblem[] {
  if (value.kind === 'string') return checkTypeName(value, path)
  const all = simpleTypes.join(', ')
  if (value.kind !== 'array') {
    return [
      problem('error', value, path, `'type' takes the name of a type or a list of them, and this is ${kindWords[value.kind]}.`, {
        hint: `Types are ${all}.`,
      }),
    ]
  }
  if (value.items.length === 0)
    return [problem('error', value, path, "The list under 'type' is empty.", { hint: `Types are ${all}.` })]
  const seen = new Set<string>()
  return value.items.flatMap((item, index) => {
    const at = [...path, String(index)]
    const key = valueKey(item)
    if (seen.has(key)) {
      return [
        problem('error', item, at, `${shortText(item)} stands in this list twice.`, {
          fixes: [fixWith('Remove the second', removeItem(value, item))],
        }),
      ]
    }
    seen.add(key)
    return checkTypeName(item, at)
  })
}

function checkTypeName(value: JsonNode, path: readonly string[]): readonly SchemaProblem[] {
  if (value.kind !== 'string') {
    return [
      problem('error', value, path, `The name of a type is a text, and this is ${kindWords[value.kind]}.`, {
        hint: "For alternatives that are schemas, use 'anyOf'.",
      }),
    ]
  }
  if (isSimpleType(value.value)) return []
  const meant = otherTypeNames[value.value.toLowerCase()] ?? similar(value.value, simpleTypes)
  return [
    problem('error', value, path, `'${value.value}' is no type of JSON Schema.`, {
      hint: `Types are ${simpleTypes.join(', ')}.`,
      fixes: meant === null ? [] : [fix(`Change to '${meant}'`, value, JSON.stringify(meant))],
    }),
  ]
}

function checkEnum(draft: Draft, value: JsonNode, path: readonly string[]): readonly SchemaProblem[] {
  if (value.kind !== 'array') {
    return [problem('error', value, path, `'enum' takes a list of values, and this is ${kindWords[value.kind]}.`)]
  }
  const severity = draft <= 6 ? 'error' : 'warning'
  if (value.items.length === 0) {
    return [
      problem(
        severity,
        value,
        path,
        `'enum' is empty: no value fits${draft <= 6 ? `, and ${draftNames[draft]} asks for one at least` : ''}.`,
      ),
    ]
  }
  const seen = new Set<string>()
  return value.items.flatMap((item, index) => {
    const key = valueKey(item)
    const told = seen.has(key)
      ? [
          problem(severity, item, [...path, String(index)], `${shortText(item)} stands in this list twice.`, {
            fixes: [fixWith('Remove the second', removeItem(value, item))],
          }),
        ]
      : []
    seen.add(key)
    return told
  })
}

/**
 * Whether some engine of those that run these expressions takes it: RE2, or JavaScript's own with or without Unicode. Only compiled, never run.
 */
function checkPattern(pattern: string, at: JsonNode, path: readonly string[]): readonly SchemaProblem[] {
  let reason = ''
  const attempts = [() => RE2JS.compile(pattern), () => new RegExp(pattern, 'u'), () => new RegExp(pattern)]
  for (const attempt of attempts) {
    try {
      attempt()
      return []
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
  }
  return [
    problem(
      'error',
      at,
      path,
      `${JSON.stringify(pattern)} is no regular expression: ${reason.replace(/^Invalid regular expression: (\/.*\/\w*: )?/, '')}.`,
      {
        hint: 'Brackets come in pairs, and a backslash in JSON is written twice.',
      },
    ),
  ]
}
