/** Schemas and places in them in words, for sentences, outlines and lists of changes. Pure. */
import { isSimpleType } from './dialect'
import { type JsonNode, member, membersOf, stringMember, stringsOf } from './json'
import { shortText } from './values'

/** 'string', 'integer or null', 'array of Order', 'one of "NEW", "PAID"': the type that a schema describes, a few words long. */
export function typeWords(node: JsonNode, depth = 0): string {
  if (node.kind === 'boolean') return node.value ? 'anything' : 'nothing'
  if (node.kind !== 'object') return 'anything'
  const reference = stringMember(node, '$ref')
  if (reference !== null) return nameOfReference(reference)
  const constant = member(node, 'const')
  if (constant !== undefined) return `always ${shortText(constant)}`
  const values = member(node, 'enum')
  if (values?.kind === 'array') {
    const shown = values.items.slice(0, 4).map(shortText)
    return `one of ${shown.join(', ')}${values.items.length > shown.length ? ', …' : ''}`
  }
  const type = member(node, 'type')
  const names = type?.kind === 'string' ? [type.value] : stringsOf(type)
  const known = names.filter(isSimpleType)
  if (known.length > 0)
    return known.map((name) => (name === 'array' ? arrayWords(node, depth) : withFormat(node, name))).join(' or ')
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const branches = member(node, keyword)
    if (branches?.kind !== 'array') continue
    const words = branches.items.map((branch) => (depth > 2 ? '…' : typeWords(branch, depth + 1)))
    return words.length <= 4 ? words.join(' or ') : `one of ${words.length} schemas`
  }
  const parts = member(node, 'allOf')
  if (parts?.kind === 'array') {
    return parts.items.length === 1 && depth <= 2 ? typeWords(parts.items[0]!, depth + 1) : `all of ${parts.items.length} schemas`
  }
  if (member(node, 'not') !== undefined) return 'anything but what it excludes'
  if (member(node, 'properties') !== undefined) return 'object'
  if (member(node, 'items') !== undefined || member(node, 'prefixItems') !== undefined) return arrayWords(node, depth)
  return membersOf(node).size === 0 ? 'anything' : 'anything that fits'
}

function withFormat(node: JsonNode, name: string): string {
  const format = name === 'string' ? stringMember(node, 'format') : null
  return format === null ? name : `${name} (${format})`
}

function arrayWords(node: JsonNode, depth: number): string {
  const items = member(node, 'items')
  if (member(node, 'prefixItems') !== undefined || items?.kind === 'array') return 'tuple'
  return items === undefined || depth > 2 ? 'array' : `array of ${typeWords(items, depth + 1)}`
}

/** '#/definitions/Address' is 'Address', 'com.acme.Order' itself. */
function nameOfReference(reference: string): string {
  const [name = '', fragment = ''] = reference.split('#')
  const last = fragment === '' ? name.replace(/\/$/, '') : fragment
  return last.slice(last.lastIndexOf('/') + 1) || 'this schema'
}

/** 'address.lines[]' for properties/address/properties/lines/items: how a person names a place. '' is the whole. */
export function placeWords(segments: readonly string[]): string {
  let words = ''
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index]!
    const next = segments[index + 1]
    if (segment === 'properties' && next !== undefined) {
      words += words === '' ? next : `.${next}`
      index++
    } else if ((segment === 'required' || /^depend/.test(segment)) && next !== undefined) {
      words += words === '' ? next : `.${next}`
      index++
    } else if (segment === 'patternProperties' && next !== undefined) {
      words += `${words === '' ? '' : '.'}/${next}/`
      index++
    } else if ((segment === 'items' || segment === 'prefixItems') && /^\d+$/.test(next ?? '')) {
      words += `[${next}]`
      index++
    } else if (segment === 'items' || segment === 'additionalItems' || segment === 'contains') words += '[]'
    else if (segment === 'additionalProperties' || segment === 'unevaluatedProperties') words += words === '' ? '*' : '.*'
    else if (/^(allOf|anyOf|oneOf)$/.test(segment)) index++
    else if (segment === 'definitions' || segment === '$defs') {
      words += `${words === '' ? '' : ' '}${next ?? ''}`
      index++
    }
  }
  return words
}

/** "property 'a.b'" or 'the schema'. */
export function placeName(segments: readonly string[]): string {
  const words = placeWords(segments)
  return words === '' ? 'the schema' : `'${words}'`
}
