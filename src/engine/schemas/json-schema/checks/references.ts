/** Where `$ref`s lead: what leads nowhere is an error, what is not read beside one a warning. */
import type { SchemaProblem } from '../../format'
import { isMetaSchemaUri } from '../dialect'
import { membersOf } from '../json'
import { fix, type Place, problem } from './problem'
import { similar } from './similar'

/** Said beside a reference without losing anything: not constraints. */
const harmless = /^(\$.*|definitions|title|description|default|examples|id|deprecated|readOnly|writeOnly|connect\..*)$/

export function checkReferences(place: Place): readonly SchemaProblem[] {
  const { graph, node, path, draft } = place
  const problems: SchemaProblem[] = []
  for (const name of ['$ref', '$dynamicRef']) {
    const value = membersOf(node).get(name)?.value
    if (value?.kind !== 'string' || (name === '$dynamicRef' && draft !== 2020)) continue
    const resolution = graph.resolve(value.value, node)
    if (resolution.kind !== 'unresolved') continue
    const meant = similar(value.value, resolution.candidates)
    problems.push(
      problem('error', value, [...path, name], `The reference '${value.value}' leads nowhere: ${resolution.reason}.`, {
        hint: hintFor(value.value, resolution.candidates),
        fixes: meant === null ? [] : [fix(`Change to '${meant}'`, value, JSON.stringify(meant))],
      }),
    )
  }
  if (draft > 7 || !membersOf(node).has('$ref')) return problems
  const unread = [...membersOf(node).values()].filter(({ key }) => !harmless.test(key.value))
  for (const { key } of unread) {
    problems.push(
      problem('warning', key, [...path, key.value], `Beside a "$ref" drafts 4 to 7 read nothing: '${key.value}' has no effect.`, {
        hint: 'Put the reference and the rest into "allOf", or set "$schema" to draft 2019-09 or later.',
      }),
    )
  }
  return problems
}

function hintFor(reference: string, candidates: readonly string[]): string {
  const name = reference.split('#')[0] ?? ''
  if (/^https?:/.test(name) && !isMetaSchemaUri(name)) {
    return `Nothing is fetched over the network: register that schema under a subject and add a reference named '${name}'.`
  }
  if (reference.startsWith('#')) {
    return candidates.length === 0
      ? 'Definitions stand under "definitions" or "$defs".'
      : `There are ${candidates.slice(0, 6).join(', ')}${candidates.length > 6 ? ', …' : ''}.`
  }
  return candidates.length === 0
    ? `Add a reference named '${name}' to the subject that holds it.`
    : `References are named ${candidates.slice(0, 6).join(', ')}${candidates.length > 6 ? ', …' : ''}.`
}
