/**
 * Names that no reader of the draft knows: slips of the pen, words of other drafts, words of OpenAPI. All warnings, because JSON Schema lets
 * anybody add words of their own; a word that is like no other is left alone.
 */
import type { SchemaProblem } from '../../format'
import { removeMember } from '../../json-text'
import { draftNames, keywordNamed, keywordOf, keywords } from '../dialect'
import { membersOf } from '../json'
import { shortText } from '../values'
import { fix, fixWith, type Place, problem } from './problem'
import { similar } from './similar'

const formats = [
  'date-time',
  'date',
  'time',
  'duration',
  'email',
  'idn-email',
  'hostname',
  'idn-hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'iri',
  'iri-reference',
  'uuid',
  'uri-template',
  'json-pointer',
  'relative-json-pointer',
  'regex',
]

/** Words that mean something elsewhere, and what says it here. */
const foreign: Readonly<Record<string, string>> = {
  nullable: 'OpenAPI 3.0 says it so; JSON Schema takes a list of types: ["string", "null"].',
  example: 'OpenAPI says it so; JSON Schema has "examples", a list.',
  discriminator: 'OpenAPI reads it; JSON Schema goes by the branches of "oneOf" alone.',
  optional: 'A property is optional unless "required" of its object names it.',
  logicalType: 'Avro reads it; JSON Schema has "format".',
  fields: 'Avro reads it; JSON Schema has "properties".',
  symbols: 'Avro reads it; JSON Schema has "enum".',
  values: 'Avro reads it; JSON Schema has "additionalProperties".',
  namespace: 'Avro reads it; JSON Schema has "$id".',
}

export function checkNames({ node, path, draft }: Place): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const readable = keywords.filter((keyword) => keyword.since <= draft && draft <= keyword.until).map((keyword) => keyword.name)
  for (const [name, { key, value }] of membersOf(node)) {
    const told = (message: string, mend: Parameters<typeof problem>[4] = {}) =>
      problems.push(problem('warning', key, [...path, name], message, mend))
    if (keywordOf(name, draft) !== undefined) continue
    const elsewhere = keywordNamed(name)
    if (elsewhere !== undefined) {
      const which =
        draft < elsewhere.since ? `${draftNames[elsewhere.since]} on` : `no later draft than ${draftNames[elsewhere.until]}`
      told(`'${name}' is read from ${which}; in ${draftNames[draft]} it has no effect.`, { hint: otherDraft(name) })
      continue
    }
    const hint = foreign[name]
    if (hint !== undefined) {
      // A schema that is an Avro schema by mistake has all of them; one that documents itself has none.
      told(`'${name}' is no keyword of JSON Schema and has no effect.`, { hint })
      continue
    }
    if (/^x-|[.:]/.test(name)) continue
    const meant = similar(name, readable)
    if (meant === null || membersOf(node).has(meant)) continue
    told(`'${name}' is no keyword and has no effect; '${meant}' is one. Its value is ${shortText(value)}.`, {
      fixes: [fix(`Rename to '${meant}'`, key, JSON.stringify(meant))],
    })
  }
  const format = membersOf(node).get('format')?.value
  if (format?.kind === 'string' && !formats.includes(format.value)) {
    const meant = similar(format.value, formats)
    if (meant !== null) {
      problems.push(
        problem('warning', format, [...path, 'format'], `'${format.value}' is no format that readers know.`, {
          fixes: [fix(`Change to '${meant}'`, format, JSON.stringify(meant))],
        }),
      )
    }
  }
  return [...problems, ...checkTwice(path, node)]
}

/** Keys that stand twice, here and in the maps that hold schemas. */
function checkTwice(path: readonly string[], node: Place['node']): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const look = (object: Place['node'], at: readonly string[]): void => {
    if (membersOf(object).size === object.members.length) return
    const last = membersOf(object)
    for (const entry of object.members) {
      if (last.get(entry.key.value) === entry) continue
      problems.push(
        problem(
          'warning',
          entry.key,
          [...at, entry.key.value],
          `'${entry.key.value}' stands here twice; only the last one counts.`,
          {
            fixes: [fixWith('Remove this one', removeMember(object, entry))],
          },
        ),
      )
    }
  }
  look(node, path)
  for (const [name, { value }] of membersOf(node)) {
    if (value.kind === 'object' && /(schema|regex|names)-map|dependencies/.test(keywordNamed(name)?.value ?? ''))
      look(value, [...path, name])
  }
  return problems
}

const otherDraft = (name: string): string | null => {
  const instead: Readonly<Record<string, string>> = {
    id: 'Since draft 6 it is "$id".',
    additionalItems: 'In draft 2020-12 it is "items", beside "prefixItems".',
    prefixItems: 'Before draft 2020-12 it is a list under "items".',
    $anchor: 'Before draft 2019-09 an anchor is "$id": "#name".',
    dependentRequired: 'Before draft 2019-09 it is "dependencies".',
    dependentSchemas: 'Before draft 2019-09 it is "dependencies".',
    const: 'In draft 4 it is an "enum" of one value.',
    $recursiveRef: 'In draft 2020-12 it is "$dynamicRef".',
  }
  return instead[name] ?? 'Set "$schema" to a draft that reads it.'
}
