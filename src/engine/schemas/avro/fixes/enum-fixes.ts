/** For MISSING_ENUM_SYMBOLS: take the symbols back, or let readers fall back on one; or, where the draft writes them, take them out. */
import type { SchemaFix } from '../../format'
import { insertItem, insertMemberAfter, memberOf, memberValue, removeItem, type TextEdit } from '../../json-text'
import { arrayOf, ownerIn, type Site, textsOf } from './site'

export function enumFixes(site: Site): readonly SchemaFix[] {
  const draft = ownerIn(site.draft, site.draftPath)
  const registered = ownerIn(site.registered, site.registeredPath)
  const draftSymbols = draft && arrayOf(memberValue(draft, 'symbols'))
  if (!draft || !registered || !draftSymbols) return []
  const inDraft = textsOf(draftSymbols)
  const inRegistered = textsOf(memberValue(registered, 'symbols'))

  if (site.direction === 'FORWARD') {
    const added = draftSymbols.items.filter((item) => item.kind === 'string' && !inRegistered.includes(item.value))
    // Neighbours would share a comma, and their edits would overlap: more than one is offered one by one.
    return added.slice(0, 3).map((item) => ({
      label: `Remove ${item.kind === 'string' ? item.value : ''}`,
      edits: [removeItem(draftSymbols, item)],
    }))
  }

  const missing = inRegistered.filter((symbol) => !inDraft.includes(symbol))
  const fixes: SchemaFix[] = [
    { label: `Keep ${listed(missing)}`, edits: keepEdits(site.draftText, draftSymbols, inDraft, inRegistered, missing) },
  ]
  const fallback = inDraft.find((symbol) => /^(unknown|unspecified|undefined|other|none)$/i.test(symbol)) ?? inDraft[0]
  if (fallback !== undefined && !memberOf(draft, 'default')) {
    const symbols = memberOf(draft, 'symbols')!
    fixes.push({
      label: 'Add enum default',
      edits: [insertMemberAfter(site.draftText, draft, symbols, 'default', JSON.stringify(fallback))],
    })
  }
  return fixes
}

/** Each behind the symbol that it stood behind; those that belong to the same place in one edit. */
function keepEdits(
  text: string,
  symbols: Parameters<typeof insertItem>[1],
  inDraft: readonly string[],
  inRegistered: readonly string[],
  missing: readonly string[],
): readonly TextEdit[] {
  const byIndex = new Map<number, string[]>()
  for (const symbol of missing) {
    const before = inRegistered.slice(0, inRegistered.indexOf(symbol)).reverse()
    const neighbour = before.find((candidate) => inDraft.includes(candidate))
    const index = neighbour === undefined ? 0 : inDraft.indexOf(neighbour) + 1
    byIndex.set(index, [...(byIndex.get(index) ?? []), JSON.stringify(symbol)])
  }
  return [...byIndex].map(([index, texts]) => insertItem(text, symbols, index, texts.join(', ')))
}

const listed = (names: readonly string[]): string =>
  names.length > 3
    ? `${names.length} symbols`
    : names.length > 1
      ? `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`
      : (names[0] ?? '')
