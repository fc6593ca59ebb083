import { undo } from '@codemirror/commands'
import { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SchemaLanguage } from '../../../../shared/model/schemas'
import { createEditor, type SchemaEditorHandle } from './create-editor'
import { applyFirstFix, type EditorMark, markFrom, marksField } from './editor-marks'

let parent: HTMLElement
let editor: SchemaEditorHandle
const edits: string[] = []
function open(text: string, language: SchemaLanguage = 'avro', isReadOnly = false): EditorView {
  editor = createEditor({
    parent,
    text,
    language,
    label: 'Draft',
    isReadOnly,
    references: () => [],
    onEdit: (now) => edits.push(now),
    onCursor: () => undefined,
    onFormat: () => undefined,
    openReference: () => undefined,
  })
  const view = EditorView.findFromDOM(parent)
  if (!view) throw new Error('no editor')
  return view
}
beforeEach(() => {
  edits.length = 0
  parent = document.createElement('div')
  document.body.append(parent)
})
afterEach(() => {
  editor.destroy()
  parent.remove()
})
const mark = (from: number, to: number, change: Partial<EditorMark> = {}): EditorMark => ({
  from,
  to,
  severity: 'error',
  note: 'wrong',
  message: 'It is wrong.',
  hint: null,
  fixes: [{ label: 'Mend', edits: [{ from, to, insert: 'right' }] }],
  ...change,
})

describe('marks', () => {
  it('stand on their line with what is wrong behind it, and an error wins over a warning', () => {
    const view = open('one\ntwo\nthree')
    editor.setMarks({ marks: [mark(4, 7, { severity: 'warning', note: 'odd' }), mark(4, 7)], added: [{ from: 8, to: 10 }] })
    const lines = [...view.contentDOM.querySelectorAll('.cm-line')]
    expect(lines.map((line) => line.className.replace(/cm-line |cm-activeLine /g, '').trim())).toEqual([
      expect.anything(),
      'cm-line-error',
      'cm-line-added',
    ])
    expect(lines[1]?.querySelector('.cm-note')?.textContent).toBe('wrong and 1 more')
  })
  it('move with the text, and their fixes wait for the next answer then', () => {
    const view = open('one two')
    editor.setMarks({ marks: [mark(4, 7)], added: [] })
    view.dispatch({ changes: { from: 0, insert: 'zero ' } })
    expect(view.state.field(marksField).marks[0]).toMatchObject({ from: 9, to: 12 })
    applyFirstFix(view)
    expect(view.state.doc.toString()).toBe('zero one two')
    editor.setMarks({ marks: [mark(9, 12)], added: [] })
    applyFirstFix(view)
    expect(view.state.doc.toString()).toBe('zero one right')
  })
  it('of a longer text do not reach out of this one', () => {
    const view = open('short')
    editor.setMarks({ marks: [mark(3, 400), mark(90, 95)], added: [{ from: 2, to: 90 }] })
    expect(view.state.field(marksField).marks.map(({ from, to }) => [from, to])).toEqual([
      [3, 5],
      [5, 5],
    ])
  })
  it('are gone to one after the other, round the end', () => {
    open('a b c d')
    const marks = [mark(4, 5), mark(2, 3)]
    expect(markFrom(marks, 0, 1)?.from).toBe(2)
    expect(markFrom(marks, 2, 1)?.from).toBe(4)
    expect(markFrom(marks, 4, 1)?.from).toBe(2)
    expect(markFrom(marks, 2, -1)?.from).toBe(4)
    expect(markFrom([], 2, 1)).toBeUndefined()
  })
  it('mend nothing in a version that is only read', () => {
    const view = open('one', 'avro', true)
    expect(editor.applyFix({ label: 'Mend', edits: [{ from: 0, to: 3, insert: 'two' }] })).toBe(false)
    expect(view.state.doc.toString()).toBe('one')
  })
})

describe('text from outside', () => {
  it('changes only what differs, tells nobody, and can be undone', () => {
    const view = open('{ "a": 1 }')
    view.dispatch({ selection: { anchor: 9 } })
    editor.setText('{ "ab": 1 }')
    expect(view.state.doc.toString()).toBe('{ "ab": 1 }')
    expect(view.state.selection.main.head).toBe(10)
    expect(edits).toEqual([])
    undo(view)
    expect(edits).toEqual(['{ "a": 1 }'])
  })
})

it('takes every language that a schema can be written in', () => {
  const texts: Record<SchemaLanguage, string> = {
    avro: '{ "type": "record" }',
    'json-schema': '{ "type": "object" }',
    'avro-idl': 'protocol A { /* x */ record B { union { null, string } c = null; } }',
    protobuf: 'syntax = "proto3"; // x\nmessage A { string b = 1; }',
  }
  const view = open(texts.avro)
  for (const [language, text] of Object.entries(texts)) {
    editor.setLanguage(language as SchemaLanguage)
    editor.setText(text)
    expect(view.contentDOM.textContent?.replaceAll('\n', '')).toContain(text.split('\n')[0])
  }
})
