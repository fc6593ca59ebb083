/** Drafts, in the window's own storage; what was sent and saved is kept by the workspace. What is too large to keep is left out; what cannot be read is as if it were not there. */
import * as v from 'valibot'
import { payload } from '../../../shared/ipc/calls/atoms'
import { type ProduceForm, usualDelivery } from './produce-form'

export interface KeptForm {
  readonly form: ProduceForm
  readonly isDraft: boolean
  readonly atMs: number
}

export interface Kept {
  readonly open: KeptForm[]
  readonly closed: KeptForm[]
}

const storageKey = 'broker-workbench.produce'
/** Storage holds some five million characters for all of the window. */
const charactersMax = 2_000_000

/** A subject is chosen later than its format. */
const formPayload = v.union([
  payload,
  v.strictObject({ format: v.literal('schema'), text: v.string(), subject: v.literal(''), version: v.nullable(v.number()) }),
])
const typed = (usual: string) => v.optional(v.string(), usual)
const formSchema = v.strictObject({
  topic: v.string(),
  partition: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))),
  key: formPayload,
  value: formPayload,
  headers: v.array(v.strictObject({ id: v.number(), key: v.string(), value: formPayload })),
  timestamp: v.string(),
  acks: v.picklist([0, 1, -1]),
  compression: v.picklist(['none', 'gzip', 'snappy', 'lz4', 'zstd']),
  isIdempotent: v.optional(v.boolean(), true),
  lingerMs: typed(''),
  batchBytes: typed(''),
  transactionalId: typed(''),
  transactionSize: typed(usualDelivery.transactionSize),
  abortPercent: typed(usualDelivery.abortPercent),
  count: v.string(),
  isEndless: v.optional(v.boolean(), false),
  rate: typed(''),
  startAt: typed(''),
  repeatSeconds: typed(''),
  seed: typed(usualDelivery.seed),
  keyCount: typed(''),
  keySkew: v.optional(v.picklist(['even', 'zipf']), 'even'),
})
const keptForm = v.object({ form: formSchema, isDraft: v.boolean(), atMs: v.number() })
const keptSchema = v.object({
  open: v.array(keptForm),
  closed: v.array(keptForm),
})

export function readKept(): Kept {
  const nothing: Kept = { open: [], closed: [] }
  try {
    const read = v.safeParse(keptSchema, JSON.parse(localStorage.getItem(storageKey) ?? 'null'))
    return read.success ? read.output : nothing
  } catch {
    // Storage may be refused, or hold what another version wrote.
    return nothing
  }
}

export function writeKept(kept: Kept): void {
  let text = JSON.stringify(kept)
  // What stands open comes first.
  if (text.length > charactersMax)
    text = JSON.stringify({
      open: kept.open.filter((each) => JSON.stringify(each).length < charactersMax / 4),
      closed: [],
    })
  try {
    localStorage.setItem(storageKey, text)
  } catch {
    // Full or refused: the forms live on in memory.
  }
}
