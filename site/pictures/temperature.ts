// Lesson 8: a teacher's scores of four actions, and the label that a temperature makes of them.

import { button, canvas, html, mountPicture, movable, set, slider, svg } from './lib/elements.ts'
import { clamp, fixed, scale } from './lib/numbers.ts'

const WIDTH = 640
const HEIGHT = 300
const ACTIONS = ['left', 'stay', 'right', 'jump']
const EXAMPLES: Readonly<Record<string, readonly number[]>> = {
  'A clear winner': [0.4, 2.6, 0.9, -0.8],
  'A close call': [2.2, 2.3, -0.6, -1],
  'All about equal': [1, 1.1, 0.9, 1.05],
}

mountPicture('temperature', (stage) => {
  const scoreY = scale([-1.5, 3], [HEIGHT - 50, 40])
  const toScore = scale([HEIGHT - 50, 40], [-1.5, 3])
  const probabilityY = scale([0, 1], [HEIGHT - 50, 40])
  const left = (i: number) => 58 + i * 66
  const right = (i: number) => 378 + i * 66
  let scores = [...EXAMPLES['A close call']!]

  const stems = ACTIONS.map(() => svg('line', { class: 'stem' }))
  const handles = ACTIONS.map((name) => {
    const range = { 'aria-valuemin': -1.5, 'aria-valuemax': 3 }
    return svg('circle', {
      class: 'handle',
      r: 10,
      tabindex: 0,
      role: 'slider',
      'aria-label': `Score of ${name}`,
      ...range,
    })
  })
  const bars = ACTIONS.map((_, i) => svg('rect', { class: 'bar-fill', x: right(i) - 22, width: 44 }))
  const shares = ACTIONS.map((_, i) => svg('text', { class: 'value', x: right(i), 'text-anchor': 'middle' }))
  const names = (x: (i: number) => number) =>
    ACTIONS.map((name, i) => svg('text', { x: x(i), y: HEIGHT - 26, 'text-anchor': 'middle' }, name))
  const area = canvas(
    WIDTH,
    HEIGHT,
    "The teacher's scores on the left, the label on the right",
    svg('text', { x: 30, y: 18 }, 'scores of the teacher'),
    svg('text', { x: 350, y: 18 }, 'the label: softmax(scores / τ)'),
    svg('line', { class: 'axis', x1: 30, x2: 290, y1: scoreY(0), y2: scoreY(0) }),
    svg('line', { class: 'axis', x1: 350, x2: 610, y1: probabilityY(0), y2: probabilityY(0) }),
    ...stems,
    ...names(left),
    ...names(right),
    ...bars,
    ...shares,
    ...handles,
  )
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const range = { min: -1.3, max: 1, step: 0.05, value: 0 }
  const temperature = slider('Temperature τ', range, (exponent) => fixed(10 ** exponent), show)

  handles.forEach((handle, i) => {
    const move = (score: number) => {
      scores[i] = clamp(score, -1.5, 3)
      show()
    }
    const moveBy = (dx: number, dy: number) => move(scores[i]! + 0.1 * (dx - dy))
    movable(handle, area, { moveTo: (_, y) => move(toScore(y)), moveBy })
  })

  function show(): void {
    const tau = 10 ** temperature.value
    const largest = Math.max(...scores)
    const weights = scores.map((score) => Math.exp((score - largest) / tau))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const label = weights.map((weight) => weight / total)
    scores.forEach((score, i) => {
      set(stems[i]!, { x1: left(i), x2: left(i), y1: scoreY(0), y2: scoreY(score) })
      set(handles[i]!, { cx: left(i), cy: scoreY(score), 'aria-valuenow': score.toFixed(1) })
      set(bars[i]!, { y: probabilityY(label[i]!), height: probabilityY(0) - probabilityY(label[i]!) })
      set(shares[i]!, { y: probabilityY(label[i]!) - 8 })
      shares[i]!.textContent = fixed(label[i]!)
    })
    const entropy = -label.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0)
    words.textContent = `Entropy ${fixed(entropy)} nats, that of a fair choice among ${fixed(Math.exp(entropy), 1)} actions.`
  }

  const examples = Object.entries(EXAMPLES).map(([name, values]) =>
    button(name, () => {
      scores = [...values]
      show()
    }),
  )
  stage.append(area, words, html('div', { class: 'controls' }, temperature.element, ...examples))
  show()
})
