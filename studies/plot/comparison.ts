// Methods compared: mean returns with 95 % intervals, best first, colored by group.

import { barX, dot, ruleX, ruleY, text } from '@observablehq/plot'
import { draw, formatFixed } from 'alambic/plot'
import { type Group, groupColors, groupLegend } from './groups.ts'

export interface Method {
  readonly name: string
  readonly group: Group
  /** Mean return, and the ends of its 95 % interval. */
  readonly mean: number
  readonly low: number
  readonly high: number
}

export interface Comparison {
  readonly methods: readonly Method[]
  /** Mean return of random actions, where the bars start. Default 0. */
  readonly random?: number
  /** Mean return of the teacher, a reference line. */
  readonly teacher?: number
}

/** The comparison as HTML: a legend and an SVG chart. */
export function comparison(document: Document, { methods, random, teacher }: Comparison): string {
  const sorted = [...methods].sort((a, b) => b.mean - a.mean)
  const color = (method: Method) => groupColors[method.group]
  const longest = Math.max(0, ...sorted.map((method) => method.name.length))
  const marks = [
    { value: random, label: 'random actions' },
    { value: teacher, label: 'teacher' },
  ].filter((mark): mark is { value: number; label: string } => mark.value !== undefined)
  const chart = draw(document, 'Mean return of each method with its 95 % interval, best first', {
    width: 760,
    height: 70 + 30 * sorted.length,
    marginLeft: 24 + 6.6 * longest,
    marginRight: 64,
    marginTop: 34,
    marginBottom: 40,
    x: { label: 'mean return', grid: true, nice: true, ticks: 6, labelAnchor: 'right' },
    y: { label: null, domain: sorted.map((method) => method.name), tickSize: 0, padding: 0.42 },
    marks: [
      barX(sorted, { y: 'name', x1: random ?? 0, x2: 'mean', fill: color, fillOpacity: 0.22 }),
      ruleX(marks, { x: 'value', stroke: 'var(--quiet)', strokeDasharray: '5 4' }),
      text(marks, { x: 'value', text: 'label', frameAnchor: 'top', dy: -14, fill: 'var(--quiet)' }),
      ruleY(sorted, { y: 'name', x1: 'low', x2: 'high', stroke: color, strokeWidth: 2.2 }),
      dot(sorted, { y: 'name', x: 'mean', r: 5, fill: color, stroke: 'var(--card)', strokeWidth: 1.2 }),
      text(sorted, {
        y: 'name',
        text: (method: Method) => formatFixed(method.mean),
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: 58,
        fontVariant: 'tabular-nums',
      }),
    ],
  })
  return `${groupLegend(methods.map((method) => method.group))}<div class="scroll" tabindex="0">${chart}</div>`
}
