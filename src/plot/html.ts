// HTML elements of reports.

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
