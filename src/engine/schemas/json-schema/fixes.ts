/**
 * Edits of a draft that mend one of its incompatibilities. Candidates come from mends.ts by the type of the difference; each is tried out, and what
 * does not take the difference away is not offered: a button that does not help is worse than none. Called by index.ts. Pure.
 */
import type { Incompatibility, SchemaFix } from '../format'
import { SchemaGraph } from './graph'
import { incompatibilities } from './incompatibilities'
import { readJson } from './json'
import { segmentsOf } from './locate'
import { mends, type Side } from './mends'
import type { JsonSchema } from './parse'
import { Shapes } from './shapes'

/** Beyond this the tries would be felt while typing; candidates are offered as they are. */
const triedTextMax = 8_000

export function fixes(
  draftText: string,
  incompatibility: Incompatibility,
  registeredText: string,
  direction: 'BACKWARD' | 'FORWARD',
): readonly SchemaFix[] {
  const isReader = direction === 'BACKWARD'
  const reader = segmentsOf(incompatibility.path)
  const writer = segmentsOf(incompatibility.writerPath ?? incompatibility.path)
  const draft = sideOf(draftText, isReader ? reader : writer)
  const registered = sideOf(registeredText, isReader ? writer : reader)
  if (draft === null || registered === null) return []
  const offered = new Set<string>()
  return mends({ type: incompatibility.type, draft, registered, isReader }).filter((fix) => {
    // Two ways to say the same edit are one.
    const key = JSON.stringify(fix.edits)
    if (fix.edits.length === 0 || offered.has(key)) return false
    offered.add(key)
    return (
      draftText.length + registeredText.length > triedTextMax || helps(fix, draftText, incompatibility, registeredText, isReader)
    )
  })
}

function sideOf(text: string, segments: readonly string[]): Side | null {
  const schema = known(text)
  return schema === null ? null : { text, graph: schema.graph, segments }
}

/** A schema as far as it goes without its references, which a text alone does not bring: those are equal to themselves. */
function unchecked(text: string): JsonSchema | null {
  const { root, problems } = readJson(text)
  if (root === null || problems.length > 0) return null
  const graph = new SchemaGraph(root, new Map())
  return { root, graph, shapes: new Shapes(graph) }
}

/** Both texts stay the same while the fixes of one incompatibility after the other are asked for. */
const lately = new Map<string, JsonSchema | null>()
const latelyMax = 4

function known(text: string): JsonSchema | null {
  let schema = lately.get(text)
  if (schema === undefined) {
    schema = unchecked(text)
    if (lately.size >= latelyMax) lately.clear()
    lately.set(text, schema)
  }
  return schema
}

/** Whether the difference is gone from the text with the edits. That another one has come instead is for the next fix. */
function helps(
  fix: SchemaFix,
  draftText: string,
  incompatibility: Incompatibility,
  registeredText: string,
  isReader: boolean,
): boolean {
  const [draft, registered] = [unchecked(edited(draftText, fix)), known(registeredText)]
  if (draft === null || registered === null) return false
  const left = isReader ? incompatibilities(draft, registered, 'STRICT') : incompatibilities(registered, draft, 'STRICT')
  return left.every((each) => each.type !== incompatibility.type || each.path !== incompatibility.path)
}

function edited(text: string, { edits }: SchemaFix): string {
  return [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((rest, edit) => rest.slice(0, edit.from) + edit.insert + rest.slice(edit.to), text)
}
