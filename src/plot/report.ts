// A report: one self-contained HTML page without scripts or external files. A section has a figure, how to read it, and a table.

import { escapeHtml } from './html.ts'
import { type NumberTable, tableHtml } from './tables.ts'
import { styleSheet } from './theme.ts'

export interface Section {
  readonly title: string
  /** Introduction, in plain text. */
  readonly text?: string
  /** HTML or SVG. */
  readonly figure?: string
  /** How to read the figure, in plain text. */
  readonly howToRead?: string
  readonly table?: NumberTable
}

export interface Report {
  readonly title: string
  /** Summary in a sentence or two, in plain text. */
  readonly lead: string
  /** The main numbers. */
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  readonly sections: readonly Section[]
  /** Command line that makes this report again. */
  readonly command: string
}

/** The HTML of the page, a function of the report alone. */
export function report({ title, lead, facts, sections, command }: Report): string {
  const cards = facts.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="alambic">
<title>${escapeHtml(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<header>${still}<h1>${escapeHtml(title)}</h1><p class="lead">${escapeHtml(lead)}</p>
<dl class="facts">${cards.join('')}</dl></header>
<main>
${sections.map(sectionHtml).join('\n')}
</main>
<footer>Made by alambic. To make it again: <code>${escapeHtml(command)}</code></footer>
</body>
</html>
`
}

function sectionHtml({ title, text, figure, howToRead, table }: Section): string {
  const reading =
    howToRead === undefined ? '' : `<figcaption><b>How to read it.</b> ${escapeHtml(howToRead)}</figcaption>`
  return [
    `<section><h2>${escapeHtml(title)}</h2>`,
    text === undefined ? '' : `<p>${escapeHtml(text)}</p>`,
    figure === undefined ? '' : `<figure>${figure}${reading}</figure>`,
    table === undefined ? '' : `<figure>${tableHtml(table)}</figure>`,
    '</section>',
  ].join('')
}

// The logo: an alembic.
const still = `<svg viewBox="0 0 48 48" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M7 41h22M18 15c-8 3-12 9-12 15 0 5 4 8 12 8s12-3 12-8c0-6-4-12-12-15zM15 15V9c0-3 6-3 7 0l1 2c3 1 8 3 14 11l4 6"/><path d="M41 33c2 3 3 4 3 6a3 3 0 0 1-6 0c0-2 1-3 3-6z" fill="currentColor" stroke="none"/></svg>`
