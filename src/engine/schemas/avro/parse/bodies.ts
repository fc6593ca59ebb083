/** What enums, fixed and the order of fields consist of. Used by the parser only. */
import { childPointer, describeNode, isIntegral, type JsonObject, type JsonString, memberOf, memberValue } from '../../json-text'
import type { FieldOrder } from '../model'
import { isValidName, nearestName, validNameFrom } from '../names'
import { rangeOf } from './attributes'
import type { ParserContext } from './context'
import type { Shell } from './declarations'
import { invalidName } from './name-checks'

export function enumBody(
  context: ParserContext,
  node: JsonObject,
  type: JsonString,
  shell: Shell | undefined,
  path: string,
): void {
  const { problems, options } = context
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
      invalidName(context, item, place, 'symbol', item.value, item.value, validNameFrom(item.value))
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

export function fixedBody(
  context: ParserContext,
  node: JsonObject,
  type: JsonString,
  shell: Shell | undefined,
  path: string,
): void {
  const { problems } = context
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

export function orderOf(context: ParserContext, node: JsonObject, path: string): FieldOrder {
  const order = memberValue(node, 'order')
  if (!order) return 'ascending'
  const value = order.kind === 'string' ? order.value.toLowerCase() : ''
  if (value === 'ascending' || value === 'descending' || value === 'ignore') return value
  const nearest = order.kind === 'string' ? nearestName(order.value, ['ascending', 'descending', 'ignore']) : null
  context.problems.error(order, path, `The order of a field is ascending, descending or ignore, not ${describeNode(order)}.`, {
    fixes: nearest ? [{ label: `Change to ${nearest}`, edits: [{ ...rangeOf(order), insert: JSON.stringify(nearest) }] }] : [],
  })
  return 'ascending'
}
