/** The outline of a schema: properties, items, alternatives and definitions, in the order of the text. Called by index.ts. Pure. */
import type { OutlineEntry } from '../format'
import { pointerOf } from '../json-text'
import { placeWords, typeWords } from './describe'
import { draftOf, subschemas } from './dialect'
import { type JsonNode, member, membersOf, readJson, stringMember, stringsOf } from './json'

/** Empty for a text that is no JSON at all; of a broken text, what can be read. */
export function outline(text: string): readonly OutlineEntry[] {
  const { root } = readJson(text)
  if (root?.kind !== 'object') return []
  const draft = draftOf(root)

  const children = (node: JsonNode, path: readonly string[]): OutlineEntry[] => {
    const required = new Set(stringsOf(member(node, 'required')))
    return [...subschemas(node, draft)].flatMap(({ path: steps, node: inner }): OutlineEntry[] => {
      const [keyword = '', key] = steps
      // A lone schema of all items is told of in its owner's type; what is in it belongs to the owner.
      if (keyword === 'items' && key === undefined) return children(inner, [...path, ...steps])
      if (silent.has(keyword)) return []
      const place = [...path, ...steps]
      const name = key !== undefined && named.has(keyword) ? key : nameOf(keyword, key, inner)
      const isOptional = keyword === 'properties' && required.size > 0 && !required.has(key ?? '')
      return [
        {
          name,
          detail: `${typeWords(inner)}${isOptional ? ', optional' : ''}`,
          path: `#${pointerOf(place)}`,
          children: children(inner, place),
          ...rangeOf(node, steps, inner),
        },
      ]
    })
  }

  return [
    {
      name: stringMember(root, 'title') ?? 'Schema',
      detail: typeWords(root),
      path: '#',
      from: root.from,
      to: root.to,
      children: children(root, []),
    },
  ]
}

/** Maps of schemas by a name of their own. */
const named = new Set(['properties', 'definitions', '$defs', 'dependentSchemas', 'dependencies'])
/** Nobody looks for these in an outline. */
const silent = new Set(['contentSchema', 'propertyNames'])

function nameOf(keyword: string, key: string | undefined, node: JsonNode): string {
  const title = stringMember(node, 'title')
  if (keyword === 'patternProperties') return `/${key ?? ''}/`
  if (key !== undefined && /^(allOf|anyOf|oneOf)$/.test(keyword)) return title ?? `${keyword} ${Number(key) + 1}`
  if (key !== undefined) return placeWords([keyword, key])
  return keyword
}

/** With the key where it has one. */
function rangeOf(owner: JsonNode, steps: readonly string[], node: JsonNode): { readonly from: number; readonly to: number } {
  let holder: JsonNode | undefined = owner
  for (const each of steps.slice(0, -1)) holder = member(holder, each)
  const entry = holder?.kind === 'object' ? membersOf(holder).get(steps[steps.length - 1]!) : undefined
  return { from: entry?.key.from ?? node.from, to: node.to }
}
