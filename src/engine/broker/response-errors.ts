/**
 * Finds the errors in a response before it is encoded, wherever its API has them: the places are read from the declaration once, so that looking
 * costs a few comparisons a partition. For counting only; what a response says is not its business.
 */
import type { Fields } from '../wire/schema/fields'
import { type AnyStruct, elementFields } from './interception/message-shape'

export type ErrorVisitor = (response: unknown, onError: (errorCode: number) => void) => void

const visitors = new Map<Fields, ErrorVisitor | null>()

/** Null: responses of this shape tell no errors. */
export function errorVisitorOf(fields: Fields): ErrorVisitor | null {
  let visitor = visitors.get(fields)
  if (visitor === undefined) {
    visitor = compile(fields)
    visitors.set(fields, visitor)
  }
  return visitor
}

function compile(fields: Fields): ErrorVisitor | null {
  const codes: string[] = []
  const nested: { readonly name: string; readonly isArray: boolean; readonly visit: ErrorVisitor }[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (field.type === 'int16' && /errorCode$/i.test(name)) codes.push(name)
    const element = elementFields(field)
    const visit = element === null ? null : compile(element)
    if (visit !== null) nested.push({ name, isArray: field.type === 'array', visit })
  }
  if (codes.length === 0 && nested.length === 0) return null
  return (response, onError) => {
    if (typeof response !== 'object' || response === null) return
    const struct = response as AnyStruct
    for (const name of codes) {
      const code = struct[name]
      if (typeof code === 'number' && code !== 0) onError(code)
    }
    for (const { name, isArray, visit } of nested) {
      const value = struct[name]
      if (!isArray) visit(value, onError)
      else if (Array.isArray(value)) for (const element of value) visit(element, onError)
    }
  }
}
