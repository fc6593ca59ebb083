/**
 * Logical types: which there are, what each may stand on, and which are ignored (Avro 1.12 specification, "Logical Types"; Java's
 * LogicalTypes.fromSchemaIgnoreInvalid). A reader ignores one that it does not know or that does not fit, so none of this is an error.
 */
import { isIntegral, type JsonNode } from '../json-text'
import type { LogicalType, LogicalTypeName } from './model'

/** What it may stand on; a fixed by its size where the size is given. */
const bases: Readonly<Record<LogicalTypeName, readonly string[]>> = {
  decimal: ['bytes', 'fixed'],
  'big-decimal': ['bytes'],
  uuid: ['string', 'fixed(16)'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  duration: ['fixed(12)'],
}

export const logicalTypeNames = Object.keys(bases) as readonly LogicalTypeName[]

export const isLogicalTypeName = (name: string): name is LogicalTypeName => Object.hasOwn(bases, name)

/** ['int'] for date, ['string', 'fixed(16)'] for uuid. */
export const basesOf = (name: LogicalTypeName): readonly string[] => bases[name]

export interface LogicalTypeOutcome {
  readonly logicalType: LogicalType | null
  /** Why it is ignored, a sentence; null where it is not, or where there is none. */
  readonly fault: string | null
  /** Which attribute is at fault. */
  readonly attribute: 'logicalType' | 'precision' | 'scale'
}

/** What readers make of the attributes of a type. `size` is that of a fixed, in bytes. */
export function logicalTypeOf(kind: string, size: number | null, props: ReadonlyMap<string, JsonNode>): LogicalTypeOutcome {
  const none = (fault: string | null, attribute: LogicalTypeOutcome['attribute'] = 'logicalType'): LogicalTypeOutcome => ({
    logicalType: null,
    fault,
    attribute,
  })
  const node = props.get('logicalType')
  if (!node) return none(null)
  if (node.kind !== 'string') return none('logicalType is the name of a logical type, in quotes.')
  const name = node.value
  if (!isLogicalTypeName(name)) return none(`Logical type ${name} is unknown.`)
  const fits = bases[name].some((base) => base === kind || base === `${kind}(${size})`)
  if (!fits) {
    const standsOn = kind === 'fixed' ? `a fixed of ${size} bytes` : withArticle(kind)
    return none(`Logical type ${name} stands on ${bases[name].map(withArticle).join(' or ')}, not on ${standsOn}.`)
  }
  if (name !== 'decimal') return { logicalType: { name }, fault: null, attribute: 'logicalType' }

  const precision = integerOf(props.get('precision'))
  const scaleNode = props.get('scale')
  const scale = scaleNode === undefined ? 0 : integerOf(scaleNode)
  if (!props.has('precision')) return none('A decimal needs a precision, the number of its digits.')
  if (precision === null || precision <= 0) return none('The precision of a decimal is a whole number above 0.', 'precision')
  if (size !== null && precision > digitsMax(size))
    return none(`A fixed of ${size} bytes holds decimals of ${digitsMax(size)} digits at most, not ${precision}.`, 'precision')
  if (scale === null || scale < 0) return none('The scale of a decimal is a whole number from 0 up.', 'scale')
  if (scale > precision) return none(`The scale ${scale} is above the precision ${precision}.`, 'scale')
  return { logicalType: { name, precision, scale }, fault: null, attribute: 'logicalType' }
}

/** How many decimal digits a two's complement of so many bytes always holds. */
export const digitsMax = (size: number): number => Math.floor(Math.log10(2) * (8 * size - 1))

function integerOf(node: JsonNode | undefined): number | null {
  if (node?.kind !== 'number' || !isIntegral(node)) return null
  const value = Number(node.text)
  return Number.isSafeInteger(value) ? value : null
}

const withArticle = (kind: string): string =>
  `${kind === 'int' ? 'an' : 'a'} ${kind.replace(/^fixed\((\d+)\)$/, 'fixed of $1 bytes')}`
