/** Messages of a draft to begin with. */
import { sampleMessages } from '../../engine/schemas/samples'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { WholeDraft } from './drafts'

/** Laid out for an editor. Rejects where no message can be of the schema, with the reason. */
export function samplesOf({ type, text, referencedTexts }: WholeDraft, seed: number, count: number): readonly string[] {
  try {
    return sampleMessages({ type, text, references: referencedTexts }, { seed: seed | 0, count, pretty: true })
  } catch (error) {
    throw new WorkbenchError('expected', 'NO_SAMPLE', `No message can be made of this schema: ${(error as Error).message}.`)
  }
}

/** One, or null: beside an editor the reason is no news. */
export function sampleOf(draft: WholeDraft, seed: number): string | null {
  try {
    return samplesOf(draft, seed, 1)[0] ?? null
  } catch {
    return null
  }
}
