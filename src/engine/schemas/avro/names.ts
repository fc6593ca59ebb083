/** Names in Avro schemas: how they qualify, which are valid, and which known one a misspelt one may mean. Pure. */
import type { TypeName } from './model'

const strictName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The rule for new schemas, of names, symbols and each part of a namespace. */
export const isValidName = (name: string): boolean => strictName.test(name)

/** Why it is no valid name, a clause: 'begins with "1"'. null for a valid one. */
export function nameFault(name: string): string | null {
  if (name === '') return 'is empty'
  if (isValidName(name)) return null
  const at = /^[^A-Za-z_]/.test(name) ? 0 : name.search(/[^A-Za-z0-9_]/)
  const character = JSON.stringify(String.fromCodePoint(name.codePointAt(at)!))
  return at === 0 ? `begins with ${character}` : `contains ${character}`
}

/** A valid name as near to it as may be: 'order-id' gives 'order_id'. */
export function validNameFrom(name: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_]/gu, '_')
  return /^[A-Za-z_]/.test(cleaned) ? cleaned : `_${cleaned}`
}

/** As Schema.Name of Avro: a name with dots brings its namespace, else it takes the one around it; '' is none. */
export function qualify(name: string, namespace: string | null): TypeName {
  const dot = name.lastIndexOf('.')
  const ownNamespace = dot < 0 ? namespace : name.slice(0, dot)
  const space = ownNamespace === '' ? null : ownNamespace
  const simple = name.slice(dot + 1)
  return { name: simple, namespace: space, fullName: space === null ? simple : `${space}.${simple}` }
}

/** Edits from one to the other, a swap of neighbours counted as one (optimal string alignment); `limit` + 1 when they are more. */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (isSame ? 0 : 1))
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return Math.min(last[right.length]!, limit + 1)
}

/** The known name that is meant most likely, letter case ignored; null when none is near enough (a third of its length, three at most). */
export function nearestName(name: string, known: Iterable<string>): string | null {
  const wanted = name.toLowerCase()
  let nearest: string | null = null
  let nearestDistance = Math.min(3, Math.max(1, Math.floor(name.length / 3))) + 1
  for (const candidate of known) {
    if (candidate === name) continue
    const distance = editDistance(wanted, candidate.toLowerCase(), nearestDistance)
    if (distance < nearestDistance) {
      nearest = candidate
      nearestDistance = distance
    }
  }
  return nearest
}
