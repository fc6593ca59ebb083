/**
 * Second walk over a text: turns JSON into the graph of model.ts and says all that is wrong with it, at its place. Rules: Avro 1.12
 * specification, read as Java's Schema.Parser reads it, since that is what the registry runs; where Java takes what the specification forbids,
 * there is a warning instead of an error. Used by parse.ts only.
 */
import type { SchemaFix } from '../../format'
import {
  childPointer,
  describeNode,
  type JsonArray,
  type JsonNode,
  type JsonObject,
  type JsonString,
  memberOf,
  memberValue,
} from '../../json-text'
import { type AvroType, isPrimitiveKind, type NamedType, type PrimitiveKind, type RecordField } from '../model'
import { isValidName, qualify, validNameFrom } from '../names'
import { rangeOf, reservedAttributes, warnOfMisspeltAttributes } from './attributes'
import { enumBody, fixedBody, orderOf } from './bodies'
import { checkDefault } from './check-default'
import { checkLogicalType, warnOfMisplacedLogicalType } from './check-logical-type'
import type { ParserContext } from './context'
import { nameOfDefinition, type Shell } from './declarations'
import { aliasesOf, checkName, checkRedefinition, docOf, invalidName, unknownName } from './name-checks'
import { nestedTypeFix, typeOfShape, unwrapFix } from './type-fixes'

const complexKinds: readonly string[] = ['record', 'error', 'enum', 'fixed', 'array', 'map']

export class AvroParser {
  /** Names whose definition has been reached: what the specification calls "defined before it is used". */
  private readonly reached = new Set<string>()
  /** Stand-ins for what is unknown or malformed: nothing further is said of what hangs on them. */
  private readonly standIns = new Set<AvroType>()

  constructor(private readonly context: ParserContext) {}

  parse(root: JsonNode): AvroType {
    const type = this.type(root, null, '')
    for (const check of this.context.afterwards) check()
    return type
  }

  private type(node: JsonNode, namespace: string | null, path: string): AvroType {
    switch (node.kind) {
      case 'string':
        return this.named(node, namespace, path)
      case 'array':
        return this.union(node, namespace, path)
      case 'object':
        return this.definition(node, namespace, path)
      default:
        return this.malformed(
          node,
          path,
          `A type is expected here, not ${describeNode(node)}.`,
          'Types are names, objects with "type", or arrays of them for a union.',
        )
    }
  }

  /** A type by its name: a primitive, or something defined here or in a referenced text (ParseContext.find: qualified first, then as written). */
  private named(node: JsonString, namespace: string | null, path: string): AvroType {
    const { value: name } = node
    if (isPrimitiveKind(name)) return this.primitive(name, path)
    const qualified = qualify(name, namespace).fullName
    const found = this.find(qualified) ?? this.find(name)
    if (found) {
      const { fullName } = found.name
      if (!this.reached.has(fullName) && found.reference === this.context.reference)
        this.context.problems.warning(node, path, `${name} is used before it is defined.`, {
          hint: 'The registry takes it, many other tools refuse: define a type where it is used first.',
        })
      return found
    }
    return this.unknown(node, qualified, path)
  }

  private find(fullName: string): NamedType | undefined {
    return this.context.known.get(fullName) ?? this.context.declarations.byName.get(fullName)
  }

  private unknown(node: JsonString, qualified: string, path: string): AvroType {
    const { value: name } = node
    if (complexKinds.includes(name))
      return this.malformed(node, path, `"${name}" needs more than its name.`, `Write an object: { "type": "${name}", … }.`)
    unknownName(this.context, node, qualified, path)
    return this.standIn(path)
  }

  private union(node: JsonArray, namespace: string | null, path: string): AvroType {
    const { problems } = this.context
    const branches = node.items.map((item, index) => this.type(item, namespace, childPointer(path, index)))
    const seen = new Map<string, number>()
    branches.forEach((branch, index) => {
      if (this.standIns.has(branch)) return
      const item = node.items[index]!
      const place = childPointer(path, index)
      if (branch.kind === 'union') {
        problems.error(item, place, 'A union stands in a union.', { hint: 'Write its branches into the outer one.' })
        return
      }
      const name = 'name' in branch ? branch.name.fullName : branch.kind
      if (!seen.has(name)) seen.set(name, index)
      else {
        const why = 'name' in branch ? '' : ' Only records, enums and fixed may differ by name.'
        problems.error(item, place, `The union has ${name} twice.`, {
          hint: `A message could not say which of the two it means.${why}`,
        })
      }
    })
    if (branches.length === 0) problems.warning(node, path, 'This union is empty: no value fits it.')
    return { kind: 'union', branches, ...this.base(path) }
  }

  private definition(node: JsonObject, namespace: string | null, path: string): AvroType {
    const type = memberOf(node, 'type')
    if (!type) {
      const shape = typeOfShape(this.context.text, node)
      return this.malformed(node, path, 'This type does not say what it is: it has no "type".', shape.hint, shape.fixes)
    }
    if (type.value.kind !== 'string') {
      const inner = this.type(type.value, namespace, childPointer(path, 'type'))
      this.context.problems.error(
        type.key,
        path,
        `"type" of a type is a name, not ${describeNode(type.value)}.`,
        unwrapFix(this.context.text, node, type),
      )
      return inner
    }
    const kind = type.value.value
    switch (kind) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.namedDefinition(node, type.value, kind, namespace, path)
      case 'array':
      case 'map':
        return this.container(node, type.value, kind, namespace, path)
    }
    if (!isPrimitiveKind(kind)) return this.namedInObject(node, type.value, namespace, path)
    warnOfMisspeltAttributes(node, kind, path, this.context.problems)
    return this.primitive(kind, path, node)
  }

  /** { "type": "com.acme.Money" }: what older parsers took and Avro 1.12 does not. */
  private namedInObject(node: JsonObject, name: JsonString, namespace: string | null, path: string): AvroType {
    const found = this.find(qualify(name.value, namespace).fullName) ?? this.find(name.value)
    if (!found) return this.unknown(name, qualify(name.value, namespace).fullName, path)
    const isAlone = node.members.length === 1
    this.context.problems.warning(name, path, `A defined type is named without an object around it.`, {
      hint: 'Newer versions of Avro refuse this.',
      fixes: isAlone
        ? [{ label: `Change to "${name.value}"`, edits: [{ ...rangeOf(node), insert: JSON.stringify(name.value) }] }]
        : [],
    })
    return found
  }

  private container(node: JsonObject, type: JsonString, kind: 'array' | 'map', namespace: string | null, path: string): AvroType {
    warnOfMisspeltAttributes(node, kind, path, this.context.problems)
    const attribute = kind === 'array' ? 'items' : 'values'
    const inner = memberOf(node, attribute)
    if (!inner)
      this.context.problems.error(type, path, `This ${kind} does not say what it holds: it has no "${attribute}".`, {
        hint: `Add "${attribute}" with a type.`,
        fixes: [{ label: `Add ${attribute}`, edits: [{ from: type.to, to: type.to, insert: `, "${attribute}": "string"` }] }],
      })
    const place = childPointer(path, attribute)
    const held = inner ? this.type(inner.value, namespace, place) : this.standIn(place)
    const base = this.base(path, node, kind)
    return kind === 'array' ? { kind, items: held, ...base } : { kind, values: held, ...base }
  }

  private namedDefinition(
    node: JsonObject,
    type: JsonString,
    kind: 'record' | 'error' | 'enum' | 'fixed',
    namespace: string | null,
    path: string,
  ): AvroType {
    const { problems, declarations } = this.context
    warnOfMisspeltAttributes(node, kind, path, problems)
    const name = memberOf(node, 'name')
    const shell = declarations.shells.get(node)
    if (!shell) {
      if (name) problems.error(name.value, path, `The name of a type is a text, not ${describeNode(name.value)}.`)
      else
        problems.error(type, path, `This ${kind} has no name.`, {
          hint: 'Readers match it by name.',
          fixes: [{ label: 'Add a name', edits: [{ from: type.to, to: type.to, insert: ', "name": "Name"' }] }],
        })
    } else {
      checkName(this.context, node, shell.name.fullName, path)
      checkRedefinition(this.context, node, shell, path)
      this.reached.add(shell.name.fullName)
      shell.path = path
      shell.doc = docOf(this.context, node, path)
      shell.aliases = aliasesOf(this.context, node, path).map((alias) => qualify(alias, shell.name.namespace))
    }
    const inner = shell ? shell.name.namespace : (nameOfDefinition(node, namespace)?.namespace ?? namespace)
    if (kind === 'enum') enumBody(this.context, node, type, shell, path)
    else if (kind === 'fixed') fixedBody(this.context, node, type, shell, path)
    else this.recordBody(node, type, shell, inner, path)
    if (!shell) return this.standIn(path)
    Object.assign(shell, this.base(path, node, kind === 'error' ? 'record' : kind, shell.kind === 'fixed' ? shell.size : null))
    return shell
  }

  private recordBody(node: JsonObject, type: JsonString, shell: Shell | undefined, namespace: string | null, path: string): void {
    const { problems } = this.context
    const fields = memberOf(node, 'fields')
    if (fields?.value.kind !== 'array') {
      if (fields) problems.error(fields.value, path, `"fields" is an array of fields, not ${describeNode(fields.value)}.`)
      else
        problems.error(type, path, 'This record has no "fields".', {
          hint: 'A record without fields has an empty array of them.',
          fixes: [{ label: 'Add fields', edits: [{ from: type.to, to: type.to, insert: ', "fields": []' }] }],
        })
      return
    }
    const seen = new Set<string>()
    const seenIgnoringCase = new Set<string>()
    const parsed: RecordField[] = []
    fields.value.items.forEach((item, index) => {
      const place = `${childPointer(path, 'fields')}/${index}`
      const field = this.field(item, namespace, place)
      if (!field) return
      const nameNode = item.kind === 'object' ? (memberValue(item, 'name') ?? item) : item
      const ignoringCase = field.name.toLowerCase()
      if (seen.has(field.name)) problems.error(nameNode, place, `The field "${field.name}" is there twice.`)
      else if (seenIgnoringCase.has(ignoringCase))
        problems.warning(nameNode, place, `"${field.name}" differs from another field by letter case only.`, {
          hint: 'Code and tables made from this schema may take the two for one.',
        })
      seen.add(field.name)
      seenIgnoringCase.add(ignoringCase)
      parsed.push(field)
    })
    if (shell?.kind === 'record') shell.fields = parsed
  }

  private field(node: JsonNode, namespace: string | null, path: string): RecordField | undefined {
    const { problems, text, options } = this.context
    if (node.kind !== 'object') {
      problems.error(node, path, `A field is an object with "name" and "type", not ${describeNode(node)}.`)
      return undefined
    }
    warnOfMisspeltAttributes(node, 'field', path, problems)
    const name = memberOf(node, 'name')
    if (!name) problems.error(node, path, 'This field has no name.', { hint: 'Add "name".' })
    else if (name.value.kind !== 'string')
      problems.error(name.value, path, `The name of a field is a text, not ${describeNode(name.value)}.`)
    else if (options.isNew && !isValidName(name.value.value))
      invalidName(
        this.context,
        name.value,
        path,
        'field name',
        name.value.value,
        name.value.value,
        validNameFrom(name.value.value),
      )

    const typeMember = memberOf(node, 'type')
    const place = childPointer(path, 'type')
    let type: AvroType
    if (!typeMember) {
      const owner = name?.value.kind === 'string' ? `The field "${name.value.value}"` : 'This field'
      problems.error(name?.value ?? node, path, `${owner} has no type.`, {
        hint: 'Add "type".',
        fixes: name ? [{ label: 'Add type string', edits: [{ from: name.to, to: name.to, insert: ', "type": "string"' }] }] : [],
      })
      type = this.standIn(place)
    } else {
      const nested = nestedTypeFix(text, node, typeMember)
      if (nested) {
        problems.error(typeMember.value, path, nested.message, nested)
        type = this.standIn(place)
      } else type = this.type(typeMember.value, namespace, place)
    }
    const order = orderOf(this.context, node, path)
    const defaultNode = memberValue(node, 'default')
    const field: RecordField = {
      name: name?.value.kind === 'string' ? name.value.value : '',
      path,
      type,
      doc: docOf(this.context, node, path),
      default: defaultNode,
      order,
      aliases: aliasesOf(this.context, node, path),
      props: propsOf(node, 'field'),
    }
    if (defaultNode)
      this.context.afterwards.push(() => {
        if (this.isWhole(type)) checkDefault(text, node, field, options.isNew, problems)
      })
    if (typeMember) warnOfMisplacedLogicalType(text, node, typeMember, path, problems)
    return name?.value.kind === 'string' ? field : undefined
  }

  private primitive(kind: PrimitiveKind, path: string, node?: JsonObject): AvroType {
    return { kind, ...this.base(path, node, kind) }
  }

  private base(
    path: string,
    node?: JsonObject,
    kind = '',
    size: number | null = null,
  ): Pick<AvroType, 'path' | 'reference' | 'props' | 'logicalType'> {
    const { reference, problems } = this.context
    const props = node ? propsOf(node, kind === 'enum' ? 'enum' : 'type') : noProps
    const logicalType = node ? checkLogicalType(node, kind, size, props, path, problems) : null
    return { path, reference, props, logicalType }
  }

  private isWhole(type: AvroType): boolean {
    if (this.standIns.has(type)) return false
    if (type.kind === 'union') return type.branches.every((branch) => this.isWhole(branch))
    return type.kind === 'array' ? this.isWhole(type.items) : type.kind === 'map' ? this.isWhole(type.values) : true
  }

  private malformed(
    node: JsonNode,
    path: string,
    message: string,
    hint: string | null,
    fixes: readonly SchemaFix[] = [],
  ): AvroType {
    this.context.problems.error(node, path, message, { hint, fixes })
    return this.standIn(path)
  }

  private standIn(path: string): AvroType {
    const type: AvroType = { kind: 'null', ...this.base(path) }
    this.standIns.add(type)
    return type
  }
}

const noProps: ReadonlyMap<string, JsonNode> = new Map()

function propsOf(node: JsonObject, owner: 'type' | 'enum' | 'field'): ReadonlyMap<string, JsonNode> {
  const reserved = reservedAttributes[owner]
  const props = new Map<string, JsonNode>()
  for (const { key, value } of node.members) if (!reserved.has(key.value)) props.set(key.value, value)
  return props.size === 0 ? noProps : props
}
