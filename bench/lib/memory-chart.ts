// Memory over time: one line each for the resident set, the JavaScript heap and the linear memory of the kernels.

import { lineY, ruleY, text } from '@observablehq/plot'
import { draw } from '../../src/plot/curves.ts'
import { formatCount } from '../../src/plot/format.ts'

export interface MemorySample {
  readonly step: number
  /** Megabytes. */
  readonly resident: number
  readonly heap: number
  readonly linear: number
}

/** The chart as HTML. */
export function memoryChart(document: Document, samples: readonly MemorySample[]): string {
  const lines = [
    { label: 'resident set', color: 'var(--teacher)', of: (each: MemorySample) => each.resident },
    { label: 'linear memory', color: 'var(--policy)', of: (each: MemorySample) => each.linear },
    { label: 'JavaScript heap', color: 'var(--action-values)', of: (each: MemorySample) => each.heap },
  ]
  const last = samples.at(-1)
  const chart = draw(document, 'Megabytes held against training steps', {
    width: 760,
    height: 300,
    marginLeft: 52,
    marginRight: 110,
    marginBottom: 44,
    x: { label: 'training steps', tickFormat: formatCount, ticks: 6 },
    y: { label: 'megabytes', grid: true, ticks: 5, zero: true },
    marks: [
      ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.35 }),
      ...lines.flatMap(({ label, color, of }) => [
        lineY(samples, { x: 'step', y: of, stroke: color, strokeWidth: 2 }),
        text(last === undefined ? [] : [last], {
          x: 'step',
          y: of,
          text: () => label,
          fill: color,
          textAnchor: 'start',
          dx: 6,
        }),
      ]),
    ],
  })
  return `<div class="scroll">${chart}</div>`
}
