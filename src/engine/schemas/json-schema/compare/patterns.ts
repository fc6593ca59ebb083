/**
 * Whether a name matches a pattern of patternProperties. Expressions are strangers': they run on RE2's engine, in time linear in the name,
 * and where RE2 does not know the syntax (look-around, back references) a name counts as matched, which is the careful side.
 */
import { RE2JS } from 're2js'

const compiled = new Map<string, RE2JS | null>()
const cacheMax = 500

export function patternMatches(pattern: string, name: string): boolean {
  let expression = compiled.get(pattern)
  if (expression === undefined) {
    expression = compile(pattern)
    if (compiled.size >= cacheMax) compiled.clear()
    compiled.set(pattern, expression)
  }
  return expression === null || expression.matcher(name).find()
}

function compile(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern)
  } catch {
    return null
  }
}
