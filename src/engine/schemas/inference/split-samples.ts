/** Pasted text as samples: one JSON value, a list of objects (each is a sample), or one value a line. */
import { isJsonArray, isJsonObject, JsonSyntaxError, parseJson, printJson } from '../serde/json-value'

/** The samples as JSON texts. Text that is neither is one sample, so that what is wrong with it is said. */
export function splitSamples(text: string): readonly string[] {
  const trimmed = text.trim()
  if (trimmed === '') return []
  try {
    const value = parseJson(trimmed)
    return isJsonArray(value) && value.length > 0 && value.every(isJsonObject) ? value.map(printJson) : [trimmed]
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
  }
  const lines = trimmed.split(/\r?\n/).filter((line) => line.trim() !== '')
  return lines.length > 1 && isJson(lines[0]!) ? lines : [trimmed]
}

function isJson(text: string): boolean {
  try {
    parseJson(text)
    return true
  } catch {
    return false
  }
}
