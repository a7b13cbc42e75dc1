// Lesson 7: PPO's clipped objective of one action over the ratio of its probabilities.

import { canvas, html, mountPicture, movable, set, slider, svg } from './lib/elements.ts'
import { clamp, fixed, path, scale } from './lib/numbers.ts'

const WIDTH = 640
const HEIGHT = 320
const LEFT = 44
const RIGHT = WIDTH - 20
const TOP = 16
const BOTTOM = HEIGHT - 16

mountPicture('clip', (stage) => {
  const x = scale([0, 2], [LEFT, RIGHT])
  const y = scale([-3.2, 3.2], [BOTTOM, TOP])
  const toRatio = scale([LEFT, RIGHT], [0, 2])
  const band = svg('rect', { class: 'band', y: TOP, height: BOTTOM - TOP })
  const plain = svg('path', { class: 'curve unclipped' })
  const curve = svg('path', { class: 'curve learned' })
  const arrow = svg('path', { class: 'tangent', fill: 'none' })
  const dot = svg('circle', { class: 'handle', r: 11, tabindex: 0, role: 'slider', 'aria-label': 'Probability ratio' })
  set(dot, { 'aria-valuemin': 0, 'aria-valuemax': 2 })
  const area = canvas(
    WIDTH,
    HEIGHT,
    'The clipped objective over the probability ratio',
    band,
    svg('line', { class: 'axis', x1: LEFT, x2: RIGHT, y1: y(0), y2: y(0) }),
    svg('line', { class: 'axis', x1: x(1), x2: x(1), y1: TOP, y2: BOTTOM }),
    ...[0, 0.5, 1, 1.5, 2].map((ratio) =>
      svg('text', { x: x(ratio), y: y(0) + 20, 'text-anchor': 'middle' }, fixed(ratio, 1)),
    ),
    svg('text', { x: LEFT, y: 28 }, 'objective'),
    svg('text', { x: RIGHT, y: y(0) - 8, 'text-anchor': 'end' }, 'ratio ρ'),
    plain,
    curve,
    arrow,
    dot,
  )
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const advantage = slider('Advantage Â', { min: -1.5, max: 1.5, step: 0.1, value: 1 }, (a) => fixed(a, 1), show)
  const clipRange = slider('Clip range ε', { min: 0.05, max: 0.5, step: 0.05, value: 0.2 }, fixed, show)
  let ratio = 1

  const objective = (rho: number) => {
    const [a, e] = [advantage.value, clipRange.value]
    return Math.min(rho * a, clamp(rho, 1 - e, 1 + e) * a)
  }

  function show(): void {
    const [a, e] = [advantage.value, clipRange.value]
    set(band, { x: x(1 - e), width: x(1 + e) - x(1 - e) })
    const points = Array.from({ length: 201 }, (_, i) => i / 100)
    set(plain, { d: path([0, 2].map((rho) => [x(rho), y(rho * a)] as const)) })
    set(curve, { d: path(points.map((rho) => [x(rho), y(objective(rho))] as const)) })
    set(dot, { cx: x(ratio), cy: y(objective(ratio)), 'aria-valuenow': ratio.toFixed(2) })
    const flat = a === 0 || (a > 0 ? ratio > 1 + e : ratio < 1 - e)
    const way = Math.sign(a)
    const to = x(ratio) + way * 46
    const at = y(objective(ratio)) - 24
    const head = `M${to - 9 * way} ${at - 7}L${to} ${at}L${to - 9 * way} ${at + 7}`
    set(arrow, { d: flat ? '' : `M${x(ratio)} ${at}L${to} ${at}${head}` })
    const change = Math.abs(ratio - 1) < 0.005 ? 'as likely as' : `${fixed(ratio)} times as likely as`
    const push = flat
      ? 'The objective is flat here: this action has no gradient any more.'
      : `The gradient makes the action ${a > 0 ? 'more' : 'less'} likely.`
    words.textContent = `The action is ${change} under the old policy. Objective ${fixed(objective(ratio))}. ${push}`
  }

  const move = (to: number) => {
    ratio = clamp(to, 0, 2)
    show()
  }
  movable(dot, area, { moveTo: (px) => move(toRatio(px)), moveBy: (dx, dy) => move(ratio + 0.05 * (dx - dy)) })
  stage.append(area, words, html('div', { class: 'controls' }, advantage.element, clipRange.element))
  show()
})
