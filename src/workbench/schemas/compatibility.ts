/**
 * Does a draft go with what is registered, and if not, what breaks, in which versions, where in the draft, and what would mend it. The rules
 * of levels are section "Compatibility types" of Confluent's documentation; those of each format are the format's own. Pure.
 */
import type {
  CompatibilityPolicy,
  Incompatibility,
  OutlineEntry,
  SchemaFix,
  SchemaType,
  SourceRange,
} from '../../engine/schemas/format'
import { formatOf } from '../../engine/schemas/formats'
import type { CompatibilityLevel, DraftAnalysis, DraftIncompatibility } from '../../shared/model/schemas'
import { forAuthor } from './sides'

export type Direction = 'BACKWARD' | 'FORWARD'
export type Verdict = NonNullable<DraftAnalysis['verdict']>

/** What a level asks: which directions, and of all versions or the latest alone. */
export function rulesOf(level: CompatibilityLevel): {
  readonly directions: readonly Direction[]
  readonly isTransitive: boolean
} {
  const isTransitive = level.endsWith('_TRANSITIVE')
  if (level === 'NONE') return { directions: [], isTransitive }
  if (level.startsWith('BACKWARD')) return { directions: ['BACKWARD'], isTransitive }
  if (level.startsWith('FORWARD')) return { directions: ['FORWARD'], isTransitive }
  return { directions: ['BACKWARD', 'FORWARD'], isTransitive }
}

/** `schema` is null where the registry holds what its format cannot parse any more. */
export interface ComparedVersion {
  readonly version: number
  readonly type: SchemaType
  readonly text: string
  readonly schema: unknown
}

export interface ComparedDraft {
  readonly type: SchemaType
  readonly text: string
  readonly schema: unknown
  /** Edits of `text` as edits of what the draft is written in, as far as there are any. */
  fixesInEditor(fixes: readonly SchemaFix[]): readonly SchemaFix[]
  locate(path: string): SourceRange | null
  outline(): readonly OutlineEntry[]
}

/** `versions` ascending and undeleted. */
export function compare(
  draft: ComparedDraft,
  versions: readonly ComparedVersion[],
  { level, policy }: { readonly level: CompatibilityLevel; readonly policy: CompatibilityPolicy },
): Pick<Verdict, 'versions' | 'isAllowed' | 'incompatibilities'> {
  const { directions, isTransitive } = rulesOf(level)
  // The newest first: what mends the draft is taken from the version that people know best.
  const newestFirst = [...versions].reverse()
  const reasons = new Reasons(draft, newestFirst)
  const verdicts: Verdict['versions'][number][] = []
  const latest = versions.at(-1)
  for (const version of newestFirst) {
    let isCompatible = true
    for (const direction of directions) {
      const found = incompatibilities(draft, version, direction, policy)
      if (found.length > 0) isCompatible = false
      for (const incompatibility of found) reasons.add(version, direction, incompatibility)
    }
    verdicts.push({
      version: version.version,
      isCompatible,
      isCompared: directions.length > 0 && (isTransitive || version === latest),
    })
  }
  return {
    versions: verdicts.reverse(),
    isAllowed: verdicts.every(({ isCompared, isCompatible }) => isCompatible || !isCompared),
    incompatibilities: reasons.list(),
  }
}

function incompatibilities(
  draft: ComparedDraft,
  version: ComparedVersion,
  direction: Direction,
  policy: CompatibilityPolicy,
): readonly Incompatibility[] {
  if (draft.type !== version.type) return [ofTheWhole('SCHEMA_TYPE_CHANGED', differentTypes(draft.type, version))]
  if (version.schema === null)
    return [ofTheWhole('UNREADABLE_VERSION', `Version ${version.version} cannot be read, so nothing can be said of it.`)]
  const format = formatOf(draft.type)
  return direction === 'BACKWARD'
    ? format.incompatibilities(draft.schema, version.schema, policy)
    : format.incompatibilities(version.schema, draft.schema, policy)
}

function differentTypes(type: SchemaType, version: ComparedVersion): string {
  return `The draft is ${type} and version ${version.version} is ${version.type}: in one subject they only go together under level NONE.`
}

function ofTheWhole(type: string, explanation: string): Incompatibility {
  return {
    type,
    path: '',
    writerPath: '',
    description: explanation,
    additionalInfo: null,
    explanation,
    mend: type === 'SCHEMA_TYPE_CHANGED' ? 'Register it under a subject of its own.' : null,
  }
}

interface Reason {
  readonly direction: Direction
  readonly incompatibility: Incompatibility
  readonly newest: ComparedVersion
  readonly versions: number[]
}

/** Fixes cost a parse each, and nobody reads the hundredth. */
const withFixesMax = 25

/** Equal reasons of several versions are one. */
class Reasons {
  private readonly reasons = new Map<string, Reason>()
  private readonly outlines = new Map<string, readonly OutlineEntry[]>()

  constructor(
    private readonly draft: ComparedDraft,
    private readonly newestFirst: readonly ComparedVersion[],
  ) {}

  add(version: ComparedVersion, direction: Direction, incompatibility: Incompatibility): void {
    const { type, path, explanation } = incompatibility
    // Across versions a field has another place in the reader's text when that is the old one.
    const place = direction === 'BACKWARD' ? path : (incompatibility.writerPath ?? '')
    const key = [direction, type, place, explanation].join('\n')
    const known = this.reasons.get(key)
    if (known === undefined) this.reasons.set(key, { direction, incompatibility, newest: version, versions: [version.version] })
    else if (!known.versions.includes(version.version)) known.versions.unshift(version.version)
  }

  list(): DraftIncompatibility[] {
    return [...this.reasons.values()].map((reason, index) => this.view(reason, index < withFixesMax))
  }

  private view({ direction, incompatibility, newest, versions }: Reason, hasFixes: boolean): DraftIncompatibility {
    const { type, path, writerPath, explanation, mend } = incompatibility
    const placeInDraft = direction === 'BACKWARD' ? path : writerPath
    return {
      type,
      direction,
      versions,
      subjectName: this.nameOf(direction, incompatibility, newest),
      explanation: forAuthor(explanation, direction),
      mend: mend === null ? null : forAuthor(mend, direction),
      fixes: hasFixes ? this.fixes(incompatibility, newest, direction) : [],
      range: placeInDraft === null ? null : this.draft.locate(placeInDraft),
      path: placeInDraft ?? path,
    }
  }

  private fixes(incompatibility: Incompatibility, version: ComparedVersion, direction: Direction): readonly SchemaFix[] {
    if (version.type !== this.draft.type) return []
    const others = this.newestFirst.filter((other) => other !== version && other.type === version.type).map(({ text }) => text)
    const { type, text } = this.draft
    return this.draft.fixesInEditor(formatOf(type).fixes(text, incompatibility, version.text, direction, others))
  }

  /** The reader's name for it: that is whose path it is. */
  private nameOf(direction: Direction, { path, additionalInfo }: Incompatibility, version: ComparedVersion): string {
    const outline = direction === 'BACKWARD' ? this.draftOutline() : this.outlineOf(version)
    return nameAt(outline, path) ?? additionalInfo ?? lastSegment(path)
  }

  private draftOutline(): readonly OutlineEntry[] {
    const known = this.outlines.get('')
    if (known !== undefined) return known
    const outline = this.draft.outline()
    this.outlines.set('', outline)
    return outline
  }

  private outlineOf(version: ComparedVersion): readonly OutlineEntry[] {
    const known = this.outlines.get(version.text)
    if (known !== undefined) return known
    const outline = formatOf(version.type).outline(version.text)
    this.outlines.set(version.text, outline)
    return outline
  }
}

/** The name of the innermost entry that a path is in; null where it is in none. Paths are JSON pointers, or dotted names. */
export function nameAt(outline: readonly OutlineEntry[], path: string): string | null {
  const property = propertyIn(path)
  if (property !== null) return property
  let found: OutlineEntry | null = null
  const visit = (entries: readonly OutlineEntry[]): void => {
    for (const entry of entries) {
      if (entry.path === path || isWithin(path, entry.path)) {
        if (found === null || entry.path.length >= found.path.length) found = entry
      }
      visit(entry.children)
    }
  }
  visit(outline)
  return (found as OutlineEntry | null)?.name ?? null
}

/**
 * The innermost property that a path of JSON Schema names. It may be gone from the text, be named in `required`, or stand behind a reference:
 * the outline has it in none of these.
 */
function propertyIn(path: string): string | null {
  if (!path.startsWith('#')) return null
  const named = [...path.matchAll(/\/(?:properties|required)\/([^/]+)/g)].at(-1)?.[1]
  return named === undefined ? null : named.replaceAll('~1', '/').replaceAll('~0', '~')
}

function isWithin(path: string, outer: string): boolean {
  return outer === '' || outer === '#' || (path.startsWith(outer) && (path[outer.length] === '/' || path[outer.length] === '.'))
}

function lastSegment(path: string): string {
  return path.split(/[/.]/).pop() ?? path
}
