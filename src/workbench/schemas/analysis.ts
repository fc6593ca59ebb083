/** What the panel beside the editor shows of a draft, and what changed between two texts: put together from the formats and the catalog. */
import { formatOf } from '../../engine/schemas/formats'
import type { SchemaChangeView } from '../../shared/model/schemas'
import { type ComparedVersion, compare, nameAt, rulesOf, type Verdict } from './compatibility'
import type { WholeDraft } from './drafts'
import type { RegisteredSchema, RegistryConfig } from './registry-client'

/** A registered version as analyses take it: parsed once, whatever is typed. */
export interface ParsedVersion extends ComparedVersion {
  readonly registered: RegisteredSchema
}

export type GoodDraft = WholeDraft & { readonly parsed: { readonly schema: unknown } }

/** `all` with softly deleted ones: their numbers are not given again. */
export function verdictOf(
  draft: GoodDraft,
  all: readonly RegisteredSchema[],
  live: readonly ParsedVersion[],
  config: RegistryConfig,
): Omit<Verdict, 'elapsedMs'> {
  const { type, text, fixesInEditor, locate, outline } = draft
  const { schema } = draft.parsed
  return {
    ...compare({ type, text, schema, fixesInEditor, locate, outline }, live, config),
    unchangedVersion: unchangedVersion(draft, live, config),
    level: config.level,
    nextVersion: all.reduce((max, { version }) => Math.max(max, version), 0) + 1,
  }
}

/** The newest version with this very schema: the registry compares canonical texts and references. */
function unchangedVersion(draft: GoodDraft, live: readonly ParsedVersion[], config: RegistryConfig): number | null {
  const format = formatOf(draft.type)
  const text = (parsed: unknown) => (config.normalize ? format.normalizedText(parsed) : format.canonicalText(parsed))
  const own = text(draft.parsed.schema)
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

/** Ranges are of the newer text. */
export function changesOf(older: GoodDraft, newer: GoodDraft, level: RegistryConfig['level']): SchemaChangeView[] {
  const { directions } = rulesOf(level)
  if (older.type !== newer.type) {
    return [
      {
        kind: 'changed',
        type: 'SCHEMA_TYPE_CHANGED',
        name: newer.type,
        description: `The schema was ${older.type} and is ${newer.type}.`,
        breaks: ['BACKWARD', 'FORWARD'],
        isForbidden: directions.length > 0,
        range: null,
      },
    ]
  }
  const olderOutline = older.outline()
  const newerOutline = newer.outline()
  return formatOf(newer.type)
    .changes(older.parsed.schema, newer.parsed.schema)
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
      range: newerPath === null ? null : newer.locate(newerPath),
    }))
}
