// A report: one self-contained HTML page without scripts or external files. A section has a figure, how to read it, and a table.

import { escapeHtml, type NumberTable, tableHtml } from './format.ts'

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

// The style sheet of the pages. Colors are CSS variables named by their meaning, for light and dark mode; the five hues are
// distinct for color-blind readers.

const light = `
  --paper: #fbfaf7; --card: #ffffff; --ink: #23303d; --quiet: #5d6b78; --line: #e2ded6;
  --teacher: #a85a1e; --policy: #0b68c4; --action-values: #b8327a; --state-values: #0d7f72; --controls: #76808a;`

const dark = `
  --paper: #14181d; --card: #1c2229; --ink: #e6e9ec; --quiet: #9aa7b3; --line: #323b45;
  --teacher: #e0985a; --policy: #63a9f2; --action-values: #ee7fb4; --state-values: #4cc4b3; --controls: #97a2ad;`

const styleSheet = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 Charter, "Bitstream Charter", "Iowan Old Style",
  "Source Serif 4", Georgia, serif; -webkit-text-size-adjust: 100%; }
main, header, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3.5rem; }
header svg { display: block; width: 3rem; height: 3rem; color: var(--teacher); margin-bottom: 1rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .75rem; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem; letter-spacing: -.005em; }
p { margin: 0 0 .75rem; text-wrap: pretty; }
.lead { font-size: 1.15rem; color: var(--quiet); max-width: 42rem; }
section { margin: 3.25rem 0 0; }
section > p { max-width: 42rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1px; margin: 2rem 0 0; padding: 0;
  background: var(--line); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
.facts div { background: var(--card); padding: .9rem 1.1rem; }
.facts, figcaption, .legend, table, .player, footer, .panel-title { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; }
.facts dt { font-size: .78rem; color: var(--quiet); line-height: 1.35; }
.facts dd { margin: .1rem 0 0; font-size: 1.45rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
figure { margin: 1.1rem 0 0; padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .6rem; }
.scroll { overflow-x: auto; }
.chart { --plot-background: var(--card); color: var(--ink); overflow: visible; }
.chart text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; }
.scroll > .chart { min-width: 38rem; width: 100%; }
.side-by-side { display: flex; flex-wrap: wrap; gap: 1.25rem 1.75rem; }
.state { width: 11rem; margin-top: 1.4rem; }
.side-by-side svg { display: block; max-width: 100%; height: auto; }
.panel-title { font-size: .82rem; color: var(--quiet); margin: 0 0 .4rem; }
figcaption { font-size: .86rem; line-height: 1.5; color: var(--quiet); margin-top: .9rem; padding-top: .8rem;
  border-top: 1px solid var(--line); }
figcaption b { color: var(--ink); font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.2rem; font-size: .82rem; color: var(--quiet); margin: 0 0 .6rem; }
.swatch { display: inline-block; width: .68em; height: .68em; border-radius: 50%; margin-right: .5em; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--quiet); vertical-align: bottom; padding: .3rem .9rem .45rem 0;
  border-bottom: 1px solid var(--quiet); }
td { padding: .38rem .9rem .38rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; }
th:last-child, td:last-child { padding-right: 0; }
th:first-child, td:first-child { position: sticky; left: 0; background: var(--card); }
.lanes { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; }
.lane > div, .state { border-radius: .4rem; overflow: hidden; line-height: 0; }
.lane svg, .state svg { width: 100%; height: auto; display: block; }
@media (prefers-color-scheme: dark) { .lane svg, .state svg { filter: invert(.88) hue-rotate(180deg); } }
.lane h3 { font-size: .88rem; margin: .5rem 0 0; font-weight: 600; }
.lane p { font-size: .82rem; color: var(--quiet); margin: 0; font-variant-numeric: tabular-nums; }
.controls { display: flex; gap: .8rem; align-items: center; margin-top: .9rem; font-size: .82rem; color: var(--quiet);
  font-variant-numeric: tabular-nums; }
.controls button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--line);
  border-radius: .4rem; padding: .3rem .8rem; min-width: 4.6rem; cursor: pointer; }
.controls input { flex: 1; accent-color: var(--teacher); min-width: 0; }
footer { margin-top: 3.5rem; padding: 1.2rem 1.25rem 3rem; font-size: .82rem; color: var(--quiet); }
code { font: .92em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
@media print { section { break-inside: avoid; } .controls { display: none; } }
`
