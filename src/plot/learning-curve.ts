// A learning curve: the return of each training episode, and a running mean.

import { dot, lineY, ruleY, text, windowY } from '@observablehq/plot'
import { draw } from './draw.ts'
import { formatCount } from './format.ts'

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
  const solved = threshold === undefined ? [] : thresholdMarks(threshold)
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
      ...solved,
      lineY(
        episodes,
        windowY(
          { k: window, anchor: 'end', reduce: 'mean' },
          { x: 'step', y: 'value', stroke: 'var(--teacher)', strokeWidth: 2.4 },
        ),
      ),
    ],
  })
  return `<div class="scroll" tabindex="0">${chart}</div>`
}

function thresholdMarks(threshold: number) {
  const label = { frameAnchor: 'left', textAnchor: 'start', dx: 6, dy: 10, fill: 'var(--quiet)' } as const
  return [
    ruleY([threshold], { stroke: 'var(--quiet)', strokeDasharray: '5 4' }),
    text([threshold], { y: (value: number) => value, text: (value: number) => `solved: ${value}`, ...label }),
  ]
}
