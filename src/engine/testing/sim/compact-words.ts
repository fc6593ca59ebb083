/** Values of any message in one short line, for frames that have no words of their own. Called by the trace only. */

const TEXT_MAX = 240
const LIST_MAX = 6
const DEPTH_MAX = 4

/** `a=1 b=[x, y]`; defaults that say nothing (null, -1, 0, '', empty lists, false) are left out. Never longer than a line. */
export function compactWords(value: unknown): string {
  return shortened(wordsOf(value, 0), TEXT_MAX)
}

export function shortened(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`
}

/** At most a handful of them, and how many more there are. */
export function listed(items: readonly string[], countMax = 8, separator = ', '): string {
  const shown = items.slice(0, countMax).join(separator)
  return items.length <= countMax ? shown : `${shown}${separator}and ${items.length - countMax} more`
}

function wordsOf(value: unknown, depth: number): string {
  if (value === null || value === undefined) return '-'
  if (typeof value !== 'object') return String(value)
  if (value instanceof Uint8Array) return `<${value.length} bytes>`
  if (depth >= DEPTH_MAX) return '…'
  if (Array.isArray(value)) {
    return `[${listed(
      value.map((item) => wordsOf(item, depth + 1)),
      LIST_MAX,
    )}]`
  }
  const fields = Object.entries(value).filter(([, field]) => saysSomething(field))
  const text = fields.map(([name, field]) => `${name}=${wordsOf(field, depth + 1)}`).join(' ')
  return depth === 0 ? text : `{${text}}`
}

function saysSomething(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return false
  if (value === 0 || value === -1 || value === -1n) return false
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return Object.values(value).some(saysSomething)
  return true
}
