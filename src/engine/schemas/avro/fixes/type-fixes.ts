/** For TYPE_MISMATCH, NAME_MISMATCH, FIXED_SIZE_MISMATCH and MISSING_UNION_BRANCH: back to what was, or room for both. */
import type { SchemaFix } from '../../format'
import {
  insertItem,
  insertMemberAfter,
  type JsonNode,
  memberOf,
  memberValue,
  onOneLine,
  parentPointer,
  removeItem,
  stringOf,
} from '../../json-text'
import { pointedNode } from '../locate'
import { qualify } from '../names'
import { typeInWords } from '../outline'
import { collectDeclarations } from '../parse/declarations'
import { arrayOf, nodeOfDraft, nodeOfRegistered, ownerIn, type Site } from './site'

export function typeMismatchFixes(site: Site): readonly SchemaFix[] {
  const draft = nodeOfDraft(site)
  const registered = nodeOfRegistered(site)
  if (!draft || !registered) return []
  const was = onOneLine(site.registeredText, registered)
  const place = { from: draft.from, to: draft.to }
  const fixes: SchemaFix[] = [{ label: `Change back to ${typeInWords(registered)}`, edits: [{ ...place, insert: was }] }]
  if (site.direction === 'FORWARD' || registered.kind === 'array') return fixes
  const insert =
    draft.kind === 'array'
      ? `${site.draftText.slice(draft.from, draft.to - 1)}, ${was}]`
      : `[${site.draftText.slice(draft.from, draft.to)}, ${was}]`
  if (!isBranch(site.draft, site.draftPath))
    return [...fixes, { label: `Accept ${typeInWords(registered)} too`, edits: [{ ...place, insert }] }]
  return fixes
}

export function nameMismatchFixes(site: Site): readonly SchemaFix[] {
  const draft = ownerIn(site.draft, site.draftPath)
  const registered = ownerIn(site.registered, site.registeredPath)
  const name = draft && memberOf(draft, 'name')
  const oldName = registered && stringOf(registered, 'name')
  if (!draft || !registered || name?.value.kind !== 'string' || oldName === undefined) return []
  const declared = collectDeclarations(site.registered, null).shells.get(registered)
  const fullName = declared?.name.fullName ?? oldName
  const simple = fullName.slice(fullName.lastIndexOf('.') + 1)
  const fixes: SchemaFix[] = []
  if (site.direction === 'BACKWARD') {
    const aliases = arrayOf(memberValue(draft, 'aliases'))
    const edit = aliases
      ? insertItem(site.draftText, aliases, aliases.items.length, JSON.stringify(fullName))
      : insertMemberAfter(site.draftText, draft, name, 'aliases', `[${JSON.stringify(fullName)}]`)
    fixes.push({ label: `Add alias "${fullName}"`, edits: [edit] })
  }
  const written = name.value.value
  const renamed = written.includes('.') ? `${written.slice(0, written.lastIndexOf('.') + 1)}${simple}` : simple
  return [...fixes, { label: `Name it ${simple} again`, edits: renameEdits(site.draft, draft, renamed) }]
}

/** The definition, and all that names it. */
function renameEdits(root: JsonNode, definition: JsonNode, to: string): SchemaFix['edits'] {
  const { shells } = collectDeclarations(root, null)
  const shell = definition.kind === 'object' ? shells.get(definition) : undefined
  const name = definition.kind === 'object' ? memberOf(definition, 'name')?.value : undefined
  if (!shell || !name) return []
  const from = shell.name
  const newName = qualify(to, from.namespace)
  const edits = [{ from: name.from, to: name.to, insert: JSON.stringify(to) }]
  const visit = (node: JsonNode | undefined, namespace: string | null): void => {
    if (node?.kind === 'array') for (const branch of node.items) visit(branch, namespace)
    else if (node?.kind === 'string' && qualify(node.value, namespace).fullName === from.fullName)
      edits.push({
        from: node.from,
        to: node.to,
        insert: JSON.stringify(node.value.includes('.') ? newName.fullName : newName.name),
      })
    else if (node?.kind === 'object') {
      const inner = shells.get(node)?.name.namespace ?? namespace
      if (memberValue(node, 'type')?.kind !== 'string') visit(memberValue(node, 'type'), namespace)
      visit(memberValue(node, 'items'), namespace)
      visit(memberValue(node, 'values'), namespace)
      const fields = memberValue(node, 'fields')
      if (fields?.kind === 'array')
        for (const field of fields.items) if (field.kind === 'object') visit(memberValue(field, 'type'), inner)
    }
  }
  visit(root, null)
  return edits
}

export function sizeFixes(site: Site): readonly SchemaFix[] {
  const draft = ownerIn(site.draft, site.draftPath)
  const registered = ownerIn(site.registered, site.registeredPath)
  const size = draft && memberValue(draft, 'size')
  const was = registered && memberValue(registered, 'size')
  if (!size || was?.kind !== 'number') return []
  return [{ label: `Change size back to ${was.text}`, edits: [{ from: size.from, to: size.to, insert: was.text }] }]
}

export function unionFixes(site: Site): readonly SchemaFix[] {
  return site.direction === 'BACKWARD' ? keepBranchFixes(site) : removeBranchFixes(site)
}

/** The draft reads, and its union lacks what the registered writer writes. */
function keepBranchFixes(site: Site): readonly SchemaFix[] {
  const draft = arrayOf(nodeOfDraft(site))
  const branch = nodeOfRegistered(site)
  if (!draft || !branch || branch.kind === 'array') return []
  const index = isBranch(site.registered, site.registeredPath)
    ? Number(site.registeredPath!.slice(site.registeredPath!.lastIndexOf('/') + 1))
    : draft.items.length
  const edit = insertItem(site.draftText, draft, Math.min(index, draft.items.length), onOneLine(site.registeredText, branch))
  return [{ label: `Keep ${typeInWords(branch)}`, edits: [edit] }]
}

/** The draft writes a branch that the registered reader has not. */
function removeBranchFixes(site: Site): readonly SchemaFix[] {
  const branch = nodeOfDraft(site)
  if (!branch) return []
  const union = isBranch(site.draft, site.draftPath) ? arrayOf(nodeOfDraft(site, parentPointer(site.draftPath!))) : undefined
  if (union && union.items.length > 1) return [{ label: `Remove ${typeInWords(branch)}`, edits: [removeItem(union, branch)] }]
  const registered = nodeOfRegistered(site)
  if (!registered) return []
  return [
    {
      label: `Change back to ${typeInWords(registered)}`,
      edits: [{ from: branch.from, to: branch.to, insert: onOneLine(site.registeredText, registered) }],
    },
  ]
}

/** Whether a path ends in a branch of a union. */
function isBranch(root: JsonNode, path: string | null): boolean {
  if (!path || !/\/\d+$/.test(path)) return false
  const parent = parentPointer(path)
  return !parent.endsWith('/fields') && pointedNode(root, parent)?.node.kind === 'array'
}
