// Small pieces of HTML that reports are made of: escaped text, tables of numbers, legends, pictures side by side.

import { type Group, groupColors } from './theme.ts'

/** Text made safe to stand in HTML, in an attribute as well. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

export interface TableRow {
  readonly cells: readonly string[]
  /** Puts the group's colour before the first cell. */
  readonly group?: Group
}

/** Rows of text under a head. Columns that hold only numbers are set to the right. */
export interface NumberTable {
  readonly head: readonly string[]
  readonly rows: readonly TableRow[]
}

/** `6.8 %`, `12,345`, `487.1 [480.2, 493.0]`, a dash: what belongs to the right of its column. */
export function isNumeric(text: string): boolean {
  return /^[\s\d.,%+\-−–±[\]]*$/.test(text)
}

/** The table as HTML; it scrolls sideways on a narrow screen. */
export function tableHtml({ head, rows }: NumberTable): string {
  const right = head.map((_, column) => rows.length > 0 && rows.every((row) => isNumeric(row.cells[column] ?? '')))
  const cell = (tag: 'td' | 'th', text: string, column: number, before = '') =>
    `<${tag}${right[column] ? ' class="number"' : ''}>${before}${escapeHtml(text)}</${tag}>`
  const headRow = head.map((text, column) => cell('th', text, column)).join('')
  const bodyRows = rows.map(({ cells, group }) => {
    const dot = group === undefined ? '' : swatch(group)
    return `<tr>${cells.map((text, column) => cell('td', text, column, column === 0 ? dot : '')).join('')}</tr>`
  })
  return `<div class="scroll"><table><thead><tr>${headRow}</tr></thead><tbody>${bodyRows.join('')}</tbody></table></div>`
}

/** The groups that occur, in their fixed order, each with its colour. */
export function legendHtml(groups: readonly Group[]): string {
  const shown = (Object.keys(groupColors) as Group[]).filter((group) => groups.includes(group))
  return `<div class="legend">${shown.map((group) => `<span>${swatch(group)}${group}</span>`).join('')}</div>`
}

/** Pictures in a row, each under its title, as far as the page is wide. */
export function sideBySide(panels: readonly { readonly title: string; readonly picture: string }[]): string {
  const each = panels.map(
    ({ title, picture }) => `<div><p class="panel-title">${escapeHtml(title)}</p>${picture}</div>`,
  )
  return `<div class="side-by-side">${each.join('')}</div>`
}

function swatch(group: Group): string {
  return `<span class="swatch" style="background:${groupColors[group]}"></span>`
}
