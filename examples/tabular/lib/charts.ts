// The two charts of this folder's examples, lines and tiles, and the page that they are saved on.

import { mkdirSync, writeFileSync } from 'node:fs'
import { cell, dot, lineY, ruleY, text } from '@observablehq/plot'
import { newDocument } from '../../../src/cli/terminal/document.ts'
import { draw } from '../../../src/plot/curves.ts'
import { escapeHtml } from '../../../src/plot/format.ts'
import { type Report, report } from '../../../src/plot/report.ts'

export interface Line {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface Lines {
  /** What the chart shows, for those who cannot see it. */
  readonly description: string
  readonly xLabel: string
  readonly yLabel: string
  /** Lines leave the chart at its ends; all is shown where this is left out. */
  readonly yDomain?: readonly [number, number]
  readonly lines: readonly Line[]
  /** A value to hold the lines to. */
  readonly rule?: number
}

const COLORS = ['var(--policy)', 'var(--action-values)', 'var(--state-values)', 'var(--teacher)', 'var(--controls)']

/** Lines over a common axis, with a legend. */
export function linesChart({ description, xLabel, yLabel, yDomain, lines, rule }: Lines): string {
  const colorOf = (i: number) =>
    lines.length <= COLORS.length ? COLORS[i]! : `hsl(${(i * 300) / lines.length} 62% 48%)`
  const legend = lines.map(
    ({ name }, i) => `<span><span class="swatch" style="background:${colorOf(i)}"></span>${escapeHtml(name)}</span>`,
  )
  const chart = draw(newDocument(), description, {
    width: 760,
    height: 360,
    marginLeft: 56,
    marginTop: 32,
    marginBottom: 44,
    x: { label: xLabel },
    y: {
      label: yLabel,
      grid: true,
      nice: yDomain === undefined,
      ...(yDomain === undefined ? {} : { domain: yDomain }),
    },
    marks: [
      ...(rule === undefined ? [] : [ruleY([rule], { stroke: 'var(--quiet)', strokeDasharray: '5 4' })]),
      ...lines.map(({ points }, i) =>
        lineY(points, { x: 'x', y: 'y', stroke: colorOf(i), strokeWidth: 2, clip: true }),
      ),
      ...lines.map(({ points }, i) =>
        points.length > 30 ? null : dot(points, { x: 'x', y: 'y', r: 2.5, fill: colorOf(i), clip: true }),
      ),
    ],
  })
  return `<div class="legend">${legend.join('')}</div><div class="scroll">${chart}</div>`
}

export interface Tile {
  readonly row: number | string
  readonly column: number | string
  readonly label: string
  /** 0 for the paper's colour, 1 for the full one. */
  readonly shade: number
  readonly color?: string
}

/** A table of shaded squares, rows and columns in the order in which they first come. */
export function tilesChart(
  description: string,
  tiles: readonly Tile[],
  axes?: { row: string; column: string },
): string {
  const rows = [...new Set(tiles.map(({ row }) => row))]
  const columns = [...new Set(tiles.map(({ column }) => column))]
  const axis = (label: string | undefined, domain: readonly (number | string)[]) =>
    label === undefined ? { axis: null, domain } : { label, domain, tickSize: 0 }
  return draw(newDocument(), description, {
    width: axes === undefined ? 20 + 46 * columns.length : 56 + 33 * columns.length,
    height: (axes === undefined ? 30 : 80) + 34 * rows.length,
    marginLeft: axes === undefined ? 4 : 48,
    marginBottom: axes === undefined ? 4 : 48,
    x: { ...axis(axes?.column, columns) },
    y: { ...axis(axes?.row, rows) },
    marks: [
      cell(tiles, {
        x: 'column',
        y: 'row',
        fill: ({ color = 'var(--policy)' }: Tile) => color,
        fillOpacity: 'shade',
        inset: 0.75,
      }),
      text(tiles, { x: 'column', y: 'row', text: 'label', fontVariant: 'tabular-nums' }),
    ],
    opacity: { type: 'identity' },
  })
}

/** Writes `runs/tabular/<name>.html` and says what it holds. */
export function savePage(name: string, page: Omit<Report, 'command'>): void {
  const path = `runs/tabular/${name}.html`
  mkdirSync('runs/tabular', { recursive: true })
  writeFileSync(path, report({ ...page, command: `npx tsx examples/tabular/${name}.ts` }))
  for (const { label, value } of page.facts) console.log(`${label}: ${value}`)
  console.log(`figure: ${path}`)
}
