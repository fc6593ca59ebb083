/** What an editor does with a fix, for tests: all edits at once. Overlapping edits are a fault of the fix. */
import type { SchemaFix } from '../format'

export function applyFix(text: string, fix: SchemaFix): string {
  let result = text
  let end = text.length
  for (const edit of [...fix.edits].sort((left, right) => right.from - left.from || right.to - left.to)) {
    if (edit.to > end || edit.from > edit.to) throw new Error(`the edits of "${fix.label}" overlap: ${JSON.stringify(fix.edits)}`)
    result = result.slice(0, edit.from) + edit.insert + result.slice(edit.to)
    end = edit.from
  }
  return result
}
