// HTML elements of reports, and tables as HTML or as plain text for a terminal.

/** Escapes text for HTML content and attribute values. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** A colored dot for a legend or a table row. `color` is a CSS color. */
export function swatch(color: string): string {
  return `<span class="swatch" style="background:${color}"></span>`
}

/** Pictures in a row that wraps on narrow pages, each with a title. `picture` is HTML or SVG. */
export function sideBySide(panels: readonly { readonly title: string; readonly picture: string }[]): string {
  const each = panels.map(
    ({ title, picture }) => `<div><p class="panel-title">${escapeHtml(title)}</p>${picture}</div>`,
  )
  return `<div class="side-by-side">${each.join('')}</div>`
}

export interface TableRow {
  readonly cells: readonly string[]
  /** A CSS color, shown as a dot before the first cell. Default: no dot. */
  readonly color?: string
}

/** Rows of text under a head. Columns of numbers are right-aligned. */
export interface NumberTable {
  readonly head: readonly string[]
  readonly rows: readonly TableRow[]
}

/** The table as HTML. It scrolls sideways on a narrow screen. */
export function tableHtml({ head, rows }: NumberTable): string {
  const right = numericColumns(
    head,
    rows.map(({ cells }) => cells),
  )
  const cell = (tag: 'td' | 'th', text: string, column: number, before = '') =>
    `<${tag}${right[column] ? ' class="number"' : ''}>${before}${escapeHtml(text)}</${tag}>`
  const headRow = head.map((text, column) => cell('th', text, column)).join('')
  const bodyRows = rows.map(({ cells, color }) => {
    const dot = color === undefined ? '' : swatch(color)
    return `<tr>${cells.map((text, column) => cell('td', text, column, column === 0 ? dot : '')).join('')}</tr>`
  })
  return `<div class="scroll" tabindex="0"><table><thead><tr>${headRow}</tr></thead><tbody>${bodyRows.join('')}</tbody></table></div>`
}

/** The table as plain text for a terminal, without a closing newline. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = numericColumns(head, rows)
  const widths = head.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map(length)))
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => {
        const text = cells[column] ?? ''
        const padding = ' '.repeat(width - length(text))
        return right[column] ? padding + text : text + padding
      })
      .join('  ')
      .trimEnd()
  const lines = [head, ...rows].map(line)
  return [lines[0], '─'.repeat(Math.max(...lines.map(length))), ...lines.slice(1)].join('\n')
}

/** `6.8 %`, `12,345`, `487.1 [480.2, 493.0]`, a dash. */
const NUMERIC = /^[\s\d.,%+\-−–±[\]]*$/

function numericColumns(head: readonly string[], rows: readonly (readonly string[])[]): boolean[] {
  return head.map((_, column) => rows.length > 0 && rows.every((row) => NUMERIC.test(row[column] ?? '')))
}

/** In characters, not UTF-16 units. */
function length(text: string): number {
  return [...text].length
}
