/** An analysis in words and marks: what the panel lists, what the editor marks, what the strip says of each version. Pure. */
import type {
  CompatibilityLevel,
  DraftAnalysis,
  DraftIncompatibility,
  SchemaChangeView,
  SchemaFixView,
  SchemaProblemView,
  SourceRangeView,
} from '../../../shared/model/schemas'
import { zoned } from '../../ui'
import type { EditorMark, EditorMarks } from './editor/editor-marks'

export type Verdict = 'none' | 'invalid' | 'unchanged' | 'first' | 'compatible' | 'unchecked' | 'incompatible'

export function verdictOf(analysis: DraftAnalysis | null): Verdict {
  if (!analysis) return 'none'
  const { verdict } = analysis
  if (!verdict) return 'invalid'
  if (verdict.unchangedVersion !== null) return 'unchanged'
  if (verdict.versions.length === 0) return 'first'
  if (verdict.level === 'NONE') return 'unchecked'
  return verdict.isAllowed ? 'compatible' : 'incompatible'
}

/** What a level promises, in one sentence each (the registry's documentation). */
export const levelWords: Readonly<Record<CompatibilityLevel, string>> = {
  NONE: 'Nothing is compared.',
  BACKWARD: 'Readers with the new schema read what the latest version wrote. Readers go first.',
  BACKWARD_TRANSITIVE: 'Readers with the new schema read what every version wrote. Readers go first.',
  FORWARD: 'Readers with the latest version read what the new schema writes. Writers go first.',
  FORWARD_TRANSITIVE: 'Readers with any version read what the new schema writes. Writers go first.',
  FULL: 'Both ways with the latest version: readers and writers go in any order.',
  FULL_TRANSITIVE: 'Both ways with every version: readers and writers go in any order.',
}

/** What is said of a version that goes with the draft. */
export const agreeWord = (level: CompatibilityLevel): string =>
  level === 'NONE'
    ? 'not checked'
    : level.startsWith('BACKWARD')
      ? 'reads'
      : level.startsWith('FORWARD')
        ? 'is read'
        : 'both ways'

export interface PanelEntry {
  readonly key: string
  readonly severity: 'error' | 'warning'
  /** What it is about; null for the text as a whole. */
  readonly name: string | null
  readonly message: string
  readonly hint: string | null
  readonly fixes: readonly SchemaFixView[]
  readonly versions: readonly number[]
  readonly range: SourceRangeView | null
  readonly line: number | null
  readonly type: string | null
  readonly path: string
}

const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/** Errors of the text, then what breaks, then warnings; each in the order of the text. */
export function panelEntries(analysis: DraftAnalysis | null, text: string): readonly PanelEntry[] {
  if (!analysis) return []
  const problem = (each: SchemaProblemView, index: number): PanelEntry => ({
    key: `problem ${index} ${each.path} ${each.from}`,
    severity: each.severity,
    name: nameAt(each, analysis) ?? null,
    message: each.message,
    hint: each.hint,
    fixes: each.fixes,
    versions: [],
    range: { from: each.from, to: each.to },
    line: lineOf(text, each.from),
    type: null,
    path: each.path,
  })
  const breaking = (each: DraftIncompatibility): PanelEntry => ({
    key: `break ${each.type} ${each.direction} ${each.path} ${each.versions.join(' ')}`,
    severity: 'error',
    name: each.subjectName === '' ? null : each.subjectName,
    message: each.explanation,
    hint: each.mend,
    fixes: each.fixes,
    versions: each.versions,
    range: each.range,
    line: each.range ? lineOf(text, each.range.from) : null,
    type: each.type,
    path: each.path,
  })
  const errors = analysis.problems.filter((each) => each.severity === 'error')
  const warnings = analysis.problems.filter((each) => each.severity === 'warning')
  return [...errors.map(problem), ...(analysis.verdict?.incompatibilities ?? []).map(breaking), ...warnings.map(problem)]
}

/** The field of the outline that a place belongs to. */
function nameAt({ from }: SourceRangeView, { outline }: DraftAnalysis): string | undefined {
  let found: string | undefined
  let entries = outline
  for (let depth = 0; depth < 32; depth++) {
    const entry = entries.find((each) => each.from <= from && from < Math.max(each.to, each.from + 1))
    if (!entry) return found
    found = entry.name
    entries = entry.children
  }
  return found
}

/** Runs of three and more by their ends: on a line there is no room for each of fourteen. */
export function versionWords(versions: readonly number[]): string {
  const runs: [number, number][] = []
  for (const version of [...versions].sort((left, right) => left - right)) {
    const last = runs.at(-1)
    if (last && version === last[1] + 1) last[1] = version
    else runs.push([version, version])
  }
  return runs
    .map(([from, to]) => (from === to ? `v${from}` : to === from + 1 ? `v${from}, v${to}` : `v${from} to v${to}`))
    .join(', ')
}

export function marksOf(analysis: DraftAnalysis | null, changes: readonly SchemaChangeView[]): EditorMarks {
  if (!analysis) return { marks: [], added: [] }
  const marks: EditorMark[] = analysis.problems.map(({ from, to, severity, message, hint, fixes }) => ({
    from,
    to,
    severity,
    note: firstSentence(message),
    message,
    hint,
    fixes,
  }))
  for (const each of analysis.verdict?.incompatibilities ?? []) {
    if (!each.range) continue
    marks.push({
      ...each.range,
      severity: 'error',
      note: `${breakWords(each)}: ${versionWords(each.versions)}`,
      message: each.explanation,
      hint: each.mend,
      fixes: each.fixes,
    })
  }
  const added = changes.flatMap((change) =>
    change.kind === 'added' && !change.isForbidden && change.range ? [change.range] : [],
  )
  return { marks, added }
}

/** What stands behind a line has little room; the panel and the hover say the rest. */
function firstSentence(message: string): string {
  const end = /[.:;](?:\s|$)/.exec(message)?.index ?? message.length
  const first = message.slice(0, end)
  return first.length > 80 ? `${first.slice(0, 79)}…` : first
}

const shortWords: Readonly<Record<string, string>> = {
  READER_FIELD_MISSING_DEFAULT_VALUE: 'no default',
  MISSING_ENUM_SYMBOLS: 'symbol removed, no enum default',
  TYPE_MISMATCH: 'type changed',
  NAME_MISMATCH: 'name changed',
  FIXED_SIZE_MISMATCH: 'size changed',
  MISSING_UNION_BRANCH: 'branch missing',
}

/** A few words for the end of a line; the whole sentence stands in the panel. */
const breakWords = ({ type, direction }: DraftIncompatibility): string =>
  shortWords[type] ?? `${type.toLowerCase().replaceAll('_', ' ')}${direction === 'FORWARD' ? ' (for old readers)' : ''}`

/** What a change does to who reads and writes, in two words. */
export function effectOf({ breaks, isForbidden }: Pick<SchemaChangeView, 'breaks' | 'isForbidden'>): {
  readonly text: string
  readonly severity: 'error' | 'warn' | 'ok'
} {
  if (isForbidden) return { text: 'breaks', severity: 'error' }
  if (breaks.length === 2) return { text: 'breaks both', severity: 'warn' }
  if (breaks[0] === 'BACKWARD') return { text: 'new readers', severity: 'warn' }
  if (breaks[0] === 'FORWARD') return { text: 'old readers', severity: 'warn' }
  return { text: 'safe', severity: 'ok' }
}

/** Fits the strip: `4 Aug`, with the year where it is another one. */
export function shortDate(ms: number, nowMs: number): string {
  const { clock } = zoned(ms)
  const isThisYear = clock.getUTCFullYear() === zoned(nowMs).clock.getUTCFullYear()
  const hours = `${String(clock.getUTCHours()).padStart(2, '0')}:${String(clock.getUTCMinutes()).padStart(2, '0')}`
  if (nowMs - ms < 43_200_000 && nowMs >= ms) return hours
  const month = clock.toLocaleString('en', { month: 'short', timeZone: 'UTC' })
  return `${clock.getUTCDate()} ${month}${isThisYear ? '' : ` ${clock.getUTCFullYear()}`}`
}
