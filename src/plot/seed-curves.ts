// Learning curves over seeds: the mean return against environment steps, in a band.

import { areaY, lineY, ruleY } from '@observablehq/plot'
import { draw } from './draw.ts'
import { formatCount } from './format.ts'

export interface SeedCurves {
  readonly points: readonly {
    /** Environment steps. */
    readonly step: number
    /** Mean return over the seeds, and the ends of the band. */
    readonly mean: number
    readonly low: number
    readonly high: number
  }[]
  /** Meaning of the band. Default: `from the worst seed to the best`. */
  readonly band?: string
  /** A published return, a reference line. Default: none. */
  readonly published?: number
  /** In pixels. Default 400 by 240, for several side by side. */
  readonly width?: number
  readonly height?: number
}

/** The chart as SVG. */
export function seedCurves(document: Document, curves: SeedCurves): string {
  const { points, band = 'from the worst seed to the best', published, width = 400, height = 240 } = curves
  return draw(document, `Mean training return over seeds against environment steps, ${band}`, {
    width,
    height,
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
