/** Schemas from what is there: messages of a topic, plain or by other schemas, and text that somebody pasted. */
import { type InferenceLanguage, inferSchema, splitSamples } from '../../engine/schemas/inference'
import { WorkbenchError } from '../../shared/ipc/errors'
import type { InferredSchema } from '../../shared/model/schemas'
import type { TopicRecord } from '../messages/topic-records'
import { SchemaCodec } from './codecs'
import type { RecordDecoder } from './record-decoder'
import type { WholeSchema } from './schema-texts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Rejects with NOTHING_TO_INFER where no message holds JSON. Tombstones and missing keys are no samples. */
export async function inferFromRecords(
  records: readonly TopicRecord[],
  options: { readonly topic: string; readonly part: 'key' | 'value'; readonly language: InferenceLanguage },
  decoder: RecordDecoder,
): Promise<InferredSchema> {
  const { topic, part, language } = options
  const samples: string[] = []
  const codecs = new Map<WholeSchema, SchemaCodec>()
  for (const { record } of records) {
    if (record[part] === null) continue
    const waiting = decoder.prepare([record])
    if (waiting !== null) await waiting
    samples.push(textOf(decoder.source(topic, part, record), codecs))
  }
  if (samples.length === 0)
    throw nothing(
      records.length === 0
        ? `${topic} has no messages. Produce one, or paste JSON.`
        : `None of the newest ${records.length} messages of ${topic} has a ${part}.`,
    )
  return infer(samples, part === 'key' ? `${topic}-key` : topic, language)
}

export function inferFromText(text: string, name: string, language: InferenceLanguage): InferredSchema {
  const samples = splitSamples(text)
  if (samples.length === 0) throw nothing('There is no text to infer from. Paste one or more messages as JSON.')
  return infer(samples, name, language)
}

/** What is no text, or cannot be decoded, stays in as what it is: inference says of it that it is no JSON. */
function textOf(source: ReturnType<RecordDecoder['source']>, codecs: Map<WholeSchema, SchemaCodec>): string {
  try {
    switch (source.kind) {
      case 'plain':
        return utf8.decode(source.payload)
      case 'unknown':
        return ''
      case 'known': {
        let codec = codecs.get(source.schema)
        if (codec === undefined) {
          codec = new SchemaCodec(source.schema)
          codecs.set(source.schema, codec)
        }
        return codec.decode(source.payload, source.messageIndexes)
      }
    }
  } catch {
    return ''
  }
}

function infer(samples: readonly string[], name: string, language: InferenceLanguage): InferredSchema {
  try {
    const inferred = inferSchema(samples, { language, name })
    return {
      language: inferred.language,
      text: inferred.text,
      sampleCount: inferred.sampleCount,
      skipped: inferred.skipped,
      notes: inferred.notes.map(({ path, decision, sampleCount, ofCount, suggestion }) => ({
        path,
        decision,
        sampleCount,
        ofCount,
        suggestion,
      })),
    }
  } catch (error) {
    throw nothing(`${(error as Error).message}.`)
  }
}

function nothing(message: string): WorkbenchError {
  return new WorkbenchError('expected', 'NOTHING_TO_INFER', message)
}
