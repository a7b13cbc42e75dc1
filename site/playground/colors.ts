// Colors of maps, dots and drawings, in light and in dark.

export type Rgb = readonly [number, number, number]

const hex = (text: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as unknown as Rgb

export const isDark = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches

/** One color per action, from left to right; the middle one of three is neutral. */
export function actionColors(count: number): Rgb[] {
  const neutral = isDark() ? '#4a545f' : '#e3ddcf'
  const [blue, orange] = isDark() ? ['#3f78b5', '#c9803c'] : ['#4a87c7', '#e09650']
  if (count <= 1) return [blue, neutral, orange].map(hex)
  if (count === 2) return [blue, orange].map(hex)
  if (count === 3) return [blue, neutral, orange].map(hex)
  return [blue, '#2a9d8f', orange, '#b8448a'].map(hex)
}

const sequential = ['#17233f', '#23527c', '#2f8f8b', '#9cc97f', '#f7edb0'].map(hex)
const diverging = () => ['#1f5fa8', '#7fb2e0', isDark() ? '#232a32' : '#f4f1ea', '#e3a05f', '#a8480f'].map(hex)
const distance = () => [isDark() ? '#232a32' : '#f4f1ea', '#d98cb4', '#8e1f5f'].map(hex)

/** Linear between the stops; `part` from 0 to 1. */
export function between(stops: readonly Rgb[], part: number): Rgb {
  const at = Math.min(Math.max(part, 0), 1) * (stops.length - 1)
  const i = Math.min(Math.floor(at), stops.length - 2)
  const [a, b] = [stops[i]!, stops[i + 1]!]
  return [0, 1, 2].map((k) => a[k]! + (at - i) * (b[k]! - a[k]!)) as unknown as Rgb
}

export const ramps = { value: () => sequential, difference: diverging, distance, force: () => actionColors(1) }

/** A mixture of the actions' colors by their probabilities. */
export function mixed(colors: readonly Rgb[], probabilities: ArrayLike<number>, from: number): Rgb {
  const sum = [0, 0, 0]
  for (let a = 0; a < colors.length; a++) {
    for (let k = 0; k < 3; k++) sum[k]! += probabilities[from + a]! * colors[a]![k]!
  }
  return sum as unknown as Rgb
}

export const css = ([r, g, b]: Rgb): string => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`

/** CSS gradient of a ramp. */
export const gradient = (stops: readonly Rgb[]): string => `linear-gradient(90deg, ${stops.map(css).join(', ')})`

/** Colors of the library's drawings on dark paper. */
const atNight: Readonly<Record<string, string>> = {
  '#faf8f4': '#161b21',
  '#243b53': '#c4d0dc',
  '#627d98': '#7f95ab',
  '#d9e2ec': '#39444f',
  '#ece9e2': '#28303a',
  '#c9d6c3': '#2f4a3b',
  '#dde2e7': '#39434d',
}

export const drawn = (color: string): string => (isDark() ? (atNight[color] ?? color) : color)
