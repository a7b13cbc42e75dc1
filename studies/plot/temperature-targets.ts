// The effect of a temperature: one state's logits or action values and their softmax targets p = softmax(Q / T). Hinton et al. 2015,
// arXiv:1503.02531, section 2. The targets are an input, so the chart shows what the student was trained on.

import { axisX, barY, dot, ruleY, text } from '@observablehq/plot'
import { draw, formatFixed, formatPercent, sideBySide } from 'alambic/plot'

export interface TemperatureTargets {
  /** Names of the actions: [actions]. */
  readonly actions: readonly string[]
  /** The teacher's logit or value of each action in this state: [actions]. */
  readonly scores: ArrayLike<number>
  /** One panel per temperature, lowest first: its label and the target probabilities [actions]. */
  readonly panels: readonly { readonly label: string; readonly targets: ArrayLike<number> }[]
  /** A picture of the state, as SVG. */
  readonly state?: string
}

/** The state, its scores and the targets at each temperature, as HTML. */
export function temperatureTargets(document: Document, given: TemperatureTargets): string {
  const state =
    given.state === undefined ? [] : [{ title: 'the state', picture: `<div class="state">${given.state}</div>` }]
  return sideBySide([
    ...state,
    { title: 'the teacher’s scores', picture: valuesChart(document, given) },
    { title: 'targets for the student, by temperature', picture: targetsChart(document, given) },
  ])
}

const HEIGHT = 230

function valuesChart(document: Document, { actions, scores }: TemperatureTargets): string {
  const rows = actions.map((action, index) => ({ action, value: scores[index] ?? Number.NaN }))
  const all = rows.map((row) => row.value)
  const best = Math.max(...all)
  const margin = (best - Math.min(...all)) * 0.25
  return draw(document, 'The teacher’s score of each action in this state', {
    width: 62 + 48 * actions.length,
    height: HEIGHT,
    marginLeft: 48,
    marginTop: 24,
    x: { label: null, domain: [...actions], tickSize: 0, type: 'point', padding: 0.6 },
    y: { label: null, domain: [Math.min(...all) - margin, best + margin], ticks: 4, grid: true },
    marks: [
      dot(rows, {
        x: 'action',
        y: 'value',
        r: 5,
        fill: (row) => (row.value === best ? 'var(--action-values)' : 'var(--controls)'),
      }),
      text(rows, { x: 'action', y: 'value', text: (row) => formatFixed(row.value, 2), dy: -13 }),
    ],
  })
}

function targetsChart(document: Document, { actions, scores, panels }: TemperatureTargets): string {
  const best = actions[Array.from(scores).indexOf(Math.max(...Array.from(scores)))]
  const bars = panels.flatMap(({ label, targets }) =>
    actions.map((action, index) => ({ label, action, share: targets[index] ?? Number.NaN })),
  )
  return draw(document, 'Target probability of each action at each temperature', {
    width: 16 + panels.length * Math.max(72, 36 * actions.length),
    height: HEIGHT,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 34,
    fx: { label: null, domain: panels.map((panel) => panel.label), padding: 0.12 },
    x: { domain: [...actions], padding: 0.18 },
    y: { axis: null, domain: [0, 1.08] },
    marks: [
      axisX({ label: null, tickSize: 0, fontSize: 11 }),
      barY(bars, {
        fx: 'label',
        x: 'action',
        y: 'share',
        fill: (bar) => (bar.action === best ? 'var(--action-values)' : 'var(--controls)'),
        fillOpacity: 0.8,
        rx: 2,
      }),
      text(bars, {
        fx: 'label',
        x: 'action',
        y: 'share',
        text: (bar) => formatPercent(bar.share, 0),
        dy: -8,
        fontSize: 11,
      }),
      ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
    ],
  })
}
