// Coloured code, with colours that are CSS variables of style.css, the same as the editor's.

import { type bundledLanguages, createCssVariablesTheme, createHighlighter } from 'shiki'

const theme = createCssVariablesTheme({ name: 'site', variablePrefix: '--code-' })
const aliases: Readonly<Record<string, string>> = { ts: 'typescript', js: 'javascript', py: 'python', sh: 'bash' }
const languages = [
  'typescript',
  'javascript',
  'bash',
  'json',
  'python',
] as const satisfies (keyof typeof bundledLanguages)[]
const highlighter = await createHighlighter({ themes: [theme], langs: [...languages] })

/** `<pre>…</pre>`; plain text for languages other than those above. */
export function highlighted(code: string, language: string): string {
  const name = aliases[language] ?? language
  const lang = (languages as readonly string[]).includes(name) ? name : 'text'
  return highlighter.codeToHtml(code.trimEnd(), { lang, theme: 'site' }).replace(' tabindex="0"', '')
}
