// Lesson 6: the values that DQN gives to the states of a plane, while it trains on CartPole, and at any step before.

import { dqn, make, preset, type QPolicy } from 'alambic/rl'
import { noGrad, scope, tensor } from 'alambic/tensor'
import { button, canvas, html, mountPicture, set, slider, svg } from './lib/elements.ts'
import { clamp, fixed, scale } from './lib/numbers.ts'

const COLUMNS = 42
const ROWS = 26
const WIDTH = 640
const HEIGHT = 330
const LEFT = 56
const TOP = 14
const RIGHT = WIDTH - 16
const BOTTOM = HEIGHT - 44
const ANGLE = 0.2 // rad
const SPEED = 2 // rad/s
const STEPS = 20_000
const EVERY = 250 // steps between snapshots
const BOUND = 100 // Σ γ^t with γ = 0.99
const MILLISECONDS = 25 // of training per frame

const variants = {
  'Usual settings': {},
  'Target copied every 16 steps': { targetUpdateInterval: 16 },
  'Buffer of 128 steps': { bufferSize: 128 },
} as const

interface Snapshot {
  /** Of the two actions in each cell, row by row: [cells, 2]. */
  readonly values: Float32Array
  /** Mean return of the last ten episodes. */
  readonly played: number
}

mountPicture('values', (stage) => {
  const x = scale([0, COLUMNS], [LEFT, RIGHT])
  const y = scale([0, ROWS], [BOTTOM, TOP])
  const observations = new Float32Array(COLUMNS * ROWS * 4)
  const cells = Array.from({ length: COLUMNS * ROWS }, (_, cell) => {
    const [column, row] = [cell % COLUMNS, Math.floor(cell / COLUMNS)]
    observations[4 * cell + 2] = ANGLE * ((2 * column + 1) / COLUMNS - 1)
    observations[4 * cell + 3] = SPEED * ((2 * row + 1) / ROWS - 1)
    const size = { width: (RIGHT - LEFT) / COLUMNS, height: (BOTTOM - TOP) / ROWS }
    return svg('rect', { x: x(column), y: y(row + 1), ...size })
  })
  const middle = (a: number, b: number) => (a + b) / 2
  const area = canvas(
    WIDTH,
    HEIGHT,
    'The values of states over the angle and the angular velocity of the pole',
    svg('rect', { class: 'frame', x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP }),
    svg('g', { class: 'value-map' }, ...cells),
    svg('circle', { class: 'here', r: 4, cx: middle(LEFT, RIGHT), cy: middle(TOP, BOTTOM) }),
    ...[-ANGLE, 0, ANGLE].map((angle, i) =>
      svg('text', { x: x((i * COLUMNS) / 2), y: BOTTOM + 18, 'text-anchor': 'middle' }, fixed(angle, 1)),
    ),
    ...[-SPEED, 0, SPEED].map((speed, i) =>
      svg('text', { x: LEFT - 8, y: y((i * ROWS) / 2) + (i === 0 ? 0 : 5), 'text-anchor': 'end' }, fixed(speed, 0)),
    ),
    svg('text', { x: middle(LEFT, RIGHT), y: BOTTOM + 38, 'text-anchor': 'middle' }, 'angle of the pole, rad'),
    svg(
      'text',
      { transform: `translate(16 ${middle(TOP, BOTTOM)}) rotate(-90)`, 'text-anchor': 'middle' },
      'angular velocity, rad/s',
    ),
  )
  area.setAttribute('role', 'img')
  const key = html(
    'p',
    { class: 'key' },
    html('span', { class: 'left' }, 'left has the higher value'),
    html('span', { class: 'right' }, 'right has the higher value'),
    html('span', { class: 'impossible' }, 'value above 100, which is impossible'),
  )
  const words = html('p', { class: 'readout' })
  const time = slider('Step', { min: 0, max: STEPS, step: EVERY, value: 0 }, (step) => step.toLocaleString('en'), look)
  const train = button('Train', () => run(!running))
  const choices = Object.keys(variants).map((name) =>
    button(name, () => {
      variant = name as keyof typeof variants
      restart()
    }),
  )
  let variant: keyof typeof variants = 'Usual settings'
  let training: ReturnType<typeof dqn>
  let snapshots: Snapshot[]
  let returns: number[]
  let running = false

  function restart(): void {
    const { options } = preset('dqn', 'cartpole-dqn')
    training = dqn(make('CartPole-v1'), { ...options, ...variants[variant], totalTimesteps: STEPS, seed: 3 })
    returns = []
    snapshots = [{ values: new Float32Array(2 * cells.length), played: Number.NaN }]
    run(false)
    time.value = 0
    show()
  }

  function run(on: boolean): void {
    if (on && snapshots.length > STEPS / EVERY) restart()
    running = on
    train.textContent = on ? 'Pause' : snapshots.length > STEPS / EVERY ? 'Train again' : 'Train'
    if (on) requestAnimationFrame(learn)
  }

  function learn(): void {
    if (!running) return
    const until = performance.now() + MILLISECONDS
    while (performance.now() < until) {
      const { value, done } = training.next()
      if (done === true) break
      returns.push(...value.episodes.map((episode) => episode.return))
      while (snapshots.length * EVERY <= value.step) snapshots.push(snapshotOf(value.agent))
    }
    time.value = (snapshots.length - 1) * EVERY
    show()
    if (snapshots.length > STEPS / EVERY) run(false)
    else requestAnimationFrame(learn)
  }

  function snapshotOf(agent: QPolicy): Snapshot {
    const states = () => tensor(observations, [cells.length, 4])
    const values = scope(() => noGrad(() => Float32Array.from(agent.actionValues(states()).view())))
    const last = returns.slice(-10)
    return { values, played: last.reduce((sum, value) => sum + value, 0) / last.length }
  }

  // The slider was moved: training rests, so that the picture stays where it is.
  function look(): void {
    if (running) run(false)
    time.value = Math.min(time.value, (snapshots.length - 1) * EVERY)
    show()
  }

  function show(): void {
    const { values, played } = snapshots[Math.round(time.value / EVERY)]!
    let largest = -Infinity
    cells.forEach((rect, cell) => {
      const [left, right] = [values[2 * cell]!, values[2 * cell + 1]!]
      const value = Math.max(left, right)
      largest = Math.max(largest, value)
      const kind = value > BOUND ? 'impossible' : right > left ? 'right' : 'left'
      set(rect, { class: kind, 'fill-opacity': value > BOUND ? 0.85 : (0.85 * clamp(value / BOUND, 0, 1)).toFixed(2) })
    })
    choices.forEach((each) => {
      each.setAttribute('aria-pressed', String(each.textContent === variant))
    })
    const most = largest < 1000 ? fixed(largest, 0) : Math.round(largest).toLocaleString('en')
    words.textContent =
      time.value === 0
        ? 'Not trained yet: all values are near 0.'
        : `Largest value ${most}, mean return of the last ten episodes ${Number.isNaN(played) ? 'unknown' : fixed(played, 0)}.`
  }

  const group = html('span', { class: 'pair' }, ...choices)
  stage.append(area, key, words, html('div', { class: 'controls' }, train, time.element, group))
  restart()
})
