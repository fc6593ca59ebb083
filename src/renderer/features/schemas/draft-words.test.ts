import { describe, expect, it } from 'vitest'
import type { DraftAnalysis, DraftIncompatibility } from '../../../shared/model/schemas'
import { effectOf, marksOf, panelEntries, shortDate, verdictOf, versionWords } from './draft-words'

const text = '{\n  "type": "record",\n  "name": "A"\n}'
const breaking: DraftIncompatibility = {
  type: 'READER_FIELD_MISSING_DEFAULT_VALUE',
  direction: 'BACKWARD',
  versions: [1, 3],
  subjectName: 'currency',
  explanation: "Versions 1 and 3 have no field 'currency'.",
  mend: 'Give it a default.',
  fixes: [],
  range: { from: 24, to: 30 },
  path: '/fields/0',
}
const analysis = (
  change: Partial<DraftAnalysis> = {},
  incompatibilities: readonly DraftIncompatibility[] = [],
): DraftAnalysis => ({
  problems: [],
  outline: [],
  sample: null,
  verdict: {
    unchangedVersion: null,
    level: 'BACKWARD',
    isAllowed: incompatibilities.length === 0,
    versions: [{ version: 1, isCompatible: incompatibilities.length === 0, isCompared: true }],
    incompatibilities,
    nextVersion: 2,
    elapsedMs: 1,
  },
  ...change,
})

describe('the verdict on a draft', () => {
  it('names each state that a person must tell apart', () => {
    const { verdict } = analysis()
    if (!verdict) throw new Error('no verdict')
    expect(verdictOf(null)).toBe('none')
    expect(verdictOf(analysis({ verdict: null }))).toBe('invalid')
    expect(verdictOf(analysis())).toBe('compatible')
    expect(verdictOf(analysis({}, [breaking]))).toBe('incompatible')
    expect(verdictOf(analysis({ verdict: { ...verdict, unchangedVersion: 1 } }))).toBe('unchanged')
    expect(verdictOf(analysis({ verdict: { ...verdict, versions: [] } }))).toBe('first')
    expect(verdictOf(analysis({ verdict: { ...verdict, level: 'NONE' } }))).toBe('unchecked')
  })
})

describe('the entries of the panel', () => {
  const problem = (severity: 'error' | 'warning', from: number) => ({
    severity,
    from,
    to: from + 2,
    message: 'Wrong. Truly.',
    hint: null,
    path: '',
    fixes: [],
  })
  it('stand as errors of the text, then what breaks, then warnings', () => {
    const entries = panelEntries(analysis({ problems: [problem('warning', 2), problem('error', 24)] }, [breaking]), text)
    expect(entries.map((entry) => [entry.severity, entry.type])).toEqual([
      ['error', null],
      ['error', 'READER_FIELD_MISSING_DEFAULT_VALUE'],
      ['warning', null],
    ])
    expect(entries.map((entry) => entry.line)).toEqual([3, 3, 2])
  })
  it('are named after the innermost field that they stand in', () => {
    const field = { name: 'b', detail: 'long', path: '/fields/0', from: 20, to: 34, children: [] }
    const outline = [{ name: 'A', detail: 'record', path: '', from: 0, to: 40, children: [field] }]
    expect(panelEntries(analysis({ outline, problems: [problem('error', 24)] }), text)[0]?.name).toBe('b')
  })
  it('keep their key while their place moves, so that the page does not jump', () => {
    const moved = { ...breaking, range: { from: 26, to: 32 } }
    expect(panelEntries(analysis({}, [breaking]), text)[0]?.key).toBe(panelEntries(analysis({}, [moved]), text)[0]?.key)
  })
})

describe('the marks of the editor', () => {
  it('say in few words which versions a line breaks', () => {
    expect(marksOf(analysis({}, [breaking]), []).marks[0]?.note).toBe('no default: v1, v3')
  })
  it('leave out what stands in the older text only, and mark additions that are allowed', () => {
    const change = {
      kind: 'added' as const,
      type: 'x',
      name: 'a',
      description: '',
      breaks: [],
      isForbidden: false,
      range: { from: 1, to: 2 },
    }
    const marks = marksOf(analysis({}, [{ ...breaking, range: null }]), [change, { ...change, isForbidden: true }])
    expect(marks.marks).toEqual([])
    expect(marks.added).toEqual([{ from: 1, to: 2 }])
  })
})

it('tells what a change does to readers apart from what the level forbids', () => {
  expect(effectOf({ breaks: ['BACKWARD'], isForbidden: true }).text).toBe('breaks')
  expect(effectOf({ breaks: ['FORWARD'], isForbidden: false })).toEqual({ text: 'old readers', severity: 'warn' })
  expect(effectOf({ breaks: [], isForbidden: false }).severity).toBe('ok')
})

it('names versions in a row by their ends', () => {
  expect(versionWords([1, 2])).toBe('v1, v2')
  expect(versionWords([14, 2, 3, 4, 6, 8, 9])).toBe('v2 to v4, v6, v8, v9, v14')
  expect(versionWords([])).toBe('')
})

it('writes dates as short as the strip needs them', () => {
  const now = new Date(2026, 10, 23, 14, 0).getTime()
  expect(shortDate(new Date(2026, 7, 4, 9, 5).getTime(), now)).toBe('4 Aug')
  expect(shortDate(new Date(2025, 7, 4).getTime(), now)).toBe('4 Aug 2025')
  expect(shortDate(new Date(2026, 10, 23, 9, 5).getTime(), now)).toBe('09:05')
})
