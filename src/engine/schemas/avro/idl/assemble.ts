/**
 * Puts the declarations of an IDL text together as one Avro schema: the main type, with every other type written out where it is used first.
 * The nodes keep the places of the IDL. Pure.
 */
import { type JsonNode, type JsonString, memberValue } from '../../json-text'
import { isPrimitiveKind } from '../model'
import { qualify } from '../names'
import type { ProblemList } from '../parse/problems'
import { memberNode, objectNode, textNode } from './nodes'
import type { IdlDeclaration, IdlDocument } from './parser'

/** null: there is nothing that could be the schema; a problem says so. */
export function assemble(document: IdlDocument, end: number, problems: ProblemList): JsonNode | null {
  const byName = new Map<string, IdlDeclaration>()
  for (const declaration of document.declarations) {
    const { fullName } = declaration.name
    if (byName.has(fullName)) problems.error(declaration.nameRange, '', `${fullName} is defined twice.`)
    else byName.set(fullName, declaration)
  }
  const find = (name: string, namespace: string | null): IdlDeclaration | undefined =>
    byName.get(qualify(name, namespace).fullName) ?? byName.get(name) ?? byName.get(qualify(name, document.namespace).fullName)

  const main = document.main ?? mainOf(document, find, problems)
  if (!main) {
    if (!problems.hasErrors)
      problems.error({ from: 0, to: end }, '', 'There is no schema in this text.', {
        hint: 'Declare a record, an enum or a fixed, or write "schema …;".',
      })
    return null
  }

  const written = new Set<IdlDeclaration>()
  /** `lookup` is the namespace in which names are meant, `enclosing` the one that the JSON around them has: they differ above the first name. */
  const type = (node: JsonNode, lookup: string | null, enclosing: string | null): JsonNode => {
    if (node.kind === 'array') return { ...node, items: node.items.map((branch) => type(branch, lookup, enclosing)) }
    if (node.kind === 'object') {
      const members = node.members.map((member) =>
        member.key.value === 'items' || member.key.value === 'values'
          ? { ...member, value: type(member.value, lookup, enclosing) }
          : member,
      )
      return { ...node, members }
    }
    if (node.kind !== 'string' || isPrimitiveKind(node.value)) return node
    const found = find(node.value, lookup) ?? elsewhere(node)
    // Of a referenced text, or unknown: the Avro parser will tell.
    if (!found) return lookup === enclosing ? node : { ...node, value: qualify(node.value, lookup).fullName }
    if (written.has(found)) return { ...node, value: found.name.namespace === enclosing ? found.name.name : found.name.fullName }
    written.add(found)
    return definition(found, enclosing)
  }
  /** Declared under another namespace: told here, since only here it is known to be declared at all. */
  const elsewhere = (node: JsonString): IdlDeclaration | undefined => {
    const matches = [...byName.values()].filter(({ name }) => name.name === node.value)
    if (matches.length !== 1) return undefined
    const { fullName } = matches[0]!.name
    problems.error(node, '', `The type ${node.value} is not in this namespace.`, {
      hint: `${fullName} may be meant.`,
      fixes: [{ label: `Change to ${fullName}`, edits: [{ from: node.from, to: node.to, insert: fullName }] }],
    })
    return matches[0]
  }
  const definition = ({ name, node, nameRange }: IdlDeclaration, enclosing: string | null): JsonNode => {
    const members = node.members.flatMap((member) => {
      if (member.key.value === 'name') {
        const simple = memberNode('name', textNode(name.name, nameRange))
        return name.namespace === enclosing
          ? [simple]
          : [simple, memberNode('namespace', textNode(name.namespace ?? '', nameRange))]
      }
      if (member.key.value !== 'fields' || member.value.kind !== 'array') return [member]
      const fields = member.value.items.map((field) => {
        if (field.kind !== 'object') return field
        const parts = field.members.map((part) =>
          part.key.value === 'type' ? { ...part, value: type(part.value, name.namespace, name.namespace) } : part,
        )
        return { ...field, members: parts }
      })
      return [{ ...member, value: { ...member.value, items: fields } }]
    })
    return objectNode(members, node)
  }

  const root =
    'nameRange' in main ? type(textNode(main.name.fullName, main.nameRange), null, null) : type(main, document.namespace, null)
  for (const declaration of byName.values())
    if (!written.has(declaration))
      problems.warning(
        declaration.nameRange,
        '',
        `${declaration.name.name} is not used by the schema and will not be part of it.`,
        {
          hint: 'One subject holds one schema: what it uses goes with it.',
        },
      )
  return root
}

/** Without "schema …;": the last declared type that no other one uses, or the last one. */
function mainOf(
  document: IdlDocument,
  find: (name: string, namespace: string | null) => IdlDeclaration | undefined,
  problems: ProblemList,
): IdlDeclaration | null {
  const used = new Set<IdlDeclaration>()
  const visit = (node: JsonNode, namespace: string | null, self: IdlDeclaration): void => {
    if (node.kind === 'array') for (const branch of node.items) visit(branch, namespace, self)
    else if (node.kind === 'string') {
      const found = find(node.value, namespace)
      if (found && found !== self) used.add(found)
    } else if (node.kind === 'object') {
      const held = memberValue(node, 'items') ?? memberValue(node, 'values')
      if (held) visit(held, namespace, self)
    }
  }
  for (const declaration of document.declarations) {
    const fields = memberValue(declaration.node, 'fields')
    if (fields?.kind !== 'array') continue
    for (const field of fields.items) {
      const fieldType = field.kind === 'object' ? memberValue(field, 'type') : undefined
      if (fieldType) visit(fieldType, declaration.name.namespace, declaration)
    }
  }
  const free = document.declarations.filter((declaration) => !used.has(declaration))
  const main = free[free.length - 1] ?? document.declarations[document.declarations.length - 1] ?? null
  if (main && free.length > 1)
    problems.warning(
      main.nameRange,
      '',
      `${main.name.name} is taken for the schema: it is the last type that no other one uses.`,
      {
        hint: 'Say which one it is: write "schema Name;" at the top.',
      },
    )
  return main
}
