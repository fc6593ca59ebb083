/** Completion and hover in the editor: draws what completion-words.ts knows, and what marks say with their fixes. */
import { autocompletion, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import type { Extension } from '@codemirror/state'
import { type EditorView, hoverTooltip, type Tooltip } from '@codemirror/view'
import type { SchemaReferenceView } from '../../../../shared/model/schemas'
import { meaningAt, type Suggestion, suggestionsAt, type WordContext } from './completion-words'
import { applyFix, type EditorMark, marksField } from './editor-marks'

const details = { key: '', value: '', type: 'type' } as const

function toCompletion(word: Suggestion, isQuoted: boolean): Completion {
  if (!isQuoted) return { label: word.name, info: word.info, detail: details[word.kind] }
  return {
    // What stands before the cursor begins with the quote, so that the label does too.
    label: `"${word.name}"`,
    displayLabel: word.name,
    detail: details[word.kind],
    info: word.info,
    apply: (view: EditorView, _completion: Completion, from: number, to: number) => insertQuoted(view, word, from, to),
  }
}

/** Takes the rest of the string with it, and puts a value after a new key with the cursor where one goes on. */
function insertQuoted(view: EditorView, word: Suggestion, from: number, to: number): void {
  const after = view.state.sliceDoc(to, to + 200)
  const rest = /^[^"\s,:{}[\]]*"?/.exec(after)?.[0] ?? ''
  const isBare = !view.state.sliceDoc(from, to).startsWith('"')
  const end = isBare ? to : to + rest.length
  const hasColon = /^\s*:/.test(view.state.sliceDoc(end, end + 40))
  const value = word.kind === 'key' && !hasColon ? `: ${word.value ?? ''}` : ''
  const insert = `"${word.name}"${value}`
  // Into an empty string, list or object; else behind all of it.
  const isHollow = /(?:""|\[\]|\{\}|\[""\])$/.test(value)
  const cursor = from + insert.length - (isHollow ? (value.endsWith('[""]') ? 2 : 1) : 0)
  view.dispatch({ changes: { from, to: end, insert }, selection: { anchor: cursor }, userEvent: 'input.complete' })
}

export interface AssistOptions {
  readonly context: () => WordContext
  readonly openReference: (reference: SchemaReferenceView) => void
}

export function editorAssist({ context, openReference }: AssistOptions): Extension {
  const complete = (at: CompletionContext): CompletionResult | null => {
    const found = suggestionsAt(at.state.doc.toString(), at.pos, context())
    // Unasked, it begins with the first letter of a word or the quote of a string.
    if (!found || found.words.length === 0 || (!at.explicit && found.from === at.pos)) return null
    return {
      from: found.from,
      options: found.words.map((word) => toCompletion(word, found.isQuoted)),
      validFor: /^"?[@$\w./#:-]*$/,
    }
  }
  return [
    autocompletion({ override: [complete], icons: false, activateOnTyping: true }),
    hoverTooltip((view, position) => markTooltip(view, position) ?? wordTooltip(view, position), { hoverTime: 400 }),
  ]

  function wordTooltip(view: EditorView, position: number): Tooltip | null {
    const meaning = meaningAt(view.state.doc.toString(), position, context())
    if (!meaning) return null
    return {
      pos: meaning.from,
      end: meaning.to,
      create: () => {
        const dom = box()
        const head = document.createElement('b')
        head.textContent = meaning.name
        dom.append(head, line(meaning.info))
        const { reference } = meaning
        if (reference) dom.append(buttons([[`Open ${reference.subject}`, () => openReference(reference)]]))
        return { dom }
      },
    }
  }
}

function markTooltip(view: EditorView, position: number): Tooltip | null {
  const { marks, isCurrent } = view.state.field(marksField)
  const under = marks.filter((mark) => mark.from <= position && position <= mark.to)
  const [first] = under
  if (!first) return null
  return {
    pos: first.from,
    end: Math.max(...under.map((mark) => mark.to)),
    create: () => {
      const dom = box()
      for (const mark of under) tell(dom, view, mark, isCurrent)
      return { dom }
    },
  }
}

function tell(dom: HTMLElement, view: EditorView, mark: EditorMark, isCurrent: boolean): void {
  dom.append(line(mark.message))
  if (mark.hint) {
    const hint = line(mark.hint)
    hint.className = 'hint'
    dom.append(hint)
  }
  if (isCurrent && mark.fixes.length > 0 && !view.state.readOnly)
    dom.append(buttons(mark.fixes.map((fix) => [fix.label, () => void applyFix(view, fix)] as const)))
}

function box(): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'cm-hover'
  return dom
}

function line(text: string): HTMLElement {
  const element = document.createElement('div')
  element.textContent = text
  return element
}

function buttons(entries: readonly (readonly [label: string, run: () => void])[]): HTMLElement {
  const row = document.createElement('div')
  row.className = 'buttons'
  for (const [label, run] of entries) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = label
    button.addEventListener('click', run)
    row.append(button)
  }
  return row
}
