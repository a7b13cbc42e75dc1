// Number formats, independent of the locale; HTML elements of reports; tables as HTML or as plain text for a terminal.

/** `12,345`. */
export function formatCount(count: number): string {
  const sign = count < 0 ? '−' : ''
  return sign + String(Math.round(Math.abs(count))).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A fixed number of decimals, with a typographic minus sign: `−12.5`. NaN and infinities are a dash. */
export function formatFixed(value: number, decimals = 1): string {
  if (!Number.isFinite(value)) return '–'
  const text = Math.abs(value).toFixed(decimals)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

/** A fraction in per cent: `6.8 %`. */
export function formatPercent(fraction: number, decimals = 1): string {
  return `${formatFixed(fraction * 100, decimals)} %`
}

/** Milliseconds as `340 ms`, `8.2 s`, `3 min 05 s` or `2 h 10 min`. */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return '–'
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

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
  const texts = rows.map(({ cells }) => cells)
  const right = numericColumns(head, texts)
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
