/** Two texts beside each other, or in one column where there is no room: @codemirror/merge in the window's look. Loaded when first asked for. */
import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import type { SchemaLanguage } from '../../../../shared/model/schemas'
import { pageNonce } from './create-editor'
import { languageExtension } from './editor-languages'
import { editorTheme } from './editor-theme'

export interface TextDiffOptions {
  readonly parent: HTMLElement
  readonly older: string
  readonly newer: string
  readonly language: SchemaLanguage
  readonly isWide: boolean
}

/** Answers a function that takes it away. */
export function showTextDiff({ parent, older, newer, language, isWide }: TextDiffOptions): () => void {
  const extensions = (label: string): Extension[] => [
    EditorView.cspNonce.of(pageNonce()),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    lineNumbers(),
    languageExtension(language),
    editorTheme,
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ]
  const collapseUnchanged = { margin: 3, minSize: 6 }
  if (!isWide) {
    const view = new EditorView({
      parent,
      doc: newer,
      extensions: [...extensions('Differences'), unifiedMergeView({ original: older, mergeControls: false, collapseUnchanged })],
    })
    return () => view.destroy()
  }
  const merge = new MergeView({
    parent,
    a: { doc: older, extensions: extensions('Older') },
    b: { doc: newer, extensions: extensions('Newer') },
    collapseUnchanged,
    gutter: true,
  })
  return () => merge.destroy()
}
