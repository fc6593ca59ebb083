/** Numbers and names of fields within a message, and of values within an enum: each once, none reserved, all in the range that there is. */
import type { SchemaFix, SchemaProblem, SourceRange } from '../../format'
import type { NumberRange, ProtoEnum, ProtoField, ProtoMessage, ProtoReserved } from '../syntax/nodes'
import { fieldsOf } from '../syntax/nodes'
import { joined } from '../types'
import { errorAt, replace, warningAt } from './problem'

const fieldNumberMax = 536_870_911
const implementationFirst = 19_000
const implementationLast = 19_999

export function checkFieldNumbers(message: ProtoMessage, path: string): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const free = freeNumber(message)
  const renumber = (field: ProtoField): readonly SchemaFix[] => [
    replace(`Give it the number ${free}`, field.numberRange, String(free)),
  ]
  const byNumber = new Map<number, ProtoField>()
  const byName = new Map<string, SourceRange>()
  const byJsonName = new Map<string, ProtoField>()
  for (const { field } of fieldsOf(message)) {
    const { number, numberRange, name, nameRange } = field
    const at = joined(path, name)
    const fault = numberFault(number)
    const twin = byNumber.get(number)
    const reserved = reservedNumber(message.reserved, number)
    if (fault !== null)
      problems.push(
        errorAt(numberRange, {
          message: `The number of '${name}', ${number}, ${fault}.`,
          hint: `${free} is free.`,
          path: at,
          fixes: renumber(field),
        }),
      )
    else if (twin !== undefined)
      problems.push(
        errorAt(numberRange, {
          message: `'${name}' has the number ${number}, and so has '${twin.name}'.`,
          hint: `${free} is free.`,
          path: at,
          fixes: renumber(field),
        }),
      )
    else if (reserved !== null)
      problems.push(
        errorAt(numberRange, {
          message: `The number ${number} of '${name}' is reserved.`,
          hint: `A field had it once; ${free} is free.`,
          path: at,
          fixes: renumber(field),
        }),
      )
    else if (
      inRanges(
        message.extensions.flatMap(({ ranges }) => ranges),
        number,
      )
    )
      problems.push(
        errorAt(numberRange, {
          message: `The number ${number} of '${name}' is left to extensions.`,
          hint: `${free} is free.`,
          path: at,
          fixes: renumber(field),
        }),
      )
    if (!byNumber.has(number)) byNumber.set(number, field)
    if (byName.has(name))
      problems.push(
        errorAt(nameRange, { message: `'${name}' stands twice in '${message.name}'.`, hint: 'Give one another name.', path: at }),
      )
    byName.set(name, nameRange)
    const clash = byJsonName.get(jsonNameOf(name))
    if (clash !== undefined && clash.name !== name)
      problems.push(
        errorAt(nameRange, {
          message: `'${name}' and '${clash.name}' have the same name in JSON, '${jsonNameOf(name)}'.`,
          hint: 'Give one another name.',
          path: at,
        }),
      )
    byJsonName.set(jsonNameOf(name), field)
    if (reservedName(message.reserved, name))
      problems.push(
        errorAt(nameRange, { message: `The name '${name}' is reserved.`, hint: 'A field had it once; take another.', path: at }),
      )
  }
  for (const { name, nameRange, fields } of message.oneofs) {
    if (byName.has(name))
      problems.push(
        errorAt(nameRange, {
          message: `'${name}' stands twice in '${message.name}'.`,
          hint: 'Give the oneof another name.',
          path: joined(path, name),
        }),
      )
    byName.set(name, nameRange)
    if (fields.length === 0)
      problems.push(
        errorAt(nameRange, {
          message: `The oneof '${name}' has no field.`,
          hint: 'Put one into it, or remove it.',
          path: joined(path, name),
        }),
      )
  }
  return [...problems, ...checkRanges(message, path)]
}

function checkRanges({ reserved, extensions }: ProtoMessage, path: string): readonly SchemaProblem[] {
  const ranges = [...reserved.flatMap((one) => one.ranges), ...extensions.flatMap((one) => one.ranges)]
  return ranges.flatMap((range) => {
    if (range.end < range.start)
      return [
        errorAt(range, {
          message: `${range.start} to ${range.end} holds nothing.`,
          hint: 'The smaller number comes first.',
          path,
        }),
      ]
    if (range.start < 1 || range.end > fieldNumberMax)
      return [
        errorAt(range, {
          message: `Numbers of fields go from 1 to ${fieldNumberMax}.`,
          hint: "'max' stands for the last.",
          path,
        }),
      ]
    const other = ranges.find((one) => one.from < range.from && one.start <= range.end && range.start <= one.end)
    return other === undefined
      ? []
      : [errorAt(range, { message: `${words(range)} stands in ${words(other)} as well.`, hint: 'Remove one of the two.', path })]
  })
}

const words = ({ start, end }: NumberRange): string => (start === end ? String(start) : `${start} to ${end}`)

function numberFault(number: number): string | null {
  if (number < 1) return 'is below 1'
  if (number > fieldNumberMax) return `is above ${fieldNumberMax}, the last one`
  if (number >= implementationFirst && number <= implementationLast)
    return `is one of ${implementationFirst} to ${implementationLast}, which belong to Protobuf itself`
  return null
}

/** The lowest number behind all that are used or reserved, else the first that is free. */
export function freeNumber({ fields, oneofs, reserved, extensions }: ProtoMessage): number {
  const used = new Set([...fields, ...oneofs.flatMap((oneof) => oneof.fields)].map(({ number }) => number))
  const ranges = [...reserved.flatMap((one) => one.ranges), ...extensions.flatMap((one) => one.ranges)]
  const isFree = (number: number): boolean => numberFault(number) === null && !used.has(number) && !inRanges(ranges, number)
  const last = Math.max(0, ...[...used].filter((number) => numberFault(number) === null), ...ranges.map(({ end }) => end))
  for (let number = last + 1; number <= last + 2_000; number++) if (isFree(number)) return number
  for (let number = 1; number <= 10_000; number++) if (isFree(number)) return number
  return 1
}

export function checkEnum(one: ProtoEnum, path: string, isProto3: boolean): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = []
  const allowsAlias = one.options.some(
    ({ parts, value }) => parts[0]?.name === 'allow_alias' && value.kind === 'identifier' && value.name === 'true',
  )
  const [first] = one.values
  if (first === undefined)
    problems.push(
      errorAt(one.nameRange, { message: `The enum '${one.name}' has no value.`, hint: 'Give it one with the number 0.', path }),
    )
  else if (isProto3 && first.number !== 0) {
    const zero = `${upperSnake(one.name)}_UNSPECIFIED`
    const fixes = one.values.some(({ number }) => number === 0)
      ? []
      : [replace(`Add ${zero} = 0`, { from: one.bodyFrom, to: one.bodyFrom }, `\n  ${zero} = 0;`)]
    problems.push(
      errorAt(first.numberRange, {
        message: `The first value of an enum is 0 in proto3, and '${first.name}' is ${first.number}.`,
        hint: 'It is what readers see where nothing was written.',
        path: joined(path, first.name),
        fixes,
      }),
    )
  }
  const byNumber = new Map<number, string>()
  const names = new Set<string>()
  const free = Math.max(-1, ...one.values.map(({ number }) => number).filter((number) => number < 2_147_483_647)) + 1
  for (const { name, nameRange, number, numberRange } of one.values) {
    const at = joined(path, name)
    const twin = byNumber.get(number)
    if (twin !== undefined && !allowsAlias)
      problems.push(
        errorAt(numberRange, {
          message: `'${name}' is ${number}, and so is '${twin}'.`,
          hint: `${free} is free; two names of one number need 'option allow_alias = true'.`,
          path: at,
          fixes: [
            replace(`Give it the number ${free}`, numberRange, String(free)),
            replace('Allow aliases', { from: one.bodyFrom, to: one.bodyFrom }, '\n  option allow_alias = true;'),
          ],
        }),
      )
    byNumber.set(number, twin ?? name)
    if (names.has(name))
      problems.push(
        errorAt(nameRange, { message: `'${name}' stands twice in '${one.name}'.`, hint: 'Give one another name.', path: at }),
      )
    names.add(name)
    if (number < -2_147_483_648 || number > 2_147_483_647)
      problems.push(
        errorAt(numberRange, { message: `${number} does not fit in 32 bits.`, hint: 'Take a smaller number.', path: at }),
      )
    if (reservedNumber(one.reserved, number) !== null)
      problems.push(
        errorAt(numberRange, {
          message: `The number ${number} of '${name}' is reserved.`,
          hint: 'A value had it once; take another.',
          path: at,
        }),
      )
    if (reservedName(one.reserved, name))
      problems.push(
        errorAt(nameRange, { message: `The name '${name}' is reserved.`, hint: 'A value had it once; take another.', path: at }),
      )
  }
  return problems
}

/** Values of enums stand beside the enum, not in it: two enums of one place cannot have a value of the same name. */
export function checkSiblingValues(enums: readonly ProtoEnum[], path: string): readonly SchemaProblem[] {
  const owners = new Map<string, string>()
  return enums.flatMap((one) =>
    one.values.flatMap(({ name, nameRange }) => {
      const owner = owners.get(name)
      owners.set(name, owner ?? one.name)
      if (owner === undefined || owner === one.name) return []
      const longer = `${upperSnake(one.name)}_${name}`
      return [
        errorAt(nameRange, {
          message: `'${name}' is a value of the enum '${owner}' as well, and values of enums stand beside their enum.`,
          hint: `Begin it with the enum's name: ${longer}.`,
          path: joined(joined(path, one.name), name),
          fixes: [replace(`Rename to ${longer}`, nameRange, longer)],
        }),
      ]
    }),
  )
}

export const camelWarning = (field: ProtoField, path: string): readonly SchemaProblem[] =>
  /[A-Z]/.test(field.name) && field.group === null
    ? [
        warningAt(field.nameRange, {
          message: `'${field.name}' is not in lower_snake_case.`,
          hint: 'Code generators and JSON derive names from it.',
          path,
        }),
      ]
    : []

const reservedNumber = (list: readonly ProtoReserved[], number: number): NumberRange | null =>
  list.flatMap(({ ranges }) => ranges).find(({ start, end }) => start <= number && number <= end) ?? null
const inRanges = (ranges: readonly NumberRange[], number: number): boolean =>
  ranges.some(({ start, end }) => start <= number && number <= end)
const reservedName = (list: readonly ProtoReserved[], name: string): boolean =>
  list.some(({ names }) => names.some((one) => one.name === name))
const upperSnake = (name: string): string => name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
const jsonNameOf = (name: string): string =>
  name.replace(/_+([a-zA-Z0-9])?/g, (_match, next: string | undefined) => next?.toUpperCase() ?? '')
