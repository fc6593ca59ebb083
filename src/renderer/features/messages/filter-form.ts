/** Filters as a person builds them: which field, how it is compared, with what; in words on a chip, and as the read takes them. Pure. */
import { isDecimal } from '../../../shared/exact-number'
import { parsePath } from '../../../shared/json-field'
import type { FilterField, FilterOperator, MessageFilter } from '../../../shared/model/messages'
import { parseTime } from './timestamps'

export type FieldChoice = 'key' | 'value' | 'value-field' | 'key-field' | 'header' | 'partition' | 'offset' | 'timestamp' | 'size'

export interface FilterChip {
  readonly id: number
  readonly choice: FieldChoice
  /** The path of a field, the name of a header. */
  readonly name: string
  readonly operator: FilterOperator
  readonly typed: string
  readonly isCaseSensitive: boolean
  /** Kept, but not in force. */
  readonly isOff: boolean
}

export const fieldChoices: readonly { readonly value: FieldChoice; readonly label: string }[] = [
  { value: 'value-field', label: 'Field of the value' },
  { value: 'value', label: 'Value' },
  { value: 'key', label: 'Key' },
  { value: 'key-field', label: 'Field of the key' },
  { value: 'header', label: 'Header' },
  { value: 'partition', label: 'Partition' },
  { value: 'offset', label: 'Offset' },
  { value: 'timestamp', label: 'Timestamp' },
  { value: 'size', label: 'Size' },
]

export const operatorWords: Readonly<Record<FilterOperator, string>> = {
  contains: 'contains',
  'not-contains': 'does not contain',
  equals: 'is',
  'not-equals': 'is not',
  starts: 'starts with',
  greater: '>',
  'at-least': '≥',
  less: '<',
  'at-most': '≤',
  matches: 'matches',
  exists: 'exists',
  absent: 'is absent',
  'is-null': 'is null',
  'not-null': 'is not null',
}

const textOperators: readonly FilterOperator[] = ['contains', 'not-contains', 'equals', 'not-equals', 'starts', 'matches']
const orderOperators: readonly FilterOperator[] = ['greater', 'at-least', 'less', 'at-most']

export function operatorsOf(choice: FieldChoice): readonly FilterOperator[] {
  switch (choice) {
    case 'key':
    case 'value':
      return [...textOperators, ...orderOperators, 'is-null', 'not-null']
    case 'header':
    case 'value-field':
    case 'key-field':
      return [
        'equals',
        'not-equals',
        'contains',
        'not-contains',
        'starts',
        ...orderOperators,
        'exists',
        'absent',
        'is-null',
        'not-null',
        'matches',
      ]
    default:
      return ['equals', 'not-equals', ...orderOperators]
  }
}

export const needsName = (choice: FieldChoice): boolean =>
  choice === 'header' || choice === 'value-field' || choice === 'key-field'
export const needsOperand = (operator: FilterOperator): boolean =>
  operator !== 'exists' && operator !== 'absent' && operator !== 'is-null' && operator !== 'not-null'
export const hasCase = (choice: FieldChoice, operator: FilterOperator): boolean =>
  (textOperators as readonly string[]).includes(operator) &&
  choice !== 'partition' &&
  choice !== 'offset' &&
  choice !== 'timestamp' &&
  choice !== 'size'

/** What stands on the chip, and in messages: `value.status`, `header retry`. */
export function fieldWords({ choice, name }: Pick<FilterChip, 'choice' | 'name'>): string {
  if (choice === 'value-field') return `value.${name}`
  if (choice === 'key-field') return `key.${name}`
  return choice === 'header' ? `header ${name}` : choice
}

export function chipWords(chip: FilterChip): string {
  return `${fieldWords(chip)} ${operatorWords[chip.operator]}${needsOperand(chip.operator) ? ` ${chip.typed}` : ''}`
}

export type FilterOrProblem =
  | { readonly ok: true; readonly filter: MessageFilter }
  | { readonly ok: false; readonly part: 'name' | 'typed'; readonly message: string }

export function filterOf(chip: FilterChip, nowMs: number): FilterOrProblem {
  const bad = (part: 'name' | 'typed', message: string): FilterOrProblem => ({ ok: false, part, message })
  const name = chip.name.trim()
  if (chip.choice === 'header' && name === '') return bad('name', 'Write the name of the header.')
  if (chip.choice === 'value-field' || chip.choice === 'key-field') {
    const steps = parsePath(name)
    if (steps === null || steps.length === 0) return bad('name', 'Write a path as status, customer.id or lines[0].sku.')
  }
  const field: FilterField =
    chip.choice === 'header'
      ? { kind: 'header', name }
      : chip.choice === 'value-field' || chip.choice === 'key-field'
        ? { kind: 'field', part: chip.choice === 'value-field' ? 'value' : 'key', path: name }
        : { kind: chip.choice }
  const operand = needsOperand(chip.operator) ? operandOf(chip, nowMs) : { ok: true as const, text: '' }
  if (!operand.ok) return bad('typed', operand.message)
  const isCaseSensitive = chip.isCaseSensitive && hasCase(chip.choice, chip.operator)
  return { ok: true, filter: { field, operator: chip.operator, operand: operand.text, isCaseSensitive } }
}

type Operand = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string }

function operandOf({ choice, operator, typed }: FilterChip, nowMs: number): Operand {
  if (choice === 'timestamp') {
    const time = parseTime(typed, nowMs)
    return time.ok ? { ok: true, text: String(time.ms) } : time
  }
  if (choice === 'size') return sizeOperand(typed)
  if (operator === 'matches') {
    try {
      new RegExp(typed, 'u')
      return { ok: true, text: typed }
    } catch (error) {
      return { ok: false, message: `This is no pattern: ${(error as Error).message}.` }
    }
  }
  const isNumber = choice === 'partition' || choice === 'offset' || (orderOperators as readonly string[]).includes(operator)
  const plain = typed.trim().replaceAll(',', '').replace('−', '-')
  if (isNumber && !isDecimal(plain)) return { ok: false, message: 'Write a number: it is compared digit by digit, however long.' }
  return { ok: true, text: isNumber ? plain : typed }
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 1024, kb: 1024, mib: 1024 ** 2, mb: 1024 ** 2 }

function sizeOperand(typed: string): Operand {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(b|kib|kb|mib|mb)?\s*$/i.exec(typed)
  if (found === null) return { ok: false, message: 'Write a size as 512, 4 KiB or 1 MiB.' }
  return { ok: true, text: String(Math.round(Number(found[1]) * (units[(found[2] ?? '').toLowerCase()] ?? 1))) }
}
