/** Messages of a draft to begin with. */
import type { ProtobufSchema } from '../../engine/schemas/protobuf'
import { sampleMessages } from '../../engine/schemas/samples'
import { type MessageIndexes, withMessageTag } from '../../engine/schemas/serde'
import { WorkbenchError } from '../../shared/ipc/errors'
import { indexesOfNamed, messageNames } from './codecs'
import type { WholeDraft } from './drafts'

/** Laid out for an editor. `message`: the name of one of a Protobuf file's, which then stands in its texts. Rejects where no message can be of the schema, with the reason. */
export function samplesOf(draft: WholeDraft, seed: number, count: number, message: string | null = null): readonly string[] {
  const { type, text, referencedTexts } = draft
  try {
    const messageIndexes = message === null ? null : indexesIn(draft, message)
    const samples = sampleMessages(
      { type, text, references: referencedTexts, ...(messageIndexes === null ? {} : { messageIndexes }) },
      { seed: seed | 0, count, pretty: true },
    )
    return message === null || messageIndexes === null ? samples : samples.map((sample) => withMessageTag(message, sample))
  } catch (error) {
    throw new WorkbenchError('expected', 'NO_SAMPLE', `No message can be made of this schema: ${(error as Error).message}.`)
  }
}

/** null: it is no Protobuf, and there is one message only. */
function indexesIn({ type, parsed }: WholeDraft, message: string): MessageIndexes | null {
  return type === 'PROTOBUF' && parsed !== null ? indexesOfNamed((parsed.schema as ProtobufSchema).file, message) : null
}

/** Of a Protobuf file, in the order in which the wire format counts them, each before those within it. */
export function messagesIn({ type, parsed }: WholeDraft): readonly string[] {
  return type === 'PROTOBUF' && parsed !== null ? messageNames((parsed.schema as ProtobufSchema).file) : []
}

/** One, or null: beside an editor the reason is no news. */
export function sampleOf(draft: WholeDraft, seed: number): string | null {
  try {
    return samplesOf(draft, seed, 1)[0] ?? null
  } catch {
    return null
  }
}
