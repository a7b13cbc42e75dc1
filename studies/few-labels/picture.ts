// The picture of the headline: the interquartile mean of each method with its interval, a panel for each number of labels. As a file
// of its own it has fixed colors.

import { dot, ruleX, ruleY } from '@observablehq/plot'
import { draw } from 'alambic/plot'
import { methodOf, methods } from './methods.ts'
import { labelCounts } from './plan.ts'
import type { Summary } from './summary.ts'

/** An SVG file. Summaries of one student size. */
export function headlinePicture(document: Document, summaries: readonly Summary[]): string {
  const panels = labelCounts.filter((labels) => summaries.some((each) => each.labels === labels))
  const rows = panels.flatMap((labels) =>
    summaries
      .filter(({ method, labels: own }) => [0, labels].includes(own) && methodOf(method).family === undefined)
      .map(({ method, iqm }) => ({ panel: `${labels} labels`, method, value: iqm.value, ...iqm.interval })),
  )
  const order = methods.map(({ name }) => name).filter((name) => rows.some(({ method }) => method === name))
  const color = ({ method }: (typeof rows)[number]) => (method.startsWith('recommended') ? '#0b68c4' : '#76808a')
  const svg = draw(document, 'Interquartile mean scores of all methods for each number of labels', {
    ...{
      width: 760,
      height: 80 + panels.length * (24 + 18 * order.length),
      marginLeft: 180,
      marginRight: 90,
      marginBottom: 44,
    },
    x: { label: 'score: 0 is random play, 1 the teacher', grid: true, domain: [0, 1], clamp: true },
    y: { label: null, domain: order, tickSize: 0 },
    fy: { label: null, domain: panels.map((labels) => `${labels} labels`) },
    marks: [
      ruleX([1], { stroke: '#a85a1e' }),
      ruleY(rows, { fy: 'panel', y: 'method', x1: 'low', x2: 'high', stroke: color, strokeWidth: 2.2 }),
      dot(rows, { fy: 'panel', y: 'method', x: 'value', r: 4, fill: color }),
    ],
  })
  const alone = svg.replace('background:none', 'background:white;color:#23303d')
  return alone.includes('xmlns=') ? alone : alone.replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
}
