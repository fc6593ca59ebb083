/**
 * What would mend an incompatibility of a draft, as edits of its text. A fix is offered only where its result parses (references left aside):
 * an editor that breaks a text by a click is worse than one that offers nothing.
 */
import type { Incompatibility, SchemaFix } from '../../format'
import { compareSchemas } from '../compatibility/checker'
import type { Finding } from '../compatibility/findings'
import { parseAvro } from '../parse/parse'
import { enumFixes } from './enum-fixes'
import { ambiguousAliasFixes, missingDefaultFixes } from './field-fixes'
import { remembering } from './recent'
import { type Direction, type Site, siteOf } from './site'
import { nameMismatchFixes, sizeFixes, typeMismatchFixes, unionFixes } from './type-fixes'

const makers: Readonly<Record<Finding['type'], (site: Site) => readonly SchemaFix[]>> = {
  NAME_MISMATCH: nameMismatchFixes,
  FIXED_SIZE_MISMATCH: sizeFixes,
  MISSING_ENUM_SYMBOLS: enumFixes,
  READER_FIELD_MISSING_DEFAULT_VALUE: missingDefaultFixes,
  TYPE_MISMATCH: typeMismatchFixes,
  MISSING_UNION_BRANCH: unionFixes,
  AMBIGUOUS_ALIAS: ambiguousAliasFixes,
}

const parses = (text: string): boolean => parseAvro(text, new Map(), { isNew: true }).ok
const isDraftWhole = remembering(parses)
const parseStored = remembering((text) => parseAvro(text, new Map(), { isNew: false }))

/** The likeliest first. */
export function avroFixes(
  draftText: string,
  incompatibility: Incompatibility,
  registeredText: string,
  direction: Direction,
  otherTexts: readonly string[] = [],
): readonly SchemaFix[] {
  const site = siteOf(draftText, incompatibility, registeredText, direction, otherTexts)
  if (!site || !Object.hasOwn(makers, incompatibility.type)) return []
  const type = incompatibility.type as Finding['type']
  const fixes = [...causeFixes(site, incompatibility), ...makers[type](site)]
  return isDraftWhole(draftText) ? fixes.filter((fix) => parses(apply(draftText, fix))) : fixes
}

/** A branch that is there and does not read: what keeps it from reading is to be mended, rather than the branch doubled. */
function causeFixes(site: Site, { type, path, writerPath }: Incompatibility): readonly SchemaFix[] {
  if (type !== 'MISSING_UNION_BRANCH') return []
  const [draft, registered] = [parseStored(site.draftText), parseStored(site.registeredText)]
  if (!draft.ok || !registered.ok) return []
  const isReader = site.direction === 'BACKWARD'
  const findings = compareSchemas((isReader ? draft : registered).value.root, (isReader ? registered : draft).value.root)
  const finding = findings.find(
    (candidate) => candidate.type === type && candidate.readerPath === path && candidate.writerPath === writerPath,
  )
  if (finding?.type !== 'MISSING_UNION_BRANCH') return []
  return finding.causes.flatMap((cause) =>
    makers[cause.type]({
      ...site,
      draftPath: isReader ? cause.readerPath : cause.writerPath,
      registeredPath: isReader ? cause.writerPath : cause.readerPath,
    }),
  )
}

function apply(text: string, fix: SchemaFix): string {
  return [...fix.edits]
    .sort((left, right) => right.from - left.from || right.to - left.to)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.insert + result.slice(edit.to), text)
}
