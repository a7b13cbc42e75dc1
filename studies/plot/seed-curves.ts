// Learning curves over seeds: the mean return against environment steps, in a band from the worst seed to the best.

import { areaY, lineY, ruleY } from '@observablehq/plot'
import { draw, formatCount } from 'alambic/plot'

export interface SeedCurves {
  readonly points: readonly {
    /** Environment steps. */
    readonly step: number
    /** Mean return over seeds, of the worst and of the best. */
    readonly mean: number
    readonly low: number
    readonly high: number
  }[]
  /** A published return, a reference line. */
  readonly published?: number
}

/** The chart as a small SVG, for several side by side. */
export function seedCurves(document: Document, { points, published }: SeedCurves): string {
  return draw(document, 'Mean training return over seeds against environment steps, from the worst seed to the best', {
    width: 400,
    height: 240,
    marginLeft: 56,
    marginRight: 20,
    marginBottom: 40,
    x: { label: 'environment steps', domain: [0, points.at(-1)?.step ?? 1], tickFormat: formatCount, ticks: 4 },
    y: { label: 'return', grid: true, ticks: 5, nice: true },
    marks: [
      areaY(points, { x: 'step', y1: 'low', y2: 'high', fill: 'var(--teacher)', fillOpacity: 0.2 }),
      lineY(points, { x: 'step', y: 'mean', stroke: 'var(--teacher)', strokeWidth: 2.2 }),
      ruleY(published === undefined ? [] : [published], { stroke: 'var(--quiet)', strokeDasharray: '5 4' }),
    ],
  })
}
