/** Avro text laid out for an editor: a field a line, short types on one, nothing reordered. */
import { err, ok, type Result } from '../../../shared/lang/result'
import type { SchemaProblem } from '../format'
import { layOut, layOutWithComments, readJson } from '../json-text'

/** Fails on text that is no JSON; what kind of schema it is does not matter. */
export function formatAvro(text: string): Result<string, readonly SchemaProblem[]> {
  const { root, problems, comments } = readJson(text, { comments: true })
  if (!root || problems.length > 0) return err(problems)
  if (comments.length > 0) return ok(layOutWithComments(text))
  return ok(layOut(text, root, { expands: (key, value) => key === 'fields' && value.kind === 'array' }))
}
