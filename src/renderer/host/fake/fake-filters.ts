/** Filters over the fake's records: near enough to the real ones for tests and pictures of the window; the rules proper stand in the workbench. */
import { compareDecimal } from '../../../shared/exact-number'
import { findField, parsePath } from '../../../shared/json-field'
import type { FieldCell, MessageFilter } from '../../../shared/model/messages'
import type { WrittenRecord } from './fake-messages'

const decoder = new TextDecoder()
const textOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : decoder.decode(bytes))

export function fakeField(record: WrittenRecord, part: 'key' | 'value', path: string): FieldCell | null {
  const steps = parsePath(path)
  const json = textOf(record[part])
  return steps === null || json === null ? null : findField(json, steps)
}

export function fakeMatches(
  filters: readonly MessageFilter[],
  record: WrittenRecord,
  partition: number,
  offset: number,
): boolean {
  return filters.every((filter) => fakeMatch(filter, record, partition, offset))
}

function fakeMatch(filter: MessageFilter, record: WrittenRecord, partition: number, offset: number): boolean {
  const { field, operator, operand } = filter
  const values = ((): (string | null)[] => {
    if (field.kind === 'header') return record.headers.filter(({ key }) => key === field.name).map(({ value }) => textOf(value))
    if (field.kind === 'field') {
      const found = fakeField(record, field.part, field.path)
      return found === null ? [] : [found.kind === 'null' ? null : found.text]
    }
    if (field.kind === 'key' || field.kind === 'value') return [textOf(record[field.kind])]
    const numbers = { partition, offset, timestamp: record.timestampMs, size: record.value?.length ?? 0 }
    return [String(numbers[field.kind])]
  })()
  const fold = (text: string): string => (filter.isCaseSensitive ? text : text.toLowerCase())
  const some = (holds: (text: string) => boolean): boolean => values.some((value) => value !== null && holds(fold(value)))
  const order = (holds: (by: number) => boolean): boolean =>
    some((text) => {
      const by = compareDecimal(text, operand)
      return by !== null && holds(by)
    })
  switch (operator) {
    case 'contains':
      return some((text) => text.includes(fold(operand)))
    case 'not-contains':
      return !some((text) => text.includes(fold(operand)))
    case 'equals':
      return some((text) => text === fold(operand))
    case 'not-equals':
      return !some((text) => text === fold(operand))
    case 'starts':
      return some((text) => text.startsWith(fold(operand)))
    case 'greater':
      return order((by) => by > 0)
    case 'at-least':
      return order((by) => by >= 0)
    case 'less':
      return order((by) => by < 0)
    case 'at-most':
      return order((by) => by <= 0)
    case 'matches':
      return some((text) => new RegExp(operand, filter.isCaseSensitive ? 'u' : 'iu').test(text))
    case 'exists':
      return values.length > 0 && values.some((value) => value !== null)
    case 'absent':
      return values.length === 0
    case 'is-null':
      return values.some((value) => value === null)
    case 'not-null':
      return values.some((value) => value !== null)
  }
}
