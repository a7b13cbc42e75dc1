// Lesson 7: the values of an episode, which can be moved, and the advantages that GAE makes of them.

import { canvas, html, mountPicture, movable, set, slider, svg } from './lib/elements.ts'
import { clamp, fixed, path, scale } from './lib/numbers.ts'

const WIDTH = 640
const HEIGHT = 350
const VALUES = [0.3, 0.3, 0.3, 0.3, 0.8, 0.8, 0.8, 0.8, 0.45, 0.45, 0.45, 0.45]
const REWARD = 1 // at the end of the episode

mountPicture('advantage', (stage) => {
  const values = [...VALUES]
  const x = (t: number) => 60 + (t * (WIDTH - 90)) / (VALUES.length - 1)
  const y = scale([0, 1.2], [150, 34])
  const toValue = scale([150, 34], [0, 1.2])
  const yAdvantage = scale([-1.2, 1.2], [HEIGHT - 30, 196])
  const line = svg('path', { class: 'curve' })
  const bars = values.map(() => svg('rect', { width: 26 }))
  const dots = values.map((_, t) =>
    svg('circle', {
      class: 'handle',
      r: 8,
      tabindex: 0,
      role: 'slider',
      'aria-label': `Value before step ${t + 1}`,
      'aria-valuemin': 0,
      'aria-valuemax': 1.2,
    }),
  )
  const area = canvas(
    WIDTH,
    HEIGHT,
    'The values of twelve states, and the advantages of the actions in them',
    svg('text', { x: 20, y: 20 }, 'value of the state before each step'),
    ...[0, 1].map((value) => svg('text', { x: 34, y: y(value) + 5, 'text-anchor': 'end' }, String(value))),
    svg('text', { x: 38, y: HEIGHT - 4, 'text-anchor': 'end' }, 'step'),
    svg('text', { x: 20, y: 188 }, 'advantage of the action'),
    svg('line', { class: 'axis', x1: 42, x2: WIDTH - 10, y1: y(0), y2: y(0) }),
    svg('line', { class: 'axis', x1: 20, x2: WIDTH - 10, y1: yAdvantage(0), y2: yAdvantage(0) }),
    ...values.map((_, t) => svg('text', { x: x(t), y: HEIGHT - 4, 'text-anchor': 'middle' }, String(t + 1))),
    line,
    ...bars,
    ...dots,
  )
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const lambda = slider('λ', { min: 0, max: 1, step: 0.05, value: 0 }, fixed, show)

  function advantages(): number[] {
    const result: number[] = []
    let next = 0
    for (let t = values.length - 1; t >= 0; t--) {
      const delta = (values[t + 1] ?? REWARD) - values[t]! // γ = 1, and no reward but the last
      next = delta + lambda.value * next
      result[t] = next
    }
    return result
  }

  function show(): void {
    set(line, { d: path(values.map((value, t) => [x(t), y(value)] as const)) })
    advantages().forEach((advantage, t) => {
      const [top, bottom] = [yAdvantage(Math.max(advantage, 0)), yAdvantage(Math.min(advantage, 0))]
      set(bars[t]!, { x: x(t) - 13, y: top, height: Math.max(bottom - top, 1), class: advantage < 0 ? 'loss' : 'gain' })
      set(dots[t]!, { cx: x(t), cy: y(values[t]!), 'aria-valuenow': values[t]!.toFixed(2) })
    })
    const credited = advantages().filter((advantage) => Math.abs(advantage) > 0.02).length
    words.textContent = `With λ = ${fixed(lambda.value)}, ${credited} of ${values.length} actions have an advantage other than 0.`
  }

  dots.forEach((dot, t) => {
    const move = (value: number) => {
      values[t] = clamp(value, 0, 1.2)
      show()
    }
    movable(dot, area, {
      moveTo: (_, py) => move(toValue(py)),
      moveBy: (dx, dy) => move(values[t]! + 0.05 * (dx - dy)),
    })
  })
  stage.append(area, words, html('div', { class: 'controls' }, lambda.element))
  show()
})
