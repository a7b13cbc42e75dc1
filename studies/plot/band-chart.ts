// Lines with intervals: scores over labels, fractions over scores. A line's color and dash are given by its index in the series.

import { areaY, dot, lineY, ruleY } from '@observablehq/plot'
import { draw, escapeHtml } from 'alambic/plot'

export interface BandPoint {
  readonly x: number
  readonly y: number
  /** The ends of the 95 % interval. */
  readonly low: number
  readonly high: number
}

export interface BandSeries {
  readonly name: string
  readonly points: readonly BandPoint[]
}

export interface BandChart {
  readonly series: readonly BandSeries[]
  /** Alternative text. */
  readonly description: string
  readonly x: {
    readonly label: string
    /** Default `linear`. */
    readonly type?: 'linear' | 'log'
    readonly ticks?: readonly number[]
  }
  readonly y: { readonly label: string; readonly domain?: readonly [number, number] }
  /** Horizontal reference lines. */
  readonly marks?: readonly number[]
  /** Whether points are marked. Default true. */
  readonly dots?: boolean
  /** In pixels. Default 760 by 360. */
  readonly width?: number
  readonly height?: number
}

// Six hues distinct for color-blind readers (Okabe and Ito 2008), then the same dashed.
const hues = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']

const styleOf = (i: number) => ({ stroke: hues[i % hues.length]!, strokeDasharray: i < hues.length ? '' : '6 4' })

/** A legend and the chart, as HTML. */
export function bandChart(document: Document, chart: BandChart): string {
  return `${bandLegend(chart.series.map(({ name }) => name))}<div class="scroll" tabindex="0">${bandPicture(document, chart)}</div>`
}

/** The chart alone, for several charts under one legend. A series without points keeps its color. */
export function bandPicture(document: Document, chart: BandChart): string {
  const { series, x, y, marks = [0, 1], dots = true, width = 760, height = 360 } = chart
  const [low, high] = y.domain ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  const places = series.flatMap(({ points }) => points.map((point) => point.x))
  const [left, right] = [Math.min(...places), Math.max(...places)]
  const within = (value: number) => Math.min(Math.max(value, low), high)
  const lines = series.flatMap(({ points }, i) => {
    const { stroke, strokeDasharray } = styleOf(i)
    const shown = points.map((point) => ({
      ...point,
      y: within(point.y),
      low: within(point.low),
      high: within(point.high),
    }))
    return [
      areaY(shown, { x: 'x', y1: 'low', y2: 'high', fill: stroke, fillOpacity: 0.13 }),
      lineY(shown, { x: 'x', y: 'y', stroke, strokeWidth: 2, strokeDasharray }),
      ...(dots ? [dot(shown, { x: 'x', y: 'y', r: 3, fill: stroke })] : []),
    ]
  })
  return draw(document, chart.description, {
    width,
    height,
    marginLeft: 48,
    marginRight: 20,
    marginBottom: 44,
    x: {
      label: x.label,
      type: x.type ?? 'linear',
      ...(x.ticks && {
        ticks: x.ticks.filter((tick) => tick >= left && tick <= right),
        tickFormat: (value: number) => String(value),
      }),
    },
    y: { label: y.label, grid: true, ...(y.domain && { domain: [...y.domain] }) },
    marks: [ruleY(marks, { stroke: 'currentColor', strokeOpacity: 0.35 }), ...lines],
  })
}

/** The legend as HTML, in the order of the series. */
export function bandLegend(names: readonly string[]): string {
  const entries = names.map((name, i) => {
    const { stroke, strokeDasharray } = styleOf(i)
    const line = `<svg width="26" height="10" aria-hidden="true"><path d="M1 5h24" stroke="${stroke}" stroke-width="2.5" stroke-dasharray="${strokeDasharray}"/></svg>`
    return `<span>${line} ${escapeHtml(name)}</span>`
  })
  return `<div class="legend">${entries.join('')}</div>`
}
