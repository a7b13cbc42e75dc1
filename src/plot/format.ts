// Number formats of charts, tables and progress lines, independent of the locale.

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
