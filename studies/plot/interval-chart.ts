// Scores compared: one row per method, a point with its 95 % interval.

import { dot, ruleX, ruleY, text } from '@observablehq/plot'
import { draw, formatFixed } from 'alambic/plot'
import { type Group, groupColors } from './groups.ts'

export interface IntervalRow {
  readonly name: string
  readonly group: Group
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface IntervalChart {
  /** From top to bottom. */
  readonly rows: readonly IntervalRow[]
  /** Alternative text. */
  readonly description: string
  readonly label: string
  /** Vertical reference lines with their labels. */
  readonly marks: readonly { readonly value: number; readonly label: string }[]
}

/** The chart as an SVG. */
export function intervalChart(document: Document, { rows, description, label, marks }: IntervalChart): string {
  const color = ({ group }: IntervalRow) => groupColors[group]
  const longest = Math.max(0, ...rows.map(({ name }) => name.length))
  const chart = draw(document, description, {
    width: 760,
    height: 76 + 24 * rows.length,
    marginLeft: 24 + 6.8 * longest,
    marginRight: 60,
    marginTop: 34,
    marginBottom: 40,
    x: { label, grid: true, nice: true, labelAnchor: 'right' },
    y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0, padding: 0.4 },
    marks: [
      ruleX(marks, { x: 'value', stroke: 'var(--quiet)', strokeDasharray: '5 4' }),
      text(marks, { x: 'value', text: 'label', frameAnchor: 'top', dy: -14, fill: 'var(--quiet)' }),
      ruleY(rows, { y: 'name', x1: 'low', x2: 'high', stroke: color, strokeWidth: 2.2 }),
      dot(rows, { y: 'name', x: 'value', r: 4.5, fill: color, stroke: 'var(--card)', strokeWidth: 1.2 }),
      text(rows, {
        y: 'name',
        text: ({ value }: IntervalRow) => formatFixed(value, 2),
        frameAnchor: 'right',
        textAnchor: 'end',
        dx: 52,
        fontVariant: 'tabular-nums',
      }),
    ],
  })
  return `<div class="scroll" tabindex="0">${chart}</div>`
}
