// Lesson 3: a network of one hidden layer learns a curve through points.

import { Adam, MLP, mseLoss } from 'alambic/nn'
import { noGrad, Rng, scope, tensor } from 'alambic/tensor'
import { button, canvas, html, mountPicture, movable, set, slider, svg } from './lib/elements.ts'
import { clamp, path, scale } from './lib/numbers.ts'

const WIDTH = 640
const HEIGHT = 300
const STEPS_PER_FRAME = 10

mountPicture('bend', (stage) => {
  const x = scale([-1, 1], [24, WIDTH - 24])
  const y = scale([-1.2, 1.2], [HEIGHT - 16, 16])
  const toX = scale([24, WIDTH - 24], [-1, 1])
  const toY = scale([HEIGHT - 16, 16], [-1.2, 1.2])
  const start = [-0.5, -0.75, -0.1, 0.65, 0.8, 0.3, -0.55, -0.3, 0.45]
  const points = start.map((value, i) => [-0.9 + (i * 1.8) / (start.length - 1), value] as [number, number])
  const grid = Float32Array.from({ length: 121 }, (_, i) => -1 + i / 60)

  const frame = svg('clipPath', { id: 'bend-frame' }, svg('rect', { width: WIDTH, height: HEIGHT }))
  const parts = svg('g', { 'clip-path': 'url(#bend-frame)' })
  const curve = svg('path', { class: 'curve learned' })
  const dots = points.map((_, i) => {
    return svg('circle', {
      class: 'handle',
      r: 8,
      tabindex: 0,
      role: 'slider',
      'aria-label': `Height of point ${i + 1}`,
      'aria-valuemin': -1,
      'aria-valuemax': 1,
    })
  })
  const area = canvas(
    WIDTH,
    HEIGHT,
    'Points, and the function of a network',
    svg('line', { class: 'axis', x1: 24, x2: WIDTH - 24, y1: y(0), y2: y(0) }),
    svg('text', { x: WIDTH - 24, y: y(0) + 20, 'text-anchor': 'end' }, 'input'),
    svg('text', { x: 24, y: 16 }, 'output'),
    frame,
    parts,
    curve,
    ...dots,
  )
  const words = html('p', { class: 'readout' })
  const units = slider('Hidden units', { min: 1, max: 24, step: 1, value: 4 }, String, restart)
  const train = button('Train', () => {
    running = !running
    train.textContent = running ? 'Pause' : 'Train'
    if (running) requestAnimationFrame(learn)
  })
  let running = false
  let seed = 1
  let steps = 0
  let network: MLP
  let optimizer: Adam

  function restart(): void {
    network = new MLP([1, units.value, 1], new Rng(seed), { activation: 'tanh' })
    optimizer = new Adam(network, { learningRate: 0.03 })
    steps = 0
    show()
  }

  function learn(): void {
    if (!running) return
    const inputs = tensor(points.map(([at]) => [at]))
    const targets = tensor(points.map(([, value]) => [value]))
    for (let i = 0; i < STEPS_PER_FRAME; i++) optimizer.minimize(() => mseLoss(network.forward(inputs), targets))
    steps += STEPS_PER_FRAME
    show()
    requestAnimationFrame(learn)
  }

  function show(): void {
    const values = valuesOf(Array.from(grid))
    set(curve, { d: path(values.map((value, i) => [x(grid[i]!), y(clamp(value, -3, 3))] as const)) })
    parts.replaceChildren(
      ...hiddenUnits().map((unit) =>
        svg('path', {
          class: 'part',
          d: path(unit.map((value, i) => [x(grid[i]!), y(clamp(value, -3, 3))] as const)),
        }),
      ),
    )
    points.forEach(([at, value], i) => {
      set(dots[i]!, { cx: x(at), cy: y(value), 'aria-valuenow': value.toFixed(2) })
    })
    const fitted = valuesOf(points.map(([at]) => at))
    const loss = fitted.reduce((sum, value, i) => sum + (value - points[i]![1]) ** 2, 0) / points.length
    words.textContent = `${3 * units.value + 1} parameters, ${steps} steps, mean squared error ${loss.toFixed(4)}`
  }

  const valuesOf = (at: readonly number[]) =>
    scope(() => noGrad(() => Array.from(network.forward(tensor(at.map((each) => [each]))).toArray())))

  // What each hidden unit adds to the sum, over the grid.
  function hiddenUnits(): number[][] {
    const [weight, bias, out] = Object.values(network.parameters()).map((each) => Array.from(each.toArray()))
    return weight!.map((w, k) => Array.from(grid, (at) => out![k]! * Math.tanh(w * at + bias![k]!)))
  }

  dots.forEach((dot, i) => {
    const move = (value: number) => {
      points[i]![1] = clamp(value, -1, 1)
      show()
    }
    movable(dot, area, {
      moveTo: (px, py) => {
        points[i]![0] = clamp(toX(px), -1, 1)
        move(toY(py))
      },
      moveBy: (dx, dy) => move(points[i]![1] + 0.05 * (dx - dy)),
    })
  })
  const again = button('Start again', () => {
    seed++
    restart()
  })
  stage.append(area, words, html('div', { class: 'controls' }, train, again, units.element))
  restart()
})
