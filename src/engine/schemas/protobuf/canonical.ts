/**
 * The text that a schema is stored and compared by: what the registry writes from Wire's elements. Comments and white space vanish, strings
 * stand in double quotes, each message has its parts in one order (reserved, options, fields, oneofs, groups, extensions, extends, messages,
 * enums), messages before enums; order within each stays, since message indexes count it. Normalized also resolves names, sorts what has no
 * order, and drops what says nothing.
 */
import type {
  NumberRange,
  OptionValue,
  ProtoEnum,
  ProtoExtend,
  ProtoField,
  ProtoFile,
  ProtoMessage,
  ProtoMethod,
  ProtoOneof,
  ProtoOption,
  ProtoReserved,
  ProtoService,
  ProtoType,
} from './syntax/nodes'
import { enumsOf, isProto3, messagesOf } from './syntax/nodes'
import { findType, isScalar, joined, type ProtobufSchema, packageOf } from './types'

export const canonicalText = (schema: ProtobufSchema): string => new Printer(null).file(schema.file)
export const normalizedText = (schema: ProtobufSchema): string => new Printer(schema).file(schema.file)
/** Of one value of an option, as it stands. */
export const optionValueText = (value: OptionValue): string => new Printer(null).value(value)

class Printer {
  /** `schema`: normalizes with its names; null writes as it stands. */
  constructor(private readonly schema: ProtobufSchema | null) {}

  file(file: ProtoFile): string {
    const scope = packageOf(file)
    let head = ''
    if (file.syntax !== null && (this.schema === null || isProto3(file))) head += `syntax = "${escaped(file.syntax.name)}";\n`
    if (file.package !== null) head += `package ${file.package.name};\n`
    const ofModifier = (modifier: 'public' | 'weak' | null): string => {
      const paths = file.imports.filter((one) => one.modifier === modifier).map((one) => one.path)
      const word = modifier === null ? '' : `${modifier} `
      return this.distinct(paths)
        .map((path) => `import ${word}"${escaped(path)}";\n`)
        .join('')
    }
    return blocks(head, [
      ofModifier(null) + ofModifier('public') + ofModifier('weak'),
      this.optionStatements(file.options),
      this.types(without(file.types, groupsOf(file.extends.flatMap(({ fields }) => fields))), scope),
      this.extends(file.extends, scope),
      file.services.map((service) => this.service(service, scope)).join(''),
    ])
  }

  private types(types: readonly ProtoType[], scope: string): string {
    return [
      ...messagesOf(types).map((message) => this.message(message, scope)),
      ...enumsOf(types).map((one) => this.enum(one)),
    ].join('')
  }

  private message(message: ProtoMessage, outer: string): string {
    return `message ${message.name} {${this.messageBody(message, joined(outer, message.name))}}\n`
  }

  private messageBody(message: ProtoMessage, scope: string): string {
    const groups = message.fields.filter((field) => field.group !== null)
    const own = [message, ...message.oneofs, ...message.extends].flatMap(({ fields }) => fields)
    const oneofs = this.schema === null ? message.oneofs : this.byFirstNumber(message.oneofs)
    return body([
      this.reserved(message.reserved),
      this.optionStatements(message.options),
      this.byNumber(message.fields.filter((field) => field.group === null))
        .map((field) => this.field(field, scope))
        .join(''),
      oneofs.map((oneof) => this.oneof(oneof, scope)).join(''),
      this.byNumber(groups)
        .map((field) => this.field(field, scope))
        .join(''),
      this.extensions(message),
      this.extends(message.extends, scope),
      this.types(without(message.types, groupsOf(own)), scope),
    ])
  }

  private oneof(oneof: ProtoOneof, scope: string): string {
    const options = this.optionStatements(oneof.options)
    const fields = this.byNumber(oneof.fields.filter((field) => field.group === null)).map((field) => this.field(field, scope))
    const groups = this.byNumber(oneof.fields.filter((field) => field.group !== null)).map((field) => this.field(field, scope))
    return `oneof ${oneof.name} {${body([options, fields.join(''), groups.join('')])}}\n`
  }

  private field(field: ProtoField, scope: string): string {
    const isMap = field.mapKey !== null
    const label = this.schema !== null && isMap ? null : field.label
    const head = label === null ? '' : `${label} `
    if (field.group !== null) {
      const inside = this.messageBody(field.group, joined(scope, field.group.name))
      return `${head}group ${field.group.name} = ${field.number}${this.compactOptions(field.options)} {${inside}}\n`
    }
    const type = isMap
      ? `map<${field.mapKey.name}, ${this.typeName(field.type.name, scope)}>`
      : this.typeName(field.type.name, scope)
    // The registry keeps these two beside the options and writes them last.
    const isLast = ({ parts }: ProtoOption): boolean =>
      parts.length === 1 && !parts[0]!.isExtension && (parts[0]!.name === 'default' || parts[0]!.name === 'json_name')
    const last = field.options.filter(isLast).sort((a, b) => a.parts[0]!.name.localeCompare(b.parts[0]!.name))
    const options = [...field.options.filter((one) => !isLast(one)), ...last]
    return `${head}${type} ${field.name} = ${field.number}${this.compactOptions(options)};\n`
  }

  private enum(one: ProtoEnum): string {
    const values =
      this.schema === null ? one.values : [...one.values].sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1))
    const constants = values.map((value) => `${value.name} = ${value.number}${this.compactOptions(value.options)};\n`).join('')
    return `enum ${one.name} {${body([this.reserved(one.reserved) + this.optionStatements(one.options) + constants])}}\n`
  }

  private extends(list: readonly ProtoExtend[], scope: string): string {
    if (this.schema === null) return list.map(({ extended, fields }) => this.extend(extended.name, fields, scope)).join('')
    const merged = new Map<string, ProtoField[]>()
    for (const { extended, fields } of list) {
      const name = this.typeName(extended.name, scope)
      merged.set(name, [...(merged.get(name) ?? []), ...fields])
    }
    return Array.from(merged, ([name, fields]) => this.extend(name, this.byNumber(fields), scope)).join('')
  }

  private extend(name: string, fields: readonly ProtoField[], scope: string): string {
    return `extend ${name} {${body([fields.map((field) => this.field(field, scope)).join('')])}}\n`
  }

  private service(service: ProtoService, scope: string): string {
    const methods = service.methods.map((method) => this.method(method, scope)).join('')
    return `service ${service.name} {${body([this.optionStatements(service.options), methods])}}\n`
  }

  private method(method: ProtoMethod, scope: string): string {
    const side = (isStream: boolean, name: string): string => `(${isStream ? 'stream ' : ''}${this.typeName(name, scope)})`
    const options = this.optionStatements(method.options)
    const request = side(method.isRequestStream, method.request.name)
    const response = side(method.isResponseStream, method.response.name)
    return `rpc ${method.name} ${request} returns ${response}${options === '' ? '' : ` {${body([options])}}`};\n`
  }

  private reserved(list: readonly ProtoReserved[]): string {
    if (this.schema === null) return list.map((one) => `reserved ${reservedParts(one, false).join(', ')};\n`).join('')
    const sorted = list
      .flatMap((one) => [
        ...one.ranges.map((range) => ({ number: range.start, text: rangeText(range, true) })),
        ...one.names.map(({ name }) => ({ number: Number.POSITIVE_INFINITY, text: `"${escaped(name)}"` })),
      ])
      .sort((a, b) => (a.number === b.number ? (a.text < b.text ? -1 : 1) : a.number - b.number))
    return sorted.map(({ text }) => `reserved ${text};\n`).join('')
  }

  private extensions(message: ProtoMessage): string {
    if (this.schema === null)
      return message.extensions
        .map(
          ({ ranges, options }) =>
            `extensions ${ranges.map((range) => rangeText(range, false)).join(', ')}${this.compactOptions(options)};\n`,
        )
        .join('')
    return message.extensions
      .flatMap(({ ranges }) => ranges)
      .sort((a, b) => a.start - b.start)
      .map((range) => `extensions ${rangeText(range, true)};\n`)
      .join('')
  }

  private optionStatements(options: readonly ProtoOption[]): string {
    return this.ordered(options)
      .map((option) => `option ${this.option(option)};\n`)
      .join('')
  }

  private compactOptions(options: readonly ProtoOption[]): string {
    const texts = this.ordered(options).map((option) => this.option(option))
    if (texts.length === 0) return ''
    if (texts.length === 1) return ` [${texts[0]!}]`
    return ` [${body([`${texts.join(',\n')}\n`])}]`
  }

  private option({ parts, value }: ProtoOption): string {
    const name = parts.map((part) => (part.isExtension ? `(${part.name})` : part.name)).join('.')
    return `${name} = ${this.value(value)}`
  }

  value(value: OptionValue): string {
    switch (value.kind) {
      case 'string':
        return `"${escaped(value.value)}"`
      case 'number':
        return this.schema === null ? value.text : plainNumber(value.text)
      case 'identifier':
        return value.name
      case 'message': {
        const entries = this.schema === null ? value.entries : [...value.entries].sort((a, b) => (a.name < b.name ? -1 : 1))
        if (entries.length === 0) return '{\n}'
        return `{${body([`${entries.map((entry) => `${entry.name}: ${this.value(entry.value)}`).join(',\n')}\n`])}}`
      }
      case 'list': {
        const [only] = value.items
        if (this.schema !== null && value.items.length === 1 && only !== undefined) return this.value(only)
        if (value.items.length === 0) return '[]'
        return `[${body([`${value.items.map((item) => this.value(item)).join(',\n')}\n`])}]`
      }
    }
  }

  private typeName(name: string, scope: string): string {
    if (this.schema === null || isScalar(name)) return name
    const found = findType(this.schema.types, name, scope)
    return found === null ? name : `.${found.fullName}`
  }

  private ordered(options: readonly ProtoOption[]): readonly ProtoOption[] {
    if (this.schema === null) return options
    const key = ({ parts }: ProtoOption): string => parts.map((part) => part.name).join('.')
    return [...options].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  }

  private byNumber(fields: readonly ProtoField[]): readonly ProtoField[] {
    return this.schema === null ? fields : [...fields].sort((a, b) => a.number - b.number)
  }

  private byFirstNumber(oneofs: readonly ProtoOneof[]): readonly ProtoOneof[] {
    const first = (oneof: ProtoOneof): number => Math.min(...oneof.fields.map((field) => field.number))
    return oneofs.filter(({ fields }) => fields.length > 0).sort((a, b) => first(a) - first(b))
  }

  private distinct(paths: readonly string[]): readonly string[] {
    return this.schema === null ? paths : [...new Set(paths)].sort()
  }
}

const groupsOf = (fields: readonly ProtoField[]): ReadonlySet<ProtoType> =>
  new Set(fields.flatMap(({ group }) => (group === null ? [] : [group])))
/** Messages of groups stand among the types around them, and are written with their field. */
const without = (types: readonly ProtoType[], groups: ReadonlySet<ProtoType>): readonly ProtoType[] =>
  groups.size === 0 ? types : types.filter((type) => !groups.has(type))

/** Parts that are not empty, an empty line between them. */
const blocks = (head: string, parts: readonly string[]): string =>
  head + parts.map((part) => (part === '' ? '' : `\n${part}`)).join('')

/** The same between braces. Empty lines within a part are indented as well: the registry writes them so. */
function body(parts: readonly string[]): string {
  return blocks(
    '',
    parts.map((part) =>
      part
        .split('\n')
        .map((line, index, lines) => (index === lines.length - 1 ? line : `  ${line}`))
        .join('\n'),
    ),
  )
}

function reservedParts({ ranges, names }: ProtoReserved, isNormal: boolean): readonly string[] {
  const parts = [
    ...ranges.map((range) => ({ from: range.from, text: rangeText(range, isNormal) })),
    ...names.map(({ from, name }) => ({ from, text: `"${escaped(name)}"` })),
  ]
  return parts.sort((a, b) => a.from - b.from).map(({ text }) => text)
}

function rangeText(range: NumberRange, isNormal: boolean): string {
  if (!range.isSpan || (isNormal && range.start === range.end)) return String(range.start)
  return `${range.start} to ${range.isMax || range.end >= 536_870_911 ? 'max' : range.end}`
}

/** Decimal without an exponent where that is the same number. */
function plainNumber(text: string): string {
  if (/^-?(?:0|[1-9][0-9]*)$/.test(text)) return text
  if (/^-?0[xX]/.test(text)) return (text.startsWith('-') ? '-' : '') + BigInt(text.replace('-', '')).toString()
  const number = Number(text.replace(/[fF]$/, ''))
  return Number.isFinite(number) ? String(number) : text
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
}
const escaped = (text: string): string => Array.from(text, (character) => escapes[character] ?? character).join('')
