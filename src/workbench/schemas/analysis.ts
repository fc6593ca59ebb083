/** What the panel beside the editor shows of a draft, and what changed between two texts: put together from the formats and the catalog. */
import type { SchemaProblem } from '../../engine/schemas/format'
import { formatOf } from '../../engine/schemas/formats'
import type { DraftAnalysis, SchemaChangeView } from '../../shared/model/schemas'
import { type ComparedVersion, compare, nameAt, rulesOf, type Verdict } from './compatibility'
import type { WholeDraft } from './drafts'
import type { RegisteredSchema, RegistryConfig } from './registry-client'

/** A registered version as analyses take it: parsed once, whatever is typed. */
export interface ParsedVersion extends ComparedVersion {
  readonly registered: RegisteredSchema
}

export interface ParsedDraft {
  readonly schema: unknown
  readonly warnings: readonly SchemaProblem[]
}

/** Errors of the draft, or its parsed form with what is odd in it. */
export function parseDraft(draft: WholeDraft): {
  readonly parsed: ParsedDraft | null
  readonly problems: readonly SchemaProblem[]
} {
  const format = formatOf(draft.type)
  const result = format.parse(draft.text, draft.referencedTexts, { isNew: true })
  if (!result.ok) return { parsed: null, problems: result.error }
  const warnings = format.warnings(draft.text, result.value)
  return { parsed: { schema: result.value, warnings }, problems: warnings }
}

/** `all` with softly deleted ones: their numbers are not given again. */
export function verdictOf(
  draft: WholeDraft,
  parsed: ParsedDraft,
  all: readonly RegisteredSchema[],
  live: readonly ParsedVersion[],
  config: RegistryConfig,
): Omit<Verdict, 'elapsedMs'> {
  const { schema } = parsed
  const compared = compare(
    { type: draft.type, text: draft.text, schema, locate: draft.locate, outline: draft.outline },
    live,
    config,
  )
  return {
    ...compared,
    unchangedVersion: unchangedVersion(draft, schema, live, config),
    level: config.level,
    nextVersion: all.reduce((max, { version }) => Math.max(max, version), 0) + 1,
  }
}

/** The newest version with this very schema: the registry compares canonical texts and references. */
function unchangedVersion(
  draft: WholeDraft,
  schema: unknown,
  live: readonly ParsedVersion[],
  config: RegistryConfig,
): number | null {
  const format = formatOf(draft.type)
  const text = (parsed: unknown) => (config.normalize ? format.normalizedText(parsed) : format.canonicalText(parsed))
  const own = text(schema)
  const references = referenceKey(draft.references)
  for (const version of [...live].reverse()) {
    if (version.type !== draft.type || version.schema === null) continue
    if (referenceKey(version.registered.references) === references && text(version.schema) === own) return version.version
  }
  return null
}

function referenceKey(references: WholeDraft['references']): string {
  return JSON.stringify(references.map(({ name, subject, version }) => [name, subject, version]).sort())
}

export interface ChangeSide {
  readonly draft: WholeDraft
  readonly schema: unknown
}

/** Ranges are of the newer text. */
export function changesOf(older: ChangeSide, newer: ChangeSide, level: RegistryConfig['level']): SchemaChangeView[] {
  if (older.draft.type !== newer.draft.type) {
    return [
      {
        kind: 'changed',
        type: 'SCHEMA_TYPE_CHANGED',
        name: newer.draft.type,
        description: `The schema was ${older.draft.type} and is ${newer.draft.type}.`,
        breaks: ['BACKWARD', 'FORWARD'],
        isForbidden: level !== 'NONE',
        range: null,
      },
    ]
  }
  const { directions } = rulesOf(level)
  const olderOutline = older.draft.outline()
  const newerOutline = newer.draft.outline()
  return formatOf(newer.draft.type)
    .changes(older.schema, newer.schema)
    .map(({ kind, type, olderPath, newerPath, description, breaks }) => ({
      kind,
      type,
      name:
        (newerPath === null ? null : nameAt(newerOutline, newerPath)) ??
        (olderPath === null ? null : nameAt(olderOutline, olderPath)) ??
        newerPath ??
        olderPath ??
        '',
      description,
      breaks,
      isForbidden: breaks.some((direction) => directions.includes(direction)),
      range: newerPath === null ? null : newer.draft.locate(newerPath),
    }))
}

export const emptyAnalysis: Pick<DraftAnalysis, 'verdict' | 'sample'> = { verdict: null, sample: null }
