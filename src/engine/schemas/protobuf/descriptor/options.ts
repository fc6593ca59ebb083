/** Options between descriptors and text: those of descriptor.proto by their fields, others as protoc leaves them before it links, uninterpreted. */
import { optionValueText } from '../canonical'
import type { OptionValue, ProtoOption } from '../syntax/nodes'
import { knownOption, type OptionsMessage, type UninterpretedOption } from './messages'

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_match, next: string) => next.toUpperCase())
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `kind`: 'FileOptions' and the like. Those with a place of their own in the descriptor (default, json_name) are left out. */
export function optionsMessage(kind: string, options: readonly ProtoOption[]): OptionsMessage | undefined {
  const known: Record<string, unknown> = {}
  const others: UninterpretedOption[] = []
  for (const { parts, value } of options) {
    const [part] = parts
    if (part === undefined) continue
    const isPlain = parts.length === 1 && !part.isExtension
    if (isPlain && kind === 'FieldOptions' && (part.name === 'default' || part.name === 'json_name')) continue
    if (isPlain && value.kind !== 'message' && value.kind !== 'list' && knownOption(kind, camel(part.name)))
      known[camel(part.name)] = plainValue(value)
    else others.push({ name: parts.map(({ name, isExtension }) => ({ namePart: name, isExtension })), ...uninterpreted(value) })
  }
  if (others.length > 0) known.uninterpretedOption = others
  return Object.keys(known).length === 0 ? undefined : known
}

function plainValue(value: OptionValue): unknown {
  switch (value.kind) {
    case 'string':
      return value.value
    case 'number':
      return Number(value.text)
    case 'identifier':
      return value.name === 'true' ? true : value.name === 'false' ? false : value.name
    default:
      return undefined
  }
}

function uninterpreted(value: OptionValue): Omit<UninterpretedOption, 'name'> {
  switch (value.kind) {
    case 'string':
      return { stringValue: Buffer.from(value.value) }
    case 'identifier':
      return { identifierValue: value.name }
    case 'number': {
      if (!/^-?(?:[0-9]+|0[xX][0-9a-fA-F]+)$/.test(value.text))
        return { doubleValue: Number(value.text.replace('inf', 'Infinity')) }
      const isNegative = value.text.startsWith('-')
      const whole = BigInt(value.text.replace('-', '')).toString()
      return isNegative ? { negativeIntValue: `-${whole}` } : { positiveIntValue: whole }
    }
    default:
      return { aggregateValue: optionValueText(value) }
  }
}

/** `name = value` of each, for brackets and statements. */
export function optionTexts(options: OptionsMessage | undefined): readonly string[] {
  if (options === undefined) return []
  const { uninterpretedOption, ...known } = options
  const plain = Object.entries(known).flatMap(([name, value]) => {
    const text = typeof value === 'string' ? (isIdentifierOption(name) ? value : JSON.stringify(value)) : scalarText(value)
    return text === null ? [] : [`${snake(name)} = ${text}`]
  })
  const others = (uninterpretedOption ?? []).map((option) => {
    const name = option.name.map(({ namePart, isExtension }) => (isExtension ? `(${namePart})` : namePart)).join('.')
    return `${name} = ${uninterpretedText(option)}`
  })
  return [...plain, ...others]
}

/** Options whose values are names of enums. */
const isIdentifierOption = (name: string): boolean =>
  ['optimizeFor', 'ctype', 'jstype', 'retention', 'idempotencyLevel'].includes(name)
const scalarText = (value: unknown): string | null =>
  typeof value === 'boolean' || typeof value === 'number' ? String(value) : null

function uninterpretedText(option: UninterpretedOption): string {
  if (option.aggregateValue !== undefined)
    return option.aggregateValue.startsWith('{') || option.aggregateValue.startsWith('[')
      ? option.aggregateValue
      : `{ ${option.aggregateValue} }`
  if (option.stringValue !== undefined) return JSON.stringify(Buffer.from(option.stringValue).toString())
  return String(option.identifierValue ?? option.positiveIntValue ?? option.negativeIntValue ?? option.doubleValue ?? '""')
}
