/**
 * Patterns of strangers' schemas: `(a+)+$` takes JavaScript's own engine minutes over thirty characters, and nothing else happens on the thread
 * meanwhile. A pattern with a repeated group is run by RE2, in time that grows with the text, where RE2 knows all that is in it; all others as they
 * are. Called by ajv's compiled validators only; pure.
 */
import { RE2JS } from 're2js'

/** What ajv asks of a regular expression. */
export interface Pattern {
  test(text: string): boolean
  /** ajv keeps patterns by it. */
  toString(): string
}

/**
 * Without a repeated group the time is a power of the text's length at worst. References back and looks ahead are JavaScript's alone, and stay its. The
 * two agree but for `.` and `\s` over separators of lines and spaces outside of ASCII.
 */
export function boundedPattern(pattern: RegExp): Pattern {
  if (!/\)[*+{]/.test(pattern.source)) return pattern
  const linear = compiled(pattern.source)
  return linear === null ? pattern : { test: (text) => linear.matcher(text).find(), toString: () => pattern.toString() }
}

function compiled(source: string): RE2JS | null {
  try {
    return RE2JS.compile(source)
  } catch {
    return null
  }
}
