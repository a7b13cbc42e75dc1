// The editor of a cell: CodeMirror with TypeScript, in the colours of the site. Tab moves the focus, as everywhere on the page.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { javascript } from '@codemirror/lang-javascript'
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { drawSelection, EditorView, keymap } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export interface Editor {
  text(): string
  replace(text: string): void
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], class: 'tok-keyword' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], class: 'tok-string' },
  { tag: [tags.number, tags.bool, tags.null], class: 'tok-constant' },
  { tag: tags.comment, class: 'tok-comment' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], class: 'tok-function' },
  { tag: [tags.typeName, tags.className], class: 'tok-type' },
])

/** Puts an editor into `parent`, in place of what is there. Control-Enter runs. */
export function editor(parent: HTMLElement, text: string, label: string, run: () => void, changed: () => void): Editor {
  parent.replaceChildren()
  const extensions = [
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    EditorView.lineWrapping,
    javascript({ typescript: true }),
    syntaxHighlighting(colours),
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed()
    }),
    keymap.of([{ key: 'Mod-Enter', run: () => runs(run) }, ...defaultKeymap, ...historyKeymap]),
  ]
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) })
  return {
    text: () => view.state.doc.toString(),
    replace: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
  }
}

// A key's command returns true if it has handled the key.
function runs(run: () => void): true {
  run()
  return true
}
