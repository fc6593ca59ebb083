/** Names of types and imports: each must lead somewhere that the file may use, and what is near or only not imported is offered. */
import type { ReferencedTexts, SchemaFix, SchemaProblem } from '../../format'
import { nearestName } from '../nearest-name'
import type { ProtoExtend, ProtoField, ProtoMessage, ProtoType, TypeUse } from '../syntax/nodes'
import { fieldsOf } from '../syntax/nodes'
import { findType, isScalar, joined, type ProtobufSchema, packageOf, pathsOfType, scalarNames, visiblePaths } from '../types'
import { errorAt, replace } from './problem'

export function checkImports(schema: ProtobufSchema, references: ReferencedTexts): readonly SchemaProblem[] {
  return schema.file.imports.flatMap(({ path, pathRange }) => {
    if (schema.imported.has(path)) return []
    const near = nearestName(path, references.keys())
    return [
      errorAt(pathRange, {
        message: `Nothing is known under "${path}": it is no reference of this schema and no well-known file.`,
        hint: near === null ? `Add a reference with the name "${path}".` : `Did you mean "${near}"?`,
        fixes: near === null ? [] : [replace(`Change to "${near}"`, pathRange, `"${near}"`)],
      }),
    ]
  })
}

export function checkTypeNames(schema: ProtobufSchema, references: ReferencedTexts): readonly SchemaProblem[] {
  const visible = visiblePaths(schema)
  const problems: SchemaProblem[] = []

  const use = (used: TypeUse, scope: string, path: string, mayBe: 'any' | 'message'): void => {
    if (isScalar(used.name)) {
      if (mayBe === 'message')
        problems.push(
          errorAt(used, { message: `'${used.name}' is a scalar; a message belongs here.`, hint: 'Wrap it in a message.', path }),
        )
      return
    }
    const found = findType(schema.types, used.name, scope)
    if (found !== null && visible.has(found.path)) {
      if (mayBe === 'message' && found.node.kind === 'enum')
        problems.push(
          errorAt(used, { message: `'${used.name}' is an enum; a message belongs here.`, hint: 'Wrap it in a message.', path }),
        )
      return
    }
    problems.push(unknownType(schema, references, visible, used, scope, path))
  }
  const field = (one: ProtoField, scope: string, path: string): void => {
    if (one.group === null) use(one.type, scope, joined(path, one.name), 'any')
  }
  const extend = (one: ProtoExtend, scope: string, path: string): void => {
    use(one.extended, scope, path, 'message')
    for (const extension of one.fields) field(extension, scope, path)
  }
  const types = (list: readonly ProtoType[], scope: string, path: string): void => {
    for (const type of list) if (type.kind === 'message') message(type, joined(scope, type.name), joined(path, type.name))
  }
  const message = (one: ProtoMessage, scope: string, path: string): void => {
    for (const entry of fieldsOf(one)) field(entry.field, scope, path)
    for (const extension of one.extends) extend(extension, scope, path)
    types(one.types, scope, path)
  }

  const { file } = schema
  const scope = packageOf(file)
  types(file.types, scope, '')
  for (const one of file.extends) extend(one, scope, '')
  for (const service of file.services)
    for (const method of service.methods) {
      use(method.request, scope, joined(service.name, method.name), 'message')
      use(method.response, scope, joined(service.name, method.name), 'message')
    }
  return problems
}

function unknownType(
  schema: ProtobufSchema,
  references: ReferencedTexts,
  visible: ReadonlySet<string>,
  used: TypeUse,
  scope: string,
  path: string,
): SchemaProblem {
  const imports = pathsOfType(used.name, references).filter((one) => !visible.has(one))
  const [first] = imports
  if (first !== undefined)
    return errorAt(used, {
      message: `The type '${used.name}' is not imported.`,
      hint: `It stands in "${first}".`,
      path,
      fixes: imports.slice(0, 3).map((one) => importFix(schema, one)),
    })
  const ownPackage = packageOf(schema.file)
  const candidates = [...schema.types.values()].filter((type) => visible.has(type.path))
  const names = [...scalarNames, ...candidates.flatMap(({ fullName, localName, node }) => [localName, fullName, node.name])]
  const near = nearestName(used.name, names)
  const shown = near === null ? null : reachable(schema, near, scope, candidates, ownPackage)
  return errorAt(used, {
    message: `There is no type '${used.name}'.`,
    hint: shown === null ? 'Define it here, or import the file that does.' : `Did you mean '${shown}'?`,
    path,
    fixes: shown === null ? [] : [replace(`Change to ${shown}`, used, shown)],
  })
}

/** The shortest way to write it that finds it from there. */
function reachable(
  schema: ProtobufSchema,
  name: string,
  scope: string,
  candidates: readonly { readonly fullName: string; readonly localName: string; readonly node: ProtoType }[],
  ownPackage: string,
): string {
  if (isScalar(name) || findType(schema.types, name, scope) !== null) return name
  const found = candidates.find((one) => one.node.name === name || one.localName === name)
  if (found === undefined) return name
  return ownPackage !== '' && found.fullName.startsWith(`${ownPackage}.`) ? found.localName : found.fullName
}

/** Behind the last import, the package or the syntax. */
export function importFix({ file }: ProtobufSchema, path: string): SchemaFix {
  const at = file.imports.at(-1)?.to ?? file.package?.to ?? file.syntax?.to ?? 0
  const line = `import "${path}";`
  const insert = at === 0 ? `${line}\n` : file.imports.length > 0 ? `\n${line}` : `\n\n${line}`
  return { label: `Import "${path}"`, edits: [{ from: at, to: at, insert }] }
}
