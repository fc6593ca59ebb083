/**
 * The schema editor: CodeMirror 6 with what a schema needs. Loaded when the first schema is opened, never before. Its style tags carry the
 * page's nonce, as the content security policy asks.
 */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorState, Transaction } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import type { SchemaFixView, SchemaLanguage, SchemaReferenceView, SourceRangeView } from '../../../../shared/model/schemas'
import { editorAssist } from './editor-assist'
import { languageExtension } from './editor-languages'
import { applyFirstFix, applyFix, type EditorMarks, goToMark, marksField, marksGutter, reveal, setMarks } from './editor-marks'
import { editorTheme } from './editor-theme'

export interface EditorOptions {
  readonly parent: HTMLElement
  readonly text: string
  readonly language: SchemaLanguage
  readonly label: string
  readonly isReadOnly: boolean
  readonly references: () => readonly SchemaReferenceView[]
  readonly onEdit: (text: string) => void
  readonly onCursor: (line: number, column: number) => void
  readonly onFormat: () => void
  readonly openReference: (reference: SchemaReferenceView) => void
}

export interface SchemaEditorHandle {
  setText(text: string): void
  setLanguage(language: SchemaLanguage): void
  setMarks(marks: EditorMarks): void
  reveal(range: SourceRangeView): void
  applyFix(fix: SchemaFixView): boolean
  nextMark(step: 1 | -1): void
  focus(): void
  destroy(): void
}

export const pageNonce = (): string => {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"], meta[property="csp-nonce"]')
  return meta?.nonce || meta?.content || ''
}

export function createEditor(options: EditorOptions): SchemaEditorHandle {
  const language = new Compartment()
  let current = options.language
  const view = new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        EditorView.cspNonce.of(pageNonce()),
        EditorState.readOnly.of(options.isReadOnly),
        EditorState.tabSize.of(2),
        indentUnit.of('  '),
        marksField,
        marksGutter,
        lineNumbers(),
        codeFolding(),
        foldGutter({ markerDOM: foldMark }),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        rectangularSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        editorAssist({
          context: () => ({ language: current, references: options.references() }),
          openReference: options.openReference,
        }),
        language.of(languageExtension(options.language)),
        editorTheme,
        EditorView.contentAttributes.of({ 'aria-label': options.label, 'data-testid': 'schema-text', spellcheck: 'false' }),
        keymap.of([
          { key: 'F8', run: goToMark(1), shift: goToMark(-1) },
          { key: 'Mod-.', run: applyFirstFix },
          {
            key: 'Shift-Alt-f',
            run: () => {
              options.onFormat()
              return true
            },
          },
          // Ctrl Enter registers, and F6 leaves: both belong to the window.
          ...closeBracketsKeymap,
          ...defaultKeymap.filter((binding) => binding.key !== 'Mod-Enter'),
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          ...completionKeymap,
          indentWithTab,
        ]),
        EditorView.domEventHandlers({ beforeinput: typeOver }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !update.transactions.some((transaction) => transaction.annotation(Transaction.remote)))
            options.onEdit(update.state.doc.toString())
          if (update.selectionSet || update.docChanged) tellCursor()
        }),
      ],
    }),
  })

  function tellCursor(): void {
    const { head } = view.state.selection.main
    const line = view.state.doc.lineAt(head)
    options.onCursor(line.number, head - line.from + 1)
  }
  tellCursor()

  return {
    setText(text) {
      const before = view.state.doc.toString()
      if (before === text) return
      // Only what differs, so that cursor, folds and undo survive formatting and fixes from outside.
      let from = 0
      while (from < before.length && from < text.length && before[from] === text[from]) from++
      let end = 0
      while (end < before.length - from && end < text.length - from && before.at(-1 - end) === text.at(-1 - end)) end++
      view.dispatch({
        changes: { from, to: before.length - end, insert: text.slice(from, text.length - end) },
        annotations: Transaction.remote.of(true),
      })
    },
    setLanguage(next) {
      if (next === current) return
      current = next
      view.dispatch({ effects: language.reconfigure(languageExtension(next)) })
    },
    setMarks: (marks) => view.dispatch({ effects: setMarks.of(marks) }),
    reveal: (range) => reveal(view, range),
    applyFix: (fix) => applyFix(view, fix),
    nextMark: (step) => void goToMark(step)(view),
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

/**
 * Typing over a selection. Left to itself Chromium deletes the selected elements and keeps their looks in a style attribute, which the content
 * security policy refuses with an error in the log; the text is the same either way.
 */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { data, inputType, isComposing } = event
  const { from, to, empty } = view.state.selection.main
  if (inputType !== 'insertText' || data === null || isComposing || empty || view.state.readOnly) return false
  const insert = () => view.state.update(view.state.replaceSelection(data), { scrollIntoView: true, userEvent: 'input.type' })
  if (!view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, data, insert))) view.dispatch(insert())
  event.preventDefault()
  return true
}

function foldMark(isOpen: boolean): HTMLElement {
  const mark = document.createElement('span')
  mark.textContent = isOpen ? '⌄' : '›'
  mark.title = isOpen ? 'Fold' : 'Unfold'
  return mark
}
