/** Drafts in the window's own storage, so that they outlive the app. What is too large to keep is left out; what cannot be read is as if it were not there. */
import * as v from 'valibot'

const storageKey = 'broker-workbench.schemas'
/** Storage holds some five million characters for all of the window. */
const charactersMax = 1_500_000

const keptDraft = v.object({
  subject: v.string(),
  isNew: v.boolean(),
  language: v.picklist(['avro', 'avro-idl', 'json-schema', 'protobuf']),
  text: v.string(),
  references: v.array(v.object({ name: v.string(), subject: v.string(), version: v.number() })),
  baseVersion: v.nullable(v.number()),
  editedAtMs: v.nullable(v.number()),
  isOpen: v.boolean(),
})
const keptSchema = v.object({ drafts: v.array(keptDraft) })

export type KeptDraft = v.InferOutput<typeof keptDraft>

export function readKeptDrafts(): readonly KeptDraft[] {
  try {
    const read = v.safeParse(keptSchema, JSON.parse(localStorage.getItem(storageKey) ?? 'null'))
    return read.success ? read.output.drafts : []
  } catch {
    // Storage may be refused, or hold what another version wrote.
    return []
  }
}

/** Answers the subjects of drafts that were too large to keep. */
export function writeKeptDrafts(drafts: readonly KeptDraft[]): readonly string[] {
  const lost: string[] = []
  const kept: KeptDraft[] = []
  let size = 0
  // The newest first: where room is short, the one that is being written is kept.
  for (const draft of [...drafts].sort((left, right) => (right.editedAtMs ?? 0) - (left.editedAtMs ?? 0))) {
    size += draft.text.length + 400
    if (size <= charactersMax) kept.push(draft)
    else {
      lost.push(draft.subject)
      size -= draft.text.length + 400
    }
  }
  try {
    localStorage.setItem(storageKey, JSON.stringify({ drafts: kept }))
    return lost
  } catch {
    return drafts.map((draft) => draft.subject)
  }
}
