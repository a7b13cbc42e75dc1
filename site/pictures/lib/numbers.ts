// Numbers in pictures.

/** `digits` decimals, with a real minus sign. */
export function fixed(value: number, digits = 2): string {
  const text = value.toFixed(digits)
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−')
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

/** A linear map from one interval to another. */
export function scale([a, b]: readonly [number, number], [c, d]: readonly [number, number]): (value: number) => number {
  return (value) => c + ((value - a) / (b - a)) * (d - c)
}

/** Points as an SVG path of straight lines. */
export function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}
