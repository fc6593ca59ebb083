/**
 * The expression by which a member of the new protocol subscribes to topics. Kafka reads it with RE2; here JavaScript's engine does, so what the two
 * write differently is put into JavaScript's words, and what only JavaScript has is refused. Pure; used by ConsumerGroups.
 */

/** Judges whole names; null where it is no expression that RE2 takes. */
export function topicPattern(expression: string): RegExp | null {
  const [flags, rest] = leadingFlags(expression)
  let source = ''
  for (let at = 0; at < rest.length; ) {
    const [read, written] = next(rest, at)
    if (written === null) return null
    source += written
    at += read
  }
  try {
    return new RegExp(`^(?:${source})$`, flags)
  } catch {
    return null
  }
}

/** `(?is)` and the like at the very beginning hold for all of it; `U`, which turns greed around, changes nothing about what matches as a whole. */
function leadingFlags(expression: string): [flags: string, rest: string] {
  const [group = '', flags = ''] = /^\(\?([imsU]+)\)/.exec(expression) ?? []
  return [[...new Set(flags.replace('U', ''))].join(''), expression.slice(group.length)]
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\A', '^'],
  ['\\z', '$'],
])

const posixClasses: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['digit', '0-9'],
  ['lower', 'a-z'],
  ['punct', '!-\\/:-@\\[-`{-~'],
  ['space', '\\s'],
  ['upper', 'A-Z'],
  ['word', '\\w'],
  ['xdigit', '0-9A-Fa-f'],
])

/** How many characters of the expression are read at `at`, and what JavaScript says instead; null for what RE2 has not. */
function next(expression: string, at: number): [read: number, written: string | null] {
  const two = expression.slice(at, at + 2)
  if (two === '\\Q') {
    const end = expression.indexOf('\\E', at + 2)
    const literal = expression.slice(at + 2, end < 0 ? undefined : end)
    return [literal.length + (end < 0 ? 2 : 4), literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')]
  }
  // A reference back.
  if (/^\\[1-9]/.test(two)) return [2, null]
  if (two.startsWith('\\')) return [2, escapes.get(two) ?? two]
  if (expression.startsWith('(?P<', at)) return [4, '(?<']
  // Looking ahead and looking back.
  if (/^\(\?(?:[=!]|<[=!])/.test(expression.slice(at, at + 4))) return [4, null]
  const [posix, name] = /^\[:(\w+):\]/.exec(expression.slice(at, at + 12)) ?? []
  if (posix !== undefined) return [posix.length, posixClasses.get(name!) ?? null]
  return [1, expression[at]!]
}
