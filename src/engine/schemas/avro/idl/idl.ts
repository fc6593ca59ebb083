/**
 * Avro IDL as a language of the editor: turned into Avro JSON when it is checked or registered, and printed from it. What is wrong is told at
 * its place in the IDL, whoever finds it: the nodes that the Avro parser judges carry the places of the IDL.
 */
import { err, ok, type Result } from '../../../../shared/lang/result'
import type { OutlineEntry, ParseOptions, ReferencedTexts, SchemaFix, SchemaProblem, SourceRange } from '../../format'
import { type JsonNode, layOut, readJson, writeJson } from '../../json-text'
import { locateInTree } from '../locate'
import { outlineOfTree } from '../outline'
import { parseAvroTree } from '../parse/parse'
import { ProblemList } from '../parse/problems'
import { assemble } from './assemble'
import { readIdl } from './parser'

export interface AvroIdl {
  /** The schema as Avro JSON, laid out: what is compared and registered. */
  readonly schemaText: string
  /** What is odd but allowed, with places in the IDL. */
  readonly warnings: readonly SchemaProblem[]
  /** The place in the IDL of a path in `schemaText`. */
  locate(path: string): SourceRange | null
  readonly outline: readonly OutlineEntry[]
}

/** All problems of syntax and meaning with their places in the IDL; fixes only where one edit of a word is meant. */
export function parseAvroIdl(
  text: string,
  references: ReferencedTexts,
  options: ParseOptions,
): Result<AvroIdl, readonly SchemaProblem[]> {
  const problems = new ProblemList()
  const document = readIdl(text, problems)
  const root = assemble(document, text.length, problems)
  if (!root) return err(problems.inOrder())
  // What the reader found has fixes for IDL already; what the Avro parser adds has fixes for JSON.
  const own = new Set(problems.inOrder())
  const parsed = parseAvroTree(text, root, references, options, problems)
  const inIdl = (found: readonly SchemaProblem[]): readonly SchemaProblem[] =>
    found.map((problem) => (own.has(problem) ? problem : { ...problem, fixes: fixesInIdl(text, problem.fixes) }))
  if (!parsed.ok) return err(inIdl(parsed.error))
  return ok({
    schemaText: layOutTree(root),
    warnings: inIdl(parsed.value.warnings),
    locate: (path) => locateInTree(root, path),
    outline: outlineOfTree(root),
  })
}

/** What stands in a text, also in one with errors. */
export function outlineOfIdl(text: string): readonly OutlineEntry[] {
  const root = assemble(readIdl(text, new ProblemList()), text.length, new ProblemList())
  return root ? outlineOfTree(root) : []
}

function layOutTree(root: JsonNode): string {
  const compact = writeJson(root)
  return layOut(compact, readJson(compact).root!, { expands: (key, value) => key === 'fields' && value.kind === 'array' })
}

/** "Change to timestamp-millis" is the same word in both languages, in quotes where it stood in quotes. Every other edit is of JSON. */
function fixesInIdl(text: string, fixes: readonly SchemaFix[]): readonly SchemaFix[] {
  return fixes.flatMap((fix) => {
    const [edit] = fix.edits
    if (!edit || fix.edits.length !== 1 || !/^"[^"\\]*"$/.test(edit.insert)) return []
    const written = text.slice(edit.from, edit.to)
    if (written.startsWith('"')) return [fix]
    return /^[\w.`-]+$/.test(written) && /^"[\w.]+"$/.test(edit.insert)
      ? [{ ...fix, edits: [{ ...edit, insert: edit.insert.slice(1, -1) }] }]
      : []
  })
}
