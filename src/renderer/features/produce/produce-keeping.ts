/** Drafts and what was sent, in the window's own storage. What is too large to keep is left out; what cannot be read is as if it were not there. */
import * as v from 'valibot'
import { argumentSchemas } from '../../../shared/ipc/contract'
import type { ProduceRequestInput } from '../../../shared/model/producing'
import type { ProduceForm } from './produce-form'

export interface KeptForm {
  readonly form: ProduceForm
  readonly isDraft: boolean
  readonly atMs: number
}

export interface SentMessage {
  readonly request: ProduceRequestInput
  readonly atMs: number
}

export interface Kept {
  readonly open: KeptForm[]
  readonly closed: KeptForm[]
  readonly sent: SentMessage[]
}

const storageKey = 'broker-workbench.produce'
/** Storage holds some five million characters for all of the window. */
const charactersMax = 2_000_000
const sentCharactersMax = 64_000

const plainPayload = v.strictObject({ format: v.picklist(['text', 'json', 'hex', 'base64', 'null']), text: v.string() })
const payload = v.variant('format', [
  plainPayload,
  v.strictObject({ format: v.literal('schema'), text: v.string(), subject: v.string(), version: v.nullable(v.number()) }),
])
const formSchema = v.strictObject({
  topic: v.string(),
  partition: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))),
  key: payload,
  value: payload,
  headers: v.array(v.strictObject({ id: v.number(), key: v.string(), value: plainPayload })),
  timestamp: v.string(),
  acks: v.picklist([0, 1, -1]),
  compression: v.picklist(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
  count: v.string(),
})
const keptForm = v.object({ form: formSchema, isDraft: v.boolean(), atMs: v.number() })
const keptSchema = v.object({
  open: v.array(keptForm),
  closed: v.array(keptForm),
  sent: v.array(v.object({ request: argumentSchemas['produce.start'], atMs: v.number() })),
})

export function readKept(): Kept {
  const nothing: Kept = { open: [], closed: [], sent: [] }
  try {
    const read = v.safeParse(keptSchema, JSON.parse(localStorage.getItem(storageKey) ?? 'null'))
    return read.success ? read.output : nothing
  } catch {
    // Storage may be refused, or hold what another version wrote.
    return nothing
  }
}

export function writeKept(kept: Kept): void {
  const sent = kept.sent.filter((message) => JSON.stringify(message).length <= sentCharactersMax)
  let text = JSON.stringify({ ...kept, sent })
  // Drafts come first: what was sent stands in the topic as well.
  if (text.length > charactersMax) text = JSON.stringify({ ...kept, sent: [] })
  if (text.length > charactersMax)
    text = JSON.stringify({
      open: kept.open.filter((each) => JSON.stringify(each).length < charactersMax / 4),
      closed: [],
      sent: [],
    })
  try {
    localStorage.setItem(storageKey, text)
  } catch {
    // Full or refused: the forms live on in memory.
  }
}
