// Charts by Observable Plot (https://observablehq.com/plot) as SVG text: returns of each training episode, over seeds in a band, and of the
// episodes of several agents. The caller gives the document: a browser its own, the command one of linkedom, so no display is needed.

import { areaY, dot, lineY, type PlotOptions, plot, ruleY, text, tickX, windowY } from '@observablehq/plot'
import { formatCount } from './format.ts'

/** Draws a chart and returns its SVG. `description` is for screen readers. */
export function draw(document: Document, description: string, options: PlotOptions): string {
  const svg = plot({
    ...options,
    document,
    ariaLabel: description,
    className: 'chart',
    style: { fontSize: '12.5px', background: 'none' },
  })
  svg.setAttribute('role', 'img')
  // A mark without a role may have no label of its own (WAI-ARIA 1.2, section 5.2.8.6).
  for (const mark of svg.querySelectorAll('[aria-label]')) {
    mark.setAttribute('data-mark', mark.getAttribute('aria-label')!)
    mark.removeAttribute('aria-label')
  }
  return roundCoordinates(svg.outerHTML)
}

/** A hundredth of a pixel is enough: `248.72340425531914` becomes `248.72`. */
function roundCoordinates(svg: string): string {
  return svg.replace(/\d+\.\d{3,}/g, (digits) => String(Math.round(Number(digits) * 100) / 100))
}

export interface LearningCurve {
  /** Environment steps at the end of each episode: [episodes]. */
  readonly steps: ArrayLike<number>
  /** The return of each episode: [episodes]. */
  readonly returns: ArrayLike<number>
  /** The return at which the task counts as solved. Default: none. */
  readonly threshold?: number
  /** Episodes in the running mean. Default 20. */
  readonly window?: number
}

export function learningCurve(document: Document, { steps, returns, threshold, window = 20 }: LearningCurve): string {
  const episodes = Array.from(returns, (value, episode) => ({ step: steps[episode] ?? 0, value }))
  const last = episodes.at(-1)?.step ?? 0
  const solved = threshold === undefined ? [] : [threshold]
  const mean = { x: 'step', y: 'value', stroke: 'var(--teacher)', strokeWidth: 2.4 }
  const label = { frameAnchor: 'left', textAnchor: 'start', dx: 6, dy: 10, fill: 'var(--quiet)' } as const
  const chart = draw(document, 'Return of each training episode against environment steps, with a running mean', {
    width: 760,
    height: 320,
    marginLeft: 52,
    marginRight: 24,
    marginBottom: 44,
    x: { label: 'environment steps', domain: [0, Math.max(1, last)], tickFormat: formatCount, ticks: 6 },
    y: { label: 'return of an episode', grid: true, ticks: 5, nice: true },
    marks: [
      ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.35 }),
      dot(episodes, { x: 'step', y: 'value', r: 1.8, fill: 'var(--teacher)', fillOpacity: 0.35 }),
      ruleY(solved, { stroke: 'var(--quiet)', strokeDasharray: '5 4' }),
      text(solved, { y: (value) => value, text: (value) => `solved: ${value}`, ...label }),
      lineY(episodes, windowY({ k: window, anchor: 'end', reduce: 'mean' }, mean)),
    ],
  })
  return `<div class="scroll" tabindex="0">${chart}</div>`
}

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

/** Returns of an agent; `low` and `high` are the ends of the interval of the mean, `color` is a CSS color. */
interface AgentReturns extends Readonly<Record<'mean' | 'low' | 'high', number>> {
  readonly name: string
  readonly color: string
  readonly returns: readonly number[]
}

/** A row per agent, as HTML: a tick per episode, the mean and its interval. */
export function returnsChart(document: Document, agents: readonly AgentReturns[]): string {
  const names = agents.map(({ name }) => name)
  const episodes = agents.flatMap(({ returns, ...agent }) => returns.map((value) => ({ ...agent, value })))
  const chart = draw(document, 'Return of each episode of each agent, with the mean and its 95 % interval', {
    width: 760,
    height: 70 + 56 * agents.length,
    marginLeft: 24 + 7 * Math.max(...names.map((name) => name.length)),
    x: { label: 'return of an episode', nice: true, ticks: 6, grid: true },
    y: { label: null, domain: names, padding: 0.35 },
    marks: [
      tickX(episodes, { x: 'value', y: 'name', stroke: 'color', strokeOpacity: 0.3, strokeWidth: 1.6 }),
      ruleY(agents, { y: 'name', x1: 'low', x2: 'high', stroke: 'var(--ink)', strokeWidth: 3 }),
      dot(agents, { x: 'mean', y: 'name', r: 5, fill: 'color', stroke: 'var(--ink)', strokeWidth: 1.5 }),
    ],
  })
  return `<div class="scroll" tabindex="0">${chart}</div>`
}
