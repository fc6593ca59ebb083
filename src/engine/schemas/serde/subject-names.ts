/**
 * Which subject a schema is registered under for a topic: Confluent's strategies by their own names, and the two for references. Pure; the
 * associated strategy needs an answer of the registry, which its caller fetches.
 */
import type { SchemaReference } from '../format'
import type { RecordPart } from './wire-format'

export const subjectNameStrategies = [
  'TopicNameStrategy',
  'RecordNameStrategy',
  'TopicRecordNameStrategy',
  'AssociatedNameStrategy',
] as const
export type SubjectNameStrategy = (typeof subjectNameStrategies)[number]

export interface SubjectNameInput {
  readonly topic: string
  readonly part: RecordPart
  /** Full name of the record, message name or title (`SchemaFormat.recordName`); null where the schema has none. */
  readonly recordName: string | null
  /** The subject that the registry associates with this part of the topic; null: none, and the associated strategy falls back to the topic's. */
  readonly associatedSubject?: string | null
}

/** The strategy needs a record's name and the schema has none (an Avro primitive, a JSON Schema without title). */
export class SubjectNameError extends Error {
  override readonly name = 'SubjectNameError'
}

/** The subject's name. Throws {@link SubjectNameError} where the strategy wants a record's name and there is none. */
export function subjectName(strategy: SubjectNameStrategy, input: SubjectNameInput): string {
  switch (strategy) {
    case 'TopicNameStrategy':
      return `${input.topic}-${input.part}`
    case 'RecordNameStrategy':
      return requiredName(strategy, input)
    case 'TopicRecordNameStrategy':
      return `${input.topic}-${requiredName(strategy, input)}`
    case 'AssociatedNameStrategy':
      return input.associatedSubject ?? `${input.topic}-${input.part}`
  }
}

function requiredName(strategy: SubjectNameStrategy, { recordName, topic, part }: SubjectNameInput): string {
  if (recordName !== null && recordName !== '') return recordName
  throw new SubjectNameError(
    `${strategy} names subjects by their record, and the ${part} schema of topic '${topic}' has no name: give it one, or use TopicNameStrategy`,
  )
}

export const referenceNameStrategies = ['DefaultReferenceSubjectNameStrategy', 'QualifiedReferenceSubjectNameStrategy'] as const
export type ReferenceNameStrategy = (typeof referenceNameStrategies)[number]

/**
 * The subject that a reference's schema is registered under: its name as it stands, or, qualified, a Protobuf path with dots for slashes and
 * without its ending ("shop/order.proto" is "shop.order").
 */
export function referenceSubjectName(strategy: ReferenceNameStrategy, reference: Pick<SchemaReference, 'name'>): string {
  if (strategy === 'DefaultReferenceSubjectNameStrategy') return reference.name
  return reference.name.replace(/\.proto$/, '').replaceAll('/', '.')
}

/**
 * The subjects under which a topic's schemas may stand, likeliest first, among those that a registry has: what a form offers before a choice
 * is made. Record strategies are recognised by their `<topic>-` beginning.
 */
export function subjectsOfTopic(topic: string, part: RecordPart, subjects: readonly string[]): readonly string[] {
  const own = `${topic}-${part}`
  const other = `${topic}-${part === 'key' ? 'value' : 'key'}`
  const records = subjects.filter((subject) => subject.startsWith(`${topic}-`) && subject !== own && subject !== other)
  return [...(subjects.includes(own) ? [own] : []), ...records]
}
