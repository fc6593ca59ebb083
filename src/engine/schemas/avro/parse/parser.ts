/**
 * Second walk over a text: turns JSON into the graph of model.ts and says all that is wrong with it, at its place. Rules: Avro 1.12
 * specification, read as Java's Schema.Parser reads it, since that is what the registry runs; where Java takes what the specification forbids,
 * there is a warning instead of an error. Used by parse.ts only.
 */
import type { ParseOptions, SchemaFix } from '../../format'
import {
  childPointer,
  describeNode,
  isIntegral,
  type JsonArray,
  type JsonNode,
  type JsonObject,
  type JsonString,
  memberOf,
  memberValue,
  sameValue,
} from '../../json-text'
import {
  type AvroType,
  type FieldOrder,
  isPrimitiveKind,
  type NamedType,
  type PrimitiveKind,
  primitiveKinds,
  type RecordField,
} from '../model'
import { isValidName, nameFault, nearestName, qualify, validNameFrom } from '../names'
import { rangeOf, reservedAttributes, warnOfMisspeltAttributes } from './attributes'
import { checkDefault } from './check-default'
import { checkLogicalType, warnOfMisplacedLogicalType } from './check-logical-type'
import { type Declarations, isValidFullName, nameOfDefinition, type Shell } from './declarations'
import type { ProblemList } from './problems'
import { nestedTypeFix, typeOfShape, unwrapFix } from './type-fixes'

const complexKinds = ['record', 'error', 'enum', 'fixed', 'array', 'map'] as const

export interface ParserContext {
  readonly text: string
  readonly options: ParseOptions
  /** null for the schema itself, else the name of the reference whose text this is. */
  readonly reference: string | null
  /** Named types of the texts before this one. */
  readonly known: ReadonlyMap<string, NamedType>
  readonly declarations: Declarations
  readonly problems: ProblemList
}

export class AvroParser {
  /** Names whose definition has been reached: what the specification calls "defined before it is used". */
  private readonly reached = new Set<string>()
  /** Stand-ins for what is unknown or malformed: nothing further is said of what hangs on them. */
  private readonly standIns = new Set<AvroType>()
  /** Defaults are judged when all types are complete. */
  private readonly afterwards: (() => void)[] = []

  constructor(private readonly context: ParserContext) {}

  parse(root: JsonNode): AvroType {
    const type = this.type(root, null, '')
    for (const check of this.afterwards) check()
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
    return this.unknownName(node, qualified, path)
  }

  private find(fullName: string): NamedType | undefined {
    return this.context.known.get(fullName) ?? this.context.declarations.byName.get(fullName)
  }

  private unknownName(node: JsonString, qualified: string, path: string): AvroType {
    const { value: name } = node
    if ((complexKinds as readonly string[]).includes(name))
      return this.malformed(node, path, `"${name}" needs more than its name.`, `Write an object: { "type": "${name}", … }.`)
    const known = new Map<string, string>()
    for (const fullName of [...this.context.known.keys(), ...this.context.declarations.byName.keys()]) {
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
    this.context.problems.error(node, path, message, {
      hint: meant === undefined ? `Define ${qualified}, or add a reference to the subject that does.` : `${meant} may be meant.`,
      fixes:
        meant === undefined
          ? []
          : [{ label: `Change to ${meant}`, edits: [{ ...rangeOf(node), insert: JSON.stringify(meant) }] }],
    })
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
    if (!found) return this.unknownName(name, qualify(name.value, namespace).fullName, path)
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
      this.checkName(node, shell.name.fullName, path)
      this.checkRedefinition(node, shell, path)
      this.reached.add(shell.name.fullName)
      shell.path = path
      shell.doc = this.doc(node, path)
      shell.aliases = this.aliases(node, path).map((alias) => qualify(alias, shell.name.namespace))
    }
    const inner = shell ? shell.name.namespace : (nameOfDefinition(node, namespace)?.namespace ?? namespace)
    if (kind === 'enum') this.enumBody(node, type, shell, path)
    else if (kind === 'fixed') this.fixedBody(node, type, shell, path)
    else this.recordBody(node, type, shell, inner, path)
    if (!shell) return this.standIn(path)
    Object.assign(shell, this.base(path, node, kind === 'error' ? 'record' : kind, shell.kind === 'fixed' ? shell.size : null))
    return shell
  }

  private checkName(node: JsonObject, fullName: string, path: string): void {
    const { problems, options } = this.context
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
    if (bad !== undefined) this.invalidName(name, path, 'name', name.value, bad, parts.map(validNameFrom).join('.'))
    const badSpace = ownSpace?.value.split('.').find((part) => !isValidName(part))
    if (ownSpace && badSpace !== undefined)
      this.invalidName(
        ownSpace,
        path,
        'namespace',
        ownSpace.value,
        badSpace,
        ownSpace.value.split('.').filter(Boolean).map(validNameFrom).join('.'),
      )
  }

  private invalidName(node: JsonString, path: string, what: string, name: string, part: string, mended: string): void {
    const subject = part === name ? `The ${what} "${name}"` : `A part of the ${what} "${name}"`
    this.context.problems.error(node, path, `${subject} ${nameFault(part)}.`, {
      hint: 'Names begin with a letter or _, and go on with letters, digits and _; no others, no accents.',
      fixes:
        mended && mended !== name
          ? [{ label: `Change to ${mended}`, edits: [{ ...rangeOf(node), insert: JSON.stringify(mended) }] }]
          : [],
    })
  }

  private checkRedefinition(node: JsonObject, shell: Shell, path: string): void {
    const { problems, declarations, known } = this.context
    const { fullName } = shell.name
    const name = memberOf(node, 'name')!.value
    const first = declarations.nodeOfName.get(fullName)
    if (known.has(fullName))
      problems.warning(name, path, `${fullName} is defined by a reference already.`, {
        hint: 'The two must be equal. Name it instead of defining it again.',
      })
    else if (first && first !== node) {
      const details = {
        hint: 'A name is defined once, and named wherever it is used again.',
        fixes: [{ label: `Name ${fullName}`, edits: [{ ...rangeOf(node), insert: JSON.stringify(fullName) }] }],
      }
      if (sameValue(first, node)) problems.warning(name, path, `${fullName} is defined twice.`, details)
      else problems.error(name, path, `${fullName} is defined twice, and differently.`, details)
    }
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
    const seen = new Map<string, JsonNode>()
    const parsed: RecordField[] = []
    fields.value.items.forEach((item, index) => {
      const place = `${childPointer(path, 'fields')}/${index}`
      const field = this.field(item, namespace, place)
      if (!field) return
      const nameNode = item.kind === 'object' ? (memberValue(item, 'name') ?? item) : item
      const lower = field.name.toLowerCase()
      const other = seen.get(field.name) ?? seen.get(lower)
      if (seen.has(field.name)) problems.error(nameNode, place, `The field "${field.name}" is there twice.`)
      else if (other)
        problems.warning(nameNode, place, `"${field.name}" differs from another field by letter case only.`, {
          hint: 'Code and tables made from this schema may take the two for one.',
        })
      seen.set(field.name, nameNode)
      if (!seen.has(lower)) seen.set(lower, nameNode)
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
      this.invalidName(name.value, path, 'field name', name.value.value, name.value.value, validNameFrom(name.value.value))

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
    const order = this.order(node, path)
    const defaultNode = memberValue(node, 'default')
    const field: RecordField = {
      name: name?.value.kind === 'string' ? name.value.value : '',
      path,
      type,
      doc: this.doc(node, path),
      default: defaultNode,
      order,
      aliases: this.aliases(node, path),
      props: propsOf(node, 'field'),
    }
    if (defaultNode)
      this.afterwards.push(() => {
        if (this.isWhole(type)) checkDefault(text, node, field, options.isNew, problems)
      })
    if (typeMember) warnOfMisplacedLogicalType(text, node, typeMember, path, problems)
    return name?.value.kind === 'string' ? field : undefined
  }

  private order(node: JsonObject, path: string): FieldOrder {
    const order = memberValue(node, 'order')
    if (!order) return 'ascending'
    const value = order.kind === 'string' ? order.value.toLowerCase() : ''
    if (value === 'ascending' || value === 'descending' || value === 'ignore') return value
    const nearest = order.kind === 'string' ? nearestName(order.value, ['ascending', 'descending', 'ignore']) : null
    this.context.problems.error(
      order,
      path,
      `The order of a field is ascending, descending or ignore, not ${describeNode(order)}.`,
      {
        fixes: nearest
          ? [{ label: `Change to ${nearest}`, edits: [{ ...rangeOf(order), insert: JSON.stringify(nearest) }] }]
          : [],
      },
    )
    return 'ascending'
  }

  private enumBody(node: JsonObject, type: JsonString, shell: Shell | undefined, path: string): void {
    const { problems, options } = this.context
    const symbols = memberOf(node, 'symbols')
    if (symbols?.value.kind !== 'array') {
      if (symbols) problems.error(symbols.value, path, `"symbols" is an array of texts, not ${describeNode(symbols.value)}.`)
      else
        problems.error(type, path, 'This enum has no "symbols".', {
          fixes: [{ label: 'Add symbols', edits: [{ from: type.to, to: type.to, insert: ', "symbols": []' }] }],
        })
      return
    }
    const seen = new Set<string>()
    symbols.value.items.forEach((item, index) => {
      const place = `${childPointer(path, 'symbols')}/${index}`
      if (item.kind !== 'string') {
        problems.error(item, place, `A symbol is a text, not ${describeNode(item)}.`)
        return
      }
      if (options.isNew && !isValidName(item.value))
        this.invalidName(item, place, 'symbol', item.value, item.value, validNameFrom(item.value))
      if (seen.has(item.value)) problems.error(item, place, `The symbol ${item.value} is there twice.`)
      seen.add(item.value)
    })
    const fallback = memberValue(node, 'default')
    if (fallback && fallback.kind !== 'string')
      problems.error(
        fallback,
        childPointer(path, 'default'),
        `The default of an enum is one of its symbols, not ${describeNode(fallback)}.`,
      )
    if (fallback?.kind === 'string' && !seen.has(fallback.value)) {
      const nearest = nearestName(fallback.value, seen)
      problems.error(fallback, childPointer(path, 'default'), `The default ${fallback.value} is none of the symbols.`, {
        hint: nearest ? `${nearest} may be meant.` : 'A reader could not hold it.',
        fixes: nearest
          ? [{ label: `Change to ${nearest}`, edits: [{ ...rangeOf(fallback), insert: JSON.stringify(nearest) }] }]
          : [],
      })
    }
    if (shell?.kind !== 'enum') return
    shell.symbols = [...seen]
    shell.default = fallback?.kind === 'string' ? fallback.value : null
  }

  private fixedBody(node: JsonObject, type: JsonString, shell: Shell | undefined, path: string): void {
    const { problems } = this.context
    const size = memberOf(node, 'size')
    const value = size?.value.kind === 'number' && isIntegral(size.value) ? Number(size.value.text) : Number.NaN
    if (!size)
      problems.error(type, path, 'This fixed has no "size".', {
        hint: 'Its number of bytes.',
        fixes: [{ label: 'Add a size of 16', edits: [{ from: type.to, to: type.to, insert: ', "size": 16' }] }],
      })
    else if (!(value >= 0 && value < 2 ** 31))
      problems.error(
        size.value,
        childPointer(path, 'size'),
        `The size of a fixed is a whole number of bytes from 0 up, not ${describeNode(size.value)}.`,
      )
    else if (shell?.kind === 'fixed') shell.size = value
  }

  private doc(node: JsonObject, path: string): string | null {
    const doc = memberValue(node, 'doc')
    if (doc && doc.kind !== 'string')
      this.context.problems.warning(doc, path, `"doc" is a text; ${describeNode(doc)} is dropped.`)
    return doc?.kind === 'string' ? doc.value : null
  }

  private aliases(node: JsonObject, path: string): readonly string[] {
    const { problems, options } = this.context
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
