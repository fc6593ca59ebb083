/** A registry that only exists here: subjects, versions, levels, modes, deletion. Its answers have the shape and the words of the real one. */
import { WorkbenchError } from '../../../shared/ipc/errors'
import type {
  CompatibilityLevel,
  DraftAnalysis,
  DraftIncompatibility,
  EvolutionCheck,
  InferredSchema,
  ReferenceEdge,
  RegistryMode,
  RegistryView,
  SchemaDraft,
  SchemaReferenceView,
  SchemaType,
  SchemaVersionView,
  SubjectSummary,
  SubjectView,
} from '../../../shared/model/schemas'
import { changesOf, incompatibilitiesOf, outlineOf, problemsOf, sampleOf } from './fake-schema-analysis'
import type { FakeSubjectSeed } from './fake-schemas-data'

interface Version {
  readonly version: number
  readonly id: number
  readonly text: string
  readonly references: readonly SchemaReferenceView[]
  readonly registeredAtMs: number
  isDeleted: boolean
}

interface Subject {
  readonly type: SchemaType
  readonly versions: Version[]
  level: CompatibilityLevel | null
  mode: RegistryMode | null
}

const squeezed = (text: string): string => text.replace(/\s+/g, '')

export class FakeSchemas {
  readonly subjects = new Map<string, Subject>()
  level: CompatibilityLevel = 'BACKWARD'
  mode: RegistryMode = 'READWRITE'
  /** null: it is down, for the reason given. */
  problem: string | null = null
  revision = 1
  private nextId = 1

  constructor(
    seeds: readonly FakeSubjectSeed[],
    private readonly now: () => number,
  ) {
    for (const seed of seeds) {
      const versions = seed.texts.map((text, index): Version => {
        const isLast = index === seed.texts.length - 1
        const age = (seed.texts.length - index) * 9 * 86_400_000
        return {
          version: index + 1,
          id: this.nextId++,
          text,
          references: isLast ? (seed.references ?? []) : [],
          registeredAtMs: now() - age,
          isDeleted: false,
        }
      })
      const level = seed.subject === 'orders-value' ? 'BACKWARD_TRANSITIVE' : null
      this.subjects.set(seed.subject, { type: seed.type, versions, level, mode: null })
    }
  }

  registry(): RegistryView {
    return {
      url: this.problem === null ? 'http://127.0.0.1:8081' : null,
      problem: this.problem,
      level: this.level,
      mode: this.mode,
      subjectCount: this.subjects.size,
      revision: this.revision,
    }
  }

  list(deleted: boolean): SubjectSummary[] {
    return [...this.subjects].flatMap(([subject, { type, versions }]) => {
      const live = versions.filter((version) => !version.isDeleted)
      const latest = live.at(-1) ?? versions.at(-1)
      if (!latest || (live.length === 0 && !deleted)) return []
      return [
        {
          subject,
          type,
          latestVersion: latest.version,
          latestId: latest.id,
          versionCount: live.length,
          isDeleted: live.length === 0,
        },
      ]
    })
  }

  searchTexts(text: string): string[] {
    const wanted = text.toLowerCase()
    return [...this.subjects].flatMap(([subject, { versions }]) =>
      versions.at(-1)?.text.toLowerCase().includes(wanted) ? [subject] : [],
    )
  }

  view(subject: string): SubjectView {
    const found = this.need(subject)
    return {
      subject,
      versions: found.versions.map((version) => this.versionView(subject, found, version)),
      level: found.level,
      effectiveLevel: found.level ?? this.level,
      mode: found.mode,
      effectiveMode: found.mode ?? this.mode,
    }
  }

  private versionView(subject: string, { type }: Subject, version: Version): SchemaVersionView {
    return {
      subject,
      version: version.version,
      id: version.id,
      guid: `00000000-0000-4000-8000-${String(version.id).padStart(12, '0')}`,
      type,
      text: version.text,
      references: version.references,
      isDeleted: version.isDeleted,
      registeredAtMs: version.registeredAtMs,
      referencedBy: this.edges()
        .filter((edge) => edge.to.subject === subject && edge.to.version === version.version)
        .map((edge) => ({
          ...edge.from,
          id: this.subjects.get(edge.from.subject)?.versions.find((each) => each.version === edge.from.version)?.id ?? 0,
        })),
    }
  }

  edges(): ReferenceEdge[] {
    return [...this.subjects].flatMap(([subject, { versions }]) =>
      versions.flatMap((version) =>
        version.references.map((reference) => ({
          from: { subject, version: version.version },
          to: { subject: reference.subject, version: reference.version },
          name: reference.name,
        })),
      ),
    )
  }

  byId(id: number): SchemaVersionView[] {
    return [...this.subjects].flatMap(([name, subject]) =>
      subject.versions.filter((version) => version.id === id).map((version) => this.versionView(name, subject, version)),
    )
  }

  analyse(draft: SchemaDraft, seed: number): DraftAnalysis {
    const problems = problemsOf(draft)
    const outline = outlineOf(draft.text)
    if (problems.some((problem) => problem.severity === 'error')) return { problems, outline, verdict: null, sample: null }
    const subject = this.subjects.get(draft.subject)
    const live = subject?.versions.filter((version) => !version.isDeleted) ?? []
    const level = subject?.level ?? this.level
    const isTransitive = level.endsWith('_TRANSITIVE')
    const merged = new Map<string, DraftIncompatibility>()
    const versions = live.map((version, index) => {
      const found = level === 'NONE' ? [] : incompatibilitiesOf(draft.text, version.text, version.version)
      const isCompared = level !== 'NONE' && (isTransitive || index === live.length - 1)
      for (const each of isCompared ? found : []) {
        const key = `${each.type} ${each.path}`
        const known = merged.get(key)
        merged.set(key, known ? { ...known, versions: [...known.versions, version.version] } : each)
      }
      return { version: version.version, isCompatible: found.length === 0, isCompared }
    })
    const same = live.find((version) => squeezed(version.text) === squeezed(draft.text))
    const incompatibilities = [...merged.values()]
    return {
      problems,
      outline,
      verdict: {
        unchangedVersion: same?.version ?? null,
        level,
        isAllowed: incompatibilities.length === 0,
        versions,
        incompatibilities,
        nextVersion: (subject?.versions.at(-1)?.version ?? 0) + 1,
        elapsedMs: 4,
      },
      sample: sampleOf(draft.text, seed),
    }
  }

  textOf(
    side: { kind: 'version'; version: { subject: string; version: number } } | { kind: 'draft'; draft: SchemaDraft },
  ): string {
    if (side.kind === 'draft') return side.draft.text
    return this.need(side.version.subject).versions.find((each) => each.version === side.version.version)?.text ?? ''
  }

  changes(older: string, newer: string) {
    return changesOf(older, newer)
  }

  register(draft: SchemaDraft): { id: number; version: number; wasRegistered: boolean } {
    const analysis = this.analyse(draft, 1)
    if (!analysis.verdict) throw new WorkbenchError('expected', '42201', `Invalid schema: ${analysis.problems[0]?.message ?? ''}`)
    const same = this.subjects.get(draft.subject)?.versions.find((each) => each.version === analysis.verdict?.unchangedVersion)
    if (same) return { id: same.id, version: same.version, wasRegistered: false }
    const mode = this.subjects.get(draft.subject)?.mode ?? this.mode
    if (mode === 'READONLY') throw new WorkbenchError('expected', '42205', `Subject ${draft.subject} is in read-only mode.`)
    if (!analysis.verdict.isAllowed)
      throw new WorkbenchError(
        'expected',
        '409',
        `The draft is incompatible with ${draft.subject} under ${analysis.verdict.level}.`,
      )
    const type = draft.language === 'json-schema' ? 'JSON' : draft.language === 'protobuf' ? 'PROTOBUF' : 'AVRO'
    const subject = this.subjects.get(draft.subject) ?? { type: type as SchemaType, versions: [], level: null, mode: null }
    this.subjects.set(draft.subject, subject)
    const version = {
      version: analysis.verdict.nextVersion,
      id: this.nextId++,
      // As a registry keeps it: on one line, whatever was sent.
      text: type === 'PROTOBUF' || draft.language === 'avro-idl' ? draft.text : JSON.stringify(JSON.parse(draft.text)),
      references: draft.references,
      registeredAtMs: this.now(),
      isDeleted: false,
    }
    subject.versions.push(version)
    this.revision++
    return { id: version.id, version: version.version, wasRegistered: true }
  }

  evolution(topic: string, draft: SchemaDraft, count: number): EvolutionCheck {
    const drops = draft.text.includes('CANCELLED') && !draft.text.includes('REFUNDED')
    const verdicts = Array.from({ length: Math.min(count, 1000) }, (_, index) => !drops || (index !== 340 && index !== 770))
    const failedCount = verdicts.filter((ok) => !ok).length
    const failure = (partition: number, offset: number, version: number) => ({
      partition,
      offset,
      writtenWith: { subject: `${topic}-value`, version, id: version + 10 },
      field: 'status',
      reason: 'symbol REFUNDED unknown',
    })
    return {
      topic,
      checkedCount: verdicts.length,
      okCount: verdicts.length - failedCount,
      failedCount,
      verdicts,
      firstFailures: drops ? [failure(2, 884_431, 7), failure(0, 884_602, 6)] : [],
      elapsedMs: 38,
    }
  }

  infer(name: string, language: 'avro' | 'json-schema', sampleCount: number): InferredSchema {
    const text =
      language === 'avro'
        ? JSON.stringify(
            {
              type: 'record',
              name,
              namespace: 'local',
              fields: [
                { name: 'orderId', type: 'long' },
                { name: 'status', type: 'string' },
              ],
            },
            null,
            2,
          )
        : JSON.stringify(
            { title: name, type: 'object', properties: { orderId: { type: 'integer' }, status: { type: 'string' } } },
            null,
            2,
          )
    const at = text.lastIndexOf('"string"')
    return {
      language,
      text,
      sampleCount,
      skipped: [],
      notes: [
        {
          path: '/fields/0',
          decision: 'orderId is a long: the largest value passes 2^31.',
          sampleCount,
          ofCount: sampleCount,
          suggestion: null,
        },
        {
          path: '/fields/1',
          decision: 'status is a string.',
          sampleCount,
          ofCount: sampleCount,
          suggestion: {
            label: 'Make it an enum of 4 symbols',
            edits: [
              {
                from: at,
                to: at + 8,
                insert: '{ "type": "enum", "name": "Status", "symbols": ["PLACED", "PAID", "SHIPPED", "CANCELLED"] }',
              },
            ],
          },
        },
      ],
    }
  }

  deleteVersion(name: string, version: number, permanent: boolean): void {
    const subject = this.need(name)
    const at = subject.versions.findIndex((each) => each.version === version)
    const found = subject.versions[at]
    if (!found) throw new WorkbenchError('expected', '40402', `Version ${version} not found.`)
    if (permanent && !found.isDeleted)
      throw new WorkbenchError(
        'expected',
        '40407',
        `Subject '${name}' Version ${version} was not deleted first before being permanently deleted`,
      )
    const user = this.edges().find((edge) => edge.to.subject === name && edge.to.version === version)
    if (user)
      throw new WorkbenchError(
        'expected',
        '42206',
        `One or more references exist to the schema {subject=${name},version=${version}}.`,
      )
    if (permanent) subject.versions.splice(at, 1)
    else found.isDeleted = true
    if (subject.versions.length === 0) this.subjects.delete(name)
    this.revision++
  }

  deleteSubject(name: string, permanent: boolean): void {
    for (const version of [...this.need(name).versions])
      if (permanent || !version.isDeleted) this.deleteVersion(name, version.version, permanent)
  }

  restore(name: string, version: number): void {
    const found = this.need(name).versions.find((each) => each.version === version)
    if (found) found.isDeleted = false
    this.revision++
  }

  need(subject: string): Subject {
    if (this.problem !== null) throw new WorkbenchError('expected', 'REGISTRY_DOWN', this.problem)
    const found = this.subjects.get(subject)
    if (!found) throw new WorkbenchError('expected', '40401', `Subject '${subject}' not found.`)
    return found
  }
}
