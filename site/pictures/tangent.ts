// Lesson 1: a loss over one weight, its tangent, and steps downhill.

import { button, canvas, html, mountPicture, movable, set, slider, svg } from './lib/elements.ts'
import { clamp, fixed, path, scale } from './lib/numbers.ts'

const LOW = -2.3
const HIGH = 2.3
const WIDTH = 640
const HEIGHT = 320

const loss = (w: number) => 0.25 * w ** 4 - 0.9 * w ** 2 + 0.25 * w + 1.4
const slope = (w: number) => w ** 3 - 1.8 * w + 0.25

mountPicture('tangent', (stage) => {
  const x = scale([LOW, HIGH], [20, WIDTH - 20])
  const y = scale([0, 4.4], [HEIGHT - 30, 10])
  const toW = scale([20, WIDTH - 20], [LOW, HIGH])
  const points = Array.from({ length: 161 }, (_, i) => LOW + (i / 160) * (HIGH - LOW))
  const tangent = svg('line', { class: 'tangent' })
  const trail = svg('g')
  const dot = svg('circle', { class: 'handle', r: 11, tabindex: 0, role: 'slider', 'aria-label': 'Weight w' })
  set(dot, { 'aria-valuemin': LOW, 'aria-valuemax': HIGH })
  const area = canvas(
    WIDTH,
    HEIGHT,
    'The loss over the weight, with the tangent at the dot',
    svg('line', { class: 'axis', x1: 20, x2: WIDTH - 20, y1: y(0), y2: y(0) }),
    ...[-2, -1, 0, 1, 2].map((w) => svg('text', { x: x(w), y: y(0) + 20, 'text-anchor': 'middle' }, fixed(w, 0))),
    svg('text', { x: WIDTH - 20, y: y(0) - 8, 'text-anchor': 'end' }, 'weight w'),
    svg('text', { x: 26, y: 26 }, 'loss'),
    svg('path', { class: 'curve', d: path(points.map((w) => [x(w), y(loss(w))] as const)) }),
    tangent,
    trail,
    dot,
  )
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const rate = slider('Learning rate', { min: 0.02, max: 0.8, step: 0.02, value: 0.1 }, fixed, show)
  const steps = (count: number) => () => {
    for (let i = 0; i < count; i++) {
      trail.append(svg('circle', { class: 'trail', r: 6, cx: x(w), cy: y(loss(w)) }))
      w = clamp(w - rate.value * slope(w), LOW, HIGH)
    }
    show()
  }
  let w = 1.9
  const move = (to: number) => {
    w = clamp(to, LOW, HIGH)
    trail.replaceChildren()
    show()
  }

  function show(): void {
    const half = 0.55 / Math.hypot(1, slope(w) / 2)
    const [left, right] = [w - half, w + half]
    const at = (v: number) => y(loss(w) + slope(w) * (v - w))
    set(tangent, { x1: x(left), y1: at(left), x2: x(right), y2: at(right) })
    set(dot, { cx: x(w), cy: y(loss(w)), 'aria-valuenow': w.toFixed(2) })
    set(dot, { 'aria-valuetext': `w = ${fixed(w)}, slope ${fixed(slope(w))}` })
    const next = clamp(w - rate.value * slope(w), LOW, HIGH)
    words.textContent = `w = ${fixed(w)}, loss = ${fixed(loss(w))}, slope = ${fixed(slope(w))}. The next step goes to w = ${fixed(next)}.`
  }

  movable(dot, area, { moveTo: (px) => move(toW(px)), moveBy: (dx, dy) => move(w + 0.05 * (dx - dy)) })
  const controls = html('div', { class: 'controls' }, button('One step', steps(1)), button('Ten steps', steps(10)))
  controls.append(rate.element)
  stage.append(area, words, controls)
  show()
})
