/** Edits of JSON text that keep it JSON: a member or an item put in or taken out with its comma. Pure; edits do not overlap as long as the nodes do not. */
import type { SchemaFix, SourceRange } from '../format'
import type { JsonArray, JsonMember, JsonNode, JsonObject } from './tree'

export type TextEdit = SchemaFix['edits'][number]

/** Behind the last member, in its manner: on a line of its own where the members stand on lines of their own. */
export function appendMember(text: string, object: JsonObject, key: string, value: string): TextEdit {
  const last = object.members[object.members.length - 1]
  const member = `${JSON.stringify(key)}: ${value}`
  if (!last) return { from: object.from + 1, to: object.from + 1, insert: member }
  return {
    from: last.to,
    to: last.to,
    insert: `,${gapBefore(text, object.from, object.members, object.members.length - 1)}${member}`,
  }
}

/** Behind a given member. */
export function insertMemberAfter(text: string, object: JsonObject, member: JsonMember, key: string, value: string): TextEdit {
  const index = object.members.indexOf(member)
  return {
    from: member.to,
    to: member.to,
    insert: `,${gapBefore(text, object.from, object.members, index)}${JSON.stringify(key)}: ${value}`,
  }
}

/** So that the new item has `index`; beyond the end it is the last. */
export function insertItem(text: string, array: JsonArray, index: number, value: string): TextEdit {
  const before = array.items[index]
  if (before) {
    const gap =
      index === 0
        ? array.items.length > 1
          ? gapBefore(text, array.from, array.items, 1)
          : ' '
        : gapBefore(text, array.from, array.items, index)
    return { from: before.from, to: before.from, insert: `${value},${gap}` }
  }
  const last = array.items[array.items.length - 1]
  if (!last) return { from: array.from + 1, to: array.from + 1, insert: value }
  return { from: last.to, to: last.to, insert: `,${gapBefore(text, array.from, array.items, array.items.length - 1)}${value}` }
}

export const removeMember = (object: JsonObject, member: JsonMember): TextEdit => removals(object.members, [member])[0]!

export const removeMembers = (object: JsonObject, members: readonly JsonMember[]): TextEdit[] => removals(object.members, members)

export const removeItem = (array: JsonArray, item: JsonNode): TextEdit => removals(array.items, [item])[0]!

/** Each entry with the comma before it, or behind it where everything before it goes too: neighbours never claim the same comma. */
function removals(entries: readonly SourceRange[], removed: readonly SourceRange[]): TextEdit[] {
  return removed.map((entry) => {
    const index = entries.indexOf(entry)
    const before = entries[index - 1]
    const after = entries[index + 1]
    const isKeptBefore = entries.slice(0, index).some((candidate) => !removed.includes(candidate))
    if (before && isKeptBefore) return { from: before.to, to: entry.to, insert: '' }
    return { from: entry.from, to: after ? after.from : entry.to, insert: '' }
  })
}

/** The white space in front of an entry, which the next one repeats: ' ' or a line break and its indent. */
function gapBefore(text: string, containerFrom: number, entries: readonly SourceRange[], index: number): string {
  const entry = entries[index]!
  const start = index > 0 ? entries[index - 1]!.to : containerFrom + 1
  const gap = /\s*$/.exec(text.slice(start, entry.from))![0]
  // A lone entry beside its bracket says nothing about the gap between two.
  return gap === '' ? ' ' : gap
}
