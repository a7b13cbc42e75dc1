/** Three significant digits. */
export function digits(x: number | null): string {
  if (x === null) return '–'
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.1 ? x.toFixed(2) : x.toPrecision(2)
}
