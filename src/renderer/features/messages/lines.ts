/** Where the lines of a text begin when it is wrapped at a number of columns. One pass; two numbers a line. */

export interface WrappedLine {
  readonly from: number
  readonly to: number
  /** The whole line it is a part of. */
  readonly lineStart: number
  readonly lineEnd: number
}

export interface WrappedLines {
  readonly count: number
  at(index: number): WrappedLine
}

export function wrapLines(text: string, columns: number): WrappedLines {
  let starts = new Int32Array(1024)
  /** The line that a row belongs to begins here. */
  let owners = new Int32Array(1024)
  let count = 0
  const push = (from: number, lineStart: number): void => {
    if (count === starts.length) {
      const grow = (old: Int32Array): Int32Array<ArrayBuffer> => {
        const next = new Int32Array(old.length * 2)
        next.set(old)
        return next
      }
      starts = grow(starts)
      owners = grow(owners)
    }
    starts[count] = from
    owners[count++] = lineStart
  }
  for (let lineStart = 0; lineStart <= text.length; ) {
    const found = text.indexOf('\n', lineStart)
    const lineEnd = found < 0 ? text.length : found
    let from = lineStart
    push(from, lineStart)
    while (lineEnd - from > columns) {
      from += columns
      // Never between the two halves of a surrogate pair.
      const code = text.charCodeAt(from)
      if (code >= 0xdc00 && code <= 0xdfff) from++
      push(from, lineStart)
    }
    lineStart = lineEnd + 1
  }
  return {
    count,
    at(index) {
      const from = starts[index] ?? 0
      const lineStart = owners[index] ?? 0
      const found = text.indexOf('\n', from)
      const lineEnd = found < 0 ? text.length : found
      const isLast = index + 1 >= count || owners[index + 1] !== lineStart
      return { from, to: isLast ? lineEnd : (starts[index + 1] ?? lineEnd), lineStart, lineEnd }
    },
  }
}
