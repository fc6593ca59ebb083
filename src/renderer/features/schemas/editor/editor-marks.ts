/**
 * Marks of the editor: what is wrong at a place (mark in the gutter, soft line, wavy token, sentence after the line) and which lines the
 * draft adds. They move with the text until the next answer; their fixes hold only for the text that they were made for.
 */
import { type EditorState, type Extension, RangeSetBuilder, StateEffect, StateField } from '@codemirror/state'
import { type Command, Decoration, type DecorationSet, EditorView, GutterMarker, gutter, WidgetType } from '@codemirror/view'
import type { SchemaFixView, SourceRangeView } from '../../../../shared/model/schemas'

export interface EditorMark extends SourceRangeView {
  readonly severity: 'error' | 'warning'
  /** After the line: short. */
  readonly note: string
  /** On hover: whole. */
  readonly message: string
  readonly hint: string | null
  readonly fixes: readonly SchemaFixView[]
}

export interface EditorMarks {
  readonly marks: readonly EditorMark[]
  readonly added: readonly SourceRangeView[]
}

interface MarkState extends EditorMarks {
  readonly decorations: DecorationSet
  /** The text is still the one that the fixes are for. */
  readonly isCurrent: boolean
}

const noMarks: EditorMarks = { marks: [], added: [] }
export const setMarks = StateEffect.define<EditorMarks>()

class NoteWidget extends WidgetType {
  constructor(
    readonly note: string,
    readonly severity: EditorMark['severity'],
  ) {
    super()
  }
  override eq(other: NoteWidget): boolean {
    return other.note === this.note && other.severity === this.severity
  }
  override toDOM(): HTMLElement {
    const element = document.createElement('span')
    element.className = `cm-note cm-note-${this.severity}`
    element.textContent = this.note
    return element
  }
  override ignoreEvent(): boolean {
    return false
  }
}

const lineClasses = { error: 'cm-line-error', warning: 'cm-line-warning', added: 'cm-line-added' } as const

function decorate(state: EditorState, { marks, added }: EditorMarks): DecorationSet {
  const lines = new Map<number, { kind: keyof typeof lineClasses; notes: EditorMark[] }>()
  for (const range of added) {
    const last = state.doc.lineAt(range.to).number
    for (let number = state.doc.lineAt(range.from).number; number <= last; number++)
      lines.set(number, { kind: 'added', notes: [] })
  }
  for (const mark of marks) {
    const { number } = state.doc.lineAt(mark.from)
    const line = lines.get(number) ?? { kind: mark.severity, notes: [] }
    if (mark.severity === 'error' || line.kind === 'added') line.kind = mark.severity
    line.notes.push(mark)
    lines.set(number, line)
  }
  const all = []
  for (const [number, { kind, notes }] of lines) {
    const line = state.doc.line(number)
    all.push(Decoration.line({ class: lineClasses[kind] }).range(line.from))
    const first = notes.find((mark) => mark.severity === 'error') ?? notes[0]
    if (first) {
      const note = notes.length > 1 ? `${first.note} and ${notes.length - 1} more` : first.note
      all.push(Decoration.widget({ widget: new NoteWidget(note, first.severity), side: 1 }).range(line.to))
    }
  }
  for (const { from, to, severity } of marks)
    if (to > from) all.push(Decoration.mark({ class: `cm-squiggle cm-squiggle-${severity}` }).range(from, to))
  return Decoration.set(all, true)
}

/** Places of an older text must not reach out of this one. */
function clamp<Range extends SourceRangeView>(range: Range, length: number): Range {
  const from = Math.min(Math.max(0, range.from), length)
  return { ...range, from, to: Math.min(Math.max(from, range.to), length) }
}

export const marksField = StateField.define<MarkState>({
  create: () => ({ ...noMarks, decorations: Decoration.none, isCurrent: true }),
  update(value, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue
      const { length } = transaction.state.doc
      const next = {
        marks: effect.value.marks.map((mark) => clamp(mark, length)),
        added: effect.value.added.map((range) => clamp(range, length)),
      }
      return { ...next, decorations: decorate(transaction.state, next), isCurrent: true }
    }
    if (!transaction.docChanged) return value
    const move = <Range extends SourceRangeView>(range: Range): Range => ({
      ...range,
      from: transaction.changes.mapPos(range.from, 1),
      to: Math.max(transaction.changes.mapPos(range.from, 1), transaction.changes.mapPos(range.to, -1)),
    })
    const next = { marks: value.marks.map(move), added: value.added.map(move) }
    return { ...next, decorations: decorate(transaction.state, next), isCurrent: false }
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.decorations),
})

const drawings = {
  error: ['M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20', 'm15 9-6 6', 'm9 9 6 6'],
  warning: ['m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3', 'M12 9v4', 'M12 17h.01'],
} as const

class SeverityMarker extends GutterMarker {
  constructor(readonly severity: EditorMark['severity']) {
    super()
  }
  override eq(other: SeverityMarker): boolean {
    return other.severity === this.severity
  }
  override toDOM(): Node {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
    svg.setAttribute('viewBox', '0 0 24 24')
    svg.setAttribute('class', `cm-severity cm-severity-${this.severity}`)
    svg.setAttribute('role', 'img')
    svg.setAttribute('aria-label', this.severity)
    for (const drawing of drawings[this.severity]) {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
      path.setAttribute('d', drawing)
      svg.append(path)
    }
    return svg
  }
}
const markers = { error: new SeverityMarker('error'), warning: new SeverityMarker('warning') }

export const marksGutter: Extension = gutter({
  class: 'cm-marks',
  markers: (view) => {
    const byLine = new Map<number, EditorMark['severity']>()
    for (const mark of view.state.field(marksField).marks) {
      const { from } = view.state.doc.lineAt(mark.from)
      if (byLine.get(from) !== 'error') byLine.set(from, mark.severity)
    }
    const builder = new RangeSetBuilder<GutterMarker>()
    for (const [from, severity] of [...byLine].sort((left, right) => left[0] - right[0]))
      builder.add(from, from, markers[severity])
    return builder.finish()
  },
})

/** The mark after (1) or before (-1) a place, round the ends. */
export function markFrom<Mark extends SourceRangeView>(marks: readonly Mark[], at: number, step: 1 | -1): Mark | undefined {
  const sorted = [...marks].sort((left, right) => left.from - right.from)
  return step === 1
    ? (sorted.find((mark) => mark.from > at) ?? sorted[0])
    : (sorted.findLast((mark) => mark.from < at) ?? sorted.at(-1))
}

/** F8 (1) and Shift F8 (-1). */
export const goToMark =
  (step: 1 | -1): Command =>
  (view) => {
    const next = markFrom(view.state.field(marksField).marks, view.state.selection.main.from, step)
    if (!next) return false
    reveal(view, next)
    return true
  }

export function reveal(view: EditorView, { from, to }: SourceRangeView): void {
  const { length } = view.state.doc
  const anchor = Math.min(from, length)
  view.dispatch({
    selection: { anchor, head: Math.min(Math.max(to, anchor), length) },
    effects: EditorView.scrollIntoView(anchor, { y: 'center' }),
    userEvent: 'select',
  })
  view.focus()
}

/** All edits at once, as one step of undo. Answers whether they still fitted the text. */
export function applyFix(view: EditorView, fix: SchemaFixView): boolean {
  const { length } = view.state.doc
  if (view.state.readOnly || fix.edits.some((edit) => edit.to > length)) return false
  view.dispatch({ changes: fix.edits.map(({ from, to, insert }) => ({ from, to, insert })), userEvent: 'input.fix' })
  view.focus()
  return true
}

/** Ctrl . : the first fix of the line with the cursor, else of the first mark that has one. */
export const applyFirstFix: Command = (view) => {
  const { marks, isCurrent } = view.state.field(marksField)
  if (!isCurrent) return true
  const line = view.state.doc.lineAt(view.state.selection.main.head)
  const withFixes = marks.filter((mark) => mark.fixes.length > 0)
  const fix = (withFixes.find((mark) => mark.from >= line.from && mark.from <= line.to) ?? withFixes[0])?.fixes[0]
  return fix ? applyFix(view, fix) : false
}
