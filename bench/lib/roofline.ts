// Roofline plot (Williams, Waterman and Patterson 2009): speed of each kernel against its operations per byte moved. Memory
// bandwidth limits it along the slope, arithmetic along the flat part. Both roofs are measured: the best that any
// kernel here has reached.

import { dot, line, ruleY, text } from '@observablehq/plot'
import { draw } from '../../src/plot/curves.ts'
import type { TimedPlace } from './crossover.ts'
import type { Figure } from './kernel-bench.ts'

const colors = ['policy', 'teacher', 'action-values', 'state-values', 'controls', 'ink'].map((name) => `var(--${name})`)

interface Point {
  readonly place: string
  readonly kernel: string
  readonly shape: string
  /** Operations per byte. */
  readonly intensity: number
  readonly gflops: number
}

export interface RooflineInput {
  readonly places: readonly TimedPlace[]
  readonly figures: readonly Figure[]
}

export const gflops = ({ flops, steady }: Figure): number | null => (steady === null ? null : flops / steady / 1e6)

export const shortLabel = ({ name, hardware }: TimedPlace) => (hardware === 'software' ? `${name} (software)` : name)

export function roofline(document: Document, { places: all, figures }: RooflineInput): string {
  const names = new Map(all.map((each) => [each.name, shortLabel(each)]))
  const places = all
    .map(({ name }) => names.get(name)!)
    .filter((_, i) => figures.some((each) => each.place === all[i]!.name))
  const points = figures.flatMap((figure): Point[] => {
    const speed = gflops(figure)
    const place = names.get(figure.place)!
    return speed === null ? [] : [{ ...figure, place, intensity: figure.flops / figure.bytes, gflops: speed }]
  })
  const chart = draw(document, 'GFLOP/s against floating-point operations a byte, with the measured roofs', {
    width: 760,
    height: 460,
    marginLeft: 60,
    marginRight: 200,
    marginBottom: 40,
    x: { type: 'log', label: 'operations a byte', grid: true, ticks: 4, tickFormat: String },
    y: { type: 'log', label: 'GFLOP/s', grid: true, ticks: 5, tickFormat: String },
    color: { domain: places, range: places.map((_, i) => colors[i % colors.length]!) },
    marks: [
      ruleY([]),
      ...places.map((place) => {
        const roof = roofOf(points.filter((point) => point.place === place))
        return line(roof, { x: 'intensity', y: 'gflops', stroke: () => place, strokeWidth: 1.5, strokeOpacity: 0.6 })
      }),
      dot(points, { x: 'intensity', y: 'gflops', stroke: 'place', r: 3, title: titleOf }),
      text(apart(places.map((place) => roofOf(points.filter((point) => point.place === place)).at(-1)!)), {
        x: 'intensity',
        y: 'gflops',
        text: 'place',
        fill: 'place',
        textAnchor: 'start',
        dx: 8,
      }),
    ],
  })
  return `<div class="scroll">${chart}</div>`
}

// Names of roofs that are equally high, one below the other.
function apart(ends: readonly Point[]): Point[] {
  let above = Infinity
  return [...ends]
    .sort((a, b) => b.gflops - a.gflops)
    .map((end) => {
      above = Math.min(end.gflops, above / 1.4)
      return { ...end, gflops: above }
    })
}

const titleOf = ({ place, kernel, shape, gflops }: Point) =>
  `${place}: ${kernel} ${shape}, ${gflops.toFixed(2)} GFLOP/s`

// From the left edge up the slope of the best bytes a second, then along the best operations a second.
function roofOf(points: readonly Point[]): Point[] {
  const peak = Math.max(...points.map((point) => point.gflops))
  const bandwidth = Math.max(...points.map((point) => point.gflops / point.intensity))
  const [low, high] = [0.05, 400]
  const at = (intensity: number) => ({ ...points[0]!, intensity, gflops: Math.min(peak, bandwidth * intensity) })
  return [at(low), at(peak / bandwidth), at(high)]
}
