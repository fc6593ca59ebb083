/** Rules of names, aliases and docs of an object, and what mends them. Used by the parser only. */
import { describeNode, type JsonNode, type JsonObject, type JsonString, memberOf, memberValue, sameValue } from '../../json-text'
import { textOfType } from '../canonical'
import { isPrimitiveKind, type NamedType, primitiveKinds } from '../model'
import { isValidName, nameFault, nearestName, validNameFrom } from '../names'
import { rangeOf } from './attributes'
import type { ParserContext } from './context'
import { isValidFullName, type Shell } from './declarations'

export function checkName(context: ParserContext, node: JsonObject, fullName: string, path: string): void {
  const { problems, options } = context
  const name = memberOf(node, 'name')!.value as JsonString
  const namespace = memberOf(node, 'namespace')
  if (isPrimitiveKind(fullName)) problems.error(name, path, `A type must not be called ${fullName}: that is a primitive.`)
  if (namespace && name.value.includes('.') && namespace.value.kind === 'string')
    problems.warning(namespace.value, path, `The namespace is ignored: the name ${name.value} brings its own.`)
  if (!options.isNew) return
  if (isValidFullName(fullName)) return
  const ownSpace = namespace?.value.kind === 'string' && !name.value.includes('.') ? namespace.value : undefined
  const parts = name.value.split('.')
  const bad = parts.find((part) => !isValidName(part))
  if (bad !== undefined) invalidName(context, name, path, 'name', name.value, bad, parts.map(validNameFrom).join('.'))
  const badSpace = ownSpace?.value.split('.').find((part) => !isValidName(part))
  if (ownSpace && badSpace !== undefined)
    invalidName(
      context,
      ownSpace,
      path,
      'namespace',
      ownSpace.value,
      badSpace,
      ownSpace.value.split('.').filter(Boolean).map(validNameFrom).join('.'),
    )
}

export function invalidName(
  context: ParserContext,
  node: JsonString,
  path: string,
  what: string,
  name: string,
  part: string,
  mended: string,
): void {
  const subject = part === name ? `The ${what} "${name}"` : `A part of the ${what} "${name}"`
  context.problems.error(node, path, `${subject} ${nameFault(part)}.`, {
    hint: 'Names begin with a letter or _, and go on with letters, digits and _; no others, no accents.',
    fixes:
      mended && mended !== name
        ? [{ label: `Change to ${mended}`, edits: [{ ...rangeOf(node), insert: JSON.stringify(mended) }] }]
        : [],
  })
}

export function checkRedefinition(context: ParserContext, node: JsonObject, shell: Shell, path: string): void {
  const { problems, declarations, known } = context
  const { fullName } = shell.name
  const name = memberOf(node, 'name')!.value
  const first = declarations.nodeOfName.get(fullName)
  const referenced = known.get(fullName)
  if (referenced) context.afterwards.push(() => checkAgainstReference(context, referenced, shell, name, path))
  else if (first && first !== node) {
    const details = {
      hint: 'A name is defined once, and named wherever it is used again.',
      fixes: [{ label: `Name ${fullName}`, edits: [{ ...rangeOf(node), insert: JSON.stringify(fullName) }] }],
    }
    if (sameValue(first, node)) problems.warning(name, path, `${fullName} is defined twice.`, details)
    else problems.error(name, path, `${fullName} is defined twice, and differently.`, details)
  }
}

export function docOf(context: ParserContext, node: JsonObject, path: string): string | null {
  const doc = memberValue(node, 'doc')
  if (doc && doc.kind !== 'string') context.problems.warning(doc, path, `"doc" is a text; ${describeNode(doc)} is dropped.`)
  return doc?.kind === 'string' ? doc.value : null
}

export function aliasesOf(context: ParserContext, node: JsonObject, path: string): readonly string[] {
  const { problems, options } = context
  const aliases = memberValue(node, 'aliases')
  if (!aliases) return []
  if (aliases.kind !== 'array') {
    problems.error(aliases, path, `"aliases" is an array of names, not ${describeNode(aliases)}.`, {
      fixes:
        aliases.kind === 'string'
          ? [{ label: 'Make it an array', edits: [{ ...rangeOf(aliases), insert: `[${JSON.stringify(aliases.value)}]` }] }]
          : [],
    })
    return []
  }
  const names = new Set<string>()
  for (const alias of aliases.items) {
    if (alias.kind !== 'string') problems.error(alias, path, `An alias is a name, not ${describeNode(alias)}.`)
    else {
      if (options.isNew && !isValidFullName(alias.value))
        problems.error(
          alias,
          path,
          `The alias "${alias.value}" ${nameFault(alias.value.split('.').find((part) => !isValidName(part)) ?? '')}.`,
        )
      names.add(alias.value)
    }
  }
  return [...names]
}

/** A name that stands for nothing: the known one that may be meant. */
export function unknownName(context: ParserContext, node: JsonString, qualified: string, path: string): void {
  const { value: name } = node
  const known = new Map<string, string>()
  for (const fullName of [...context.known.keys(), ...context.declarations.byName.keys()]) {
    known.set(fullName, fullName)
    // A name without its namespace is a likely mistake, and what is written then is compared with the last part.
    if (!name.includes('.')) known.set(fullName.slice(fullName.lastIndexOf('.') + 1), fullName)
  }
  for (const primitive of primitiveKinds) known.set(primitive, primitive)
  const exact = known.get(name)
  const nearest = exact === undefined ? nearestName(name, known.keys()) : name
  const meant = nearest === null ? undefined : known.get(nearest)
  const message =
    meant !== undefined && exact !== undefined ? `The type ${name} is not in this namespace.` : `The type ${name} is unknown.`
  context.problems.error(node, path, message, {
    hint: meant === undefined ? `Define ${qualified}, or add a reference to the subject that does.` : `${meant} may be meant.`,
    fixes:
      meant === undefined ? [] : [{ label: `Change to ${meant}`, edits: [{ ...rangeOf(node), insert: JSON.stringify(meant) }] }],
  })
}

/** Avro takes a second definition that is equal to the first; both are complete when this is asked. */
function checkAgainstReference(
  context: ParserContext,
  referenced: NamedType,
  own: NamedType,
  name: JsonNode,
  path: string,
): void {
  const { fullName } = own.name
  if (textOfType(referenced) === textOfType(own))
    context.problems.warning(name, path, `${fullName} is defined by the reference "${referenced.reference}" already.`, {
      hint: 'Name it instead of defining it again.',
    })
  else
    context.problems.error(
      name,
      path,
      `${fullName} is defined by the reference "${referenced.reference}" already, and differently.`,
      {
        hint: 'Name it instead of defining it again, or give this one another name.',
      },
    )
}
