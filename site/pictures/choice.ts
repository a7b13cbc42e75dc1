// Lesson 9: states of MountainCar to label, drawn at random and chosen by distance, and where the student of each choice errs.

import { Adam, klDivergence, MLP } from 'alambic/nn'
import { logSoftmax, mul, noGrad, Rng, scope, tensor } from 'alambic/tensor'
import { best, carTeacher, HIGH, isGoal, LOW, moved, type State, type Teacher } from './lib/car.ts'
import { button, canvas, html, mountPicture, set, slider, svg } from './lib/elements.ts'
import { fixed, scale } from './lib/numbers.ts'

const WIDTH = 640
const HEIGHT = 300
const PANEL = 306
const TOP = 30
const BOTTOM = HEIGHT - 26
const COLUMNS = 30
const ROWS = 24
const PLAYED = 800
const MOST = 60 // labels
const UPDATES = 250

/** One plane with its labels and its student. */
class Panel {
  readonly element = svg('g')
  labels: State[] = []
  /** Fractions of the states in which student and teacher agree. */
  onPlay = Number.NaN
  onPlane = Number.NaN
  private readonly cells: { rect: SVGElement; state: State }[]
  private readonly played = svg('g', { class: 'visited' })
  private readonly marks = svg('g', { class: 'labelled' })
  private readonly gapLine = svg('line', { class: 'gap' })
  private readonly x: (position: number) => number
  private readonly y = scale([LOW[1], HIGH[1]], [BOTTOM, TOP])

  constructor(title: string, left: number) {
    this.x = scale([LOW[0], HIGH[0]], [left, left + PANEL])
    const size = { width: PANEL / COLUMNS, height: (BOTTOM - TOP) / ROWS }
    this.cells = Array.from({ length: COLUMNS * ROWS }, (_, i) => {
      const part = [((i % COLUMNS) + 0.5) / COLUMNS, (Math.floor(i / COLUMNS) + 0.5) / ROWS] as const
      const state: State = [LOW[0] + part[0] * (HIGH[0] - LOW[0]), LOW[1] + part[1] * (HIGH[1] - LOW[1])]
      const at = { x: this.x(state[0]) - size.width / 2, y: this.y(state[1]) - size.height / 2 }
      return { rect: svg('rect', { ...at, ...size }), state }
    })
    this.element.append(
      svg('text', { x: left, y: 18, class: 'value' }, title),
      svg('text', { x: left + PANEL / 2, y: BOTTOM + 18, 'text-anchor': 'middle' }, 'position'),
      svg('rect', { class: 'frame', x: left, y: TOP, width: PANEL, height: BOTTOM - TOP }),
      ...this.cells.map(({ rect }) => rect),
      this.played,
      this.gapLine,
      this.marks,
    )
  }

  clear(play: readonly State[]): void {
    this.labels = []
    this.marks.replaceChildren()
    this.played.replaceChildren(...play.map((state) => this.dot(state, 1.6)))
    this.gapLine.setAttribute('class', 'gap hidden')
    for (const { rect } of this.cells) rect.setAttribute('class', 'agreed')
  }

  add(state: State): void {
    const nearest = this.labels.reduce<State | undefined>(
      (found, each) => (found === undefined || distance(state, each) < distance(state, found) ? each : found),
      undefined,
    )
    if (nearest !== undefined) {
      const [a, b] = [this.at(state), this.at(nearest)]
      set(this.gapLine, { class: 'gap', x1: a.cx, y1: a.cy, x2: b.cx, y2: b.cy })
    }
    this.labels.push(state)
    this.marks.append(this.dot(state, 5))
  }

  /** Trains a new student on all labels, and marks where it errs. */
  learn(teacher: Teacher, play: readonly State[]): void {
    const student = fitted(this.labels, teacher)
    const plane = this.cells.map(({ state }) => state)
    const agrees = agreement(student, teacher, plane)
    this.cells.forEach(({ rect }, i) => {
      rect.setAttribute('class', agrees[i] ? 'agreed' : 'impossible')
    })
    this.onPlane = agrees.filter(Boolean).length / agrees.length
    this.onPlay = agreement(student, teacher, play).filter(Boolean).length / play.length
  }

  private at([position, velocity]: State): { cx: number; cy: number } {
    return { cx: this.x(position), cy: this.y(velocity) }
  }

  private dot(state: State, r: number): SVGElement {
    return svg('circle', { ...this.at(state), r })
  }
}

/** States of episodes in which the teacher acts, and some actions are random. */
function playOf(teacher: Teacher, rng: Rng): State[] {
  const states: State[] = []
  while (states.length < PLAYED) {
    let state: State = [rng.uniform(-0.6, -0.4), 0]
    const randomness = rng.uniform(0, 0.6)
    for (let step = 0; step < 200 && !isGoal(state) && states.length < PLAYED; step++) {
      states.push(state)
      state = moved(state, rng.uniform() < randomness ? rng.integer(3) : best(teacher(state)))
    }
  }
  return states
}

// Both axes count the same.
const standard = ([position, velocity]: State): State => [(position + 0.3) / 0.5, velocity / 0.04]

function distance(a: State, b: State): number {
  const [p, q] = [standard(a), standard(b)]
  return Math.hypot(p[0] - q[0], p[1] - q[1])
}

function gap(state: State, labels: readonly State[]): number {
  return Math.min(...labels.map((each) => distance(state, each)))
}

function fitted(labels: readonly State[], teacher: Teacher): MLP {
  const student = new MLP([2, 12, 12, 3], new Rng(1), { activation: 'tanh' })
  const optimizer = new Adam(student, { learningRate: 0.02 })
  const scores = labels.map(teacher)
  const spread = scores.reduce((sum, each) => sum + deviation(each), 0) / scores.length
  const targets = logSoftmax(mul(tensor(scores), 2 / Math.max(spread, 1e-3))) // a temperature of half a deviation
  const inputs = tensor(labels.map((state) => [...standard(state)]))
  for (let i = 0; i < UPDATES; i++) {
    optimizer.minimize(() => klDivergence(targets, logSoftmax(student.forward(inputs))))
  }
  return student
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

function agreement(student: MLP, teacher: Teacher, states: readonly State[]): boolean[] {
  const inputs = states.map((state) => [...standard(state)])
  const outputs = scope(() => noGrad(() => Array.from(student.forward(tensor(inputs)).view())))
  return states.map((state, i) => best(outputs.slice(3 * i, 3 * i + 3)) === best(teacher(state)))
}

mountPicture('choice', (stage) => {
  const panels = [new Panel('at random', 0), new Panel('chosen by distance', WIDTH - PANEL)]
  const area = canvas(
    WIDTH,
    HEIGHT,
    'Two planes of positions and velocities, with the labelled states',
    ...panels.map((each) => each.element),
  )
  area.setAttribute('role', 'img')
  const key = html(
    'p',
    { class: 'key' },
    html('span', { class: 'visited' }, 'a state of the play'),
    html('span', { class: 'labelled' }, 'a labelled one'),
    html('span', { class: 'impossible' }, 'the student would act otherwise than the teacher'),
  )
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const candidates = slider('Candidates per label', { min: 2, max: 40, step: 1, value: 5 }, String, restart)
  const more = [1, 10].map((count) => button(count === 1 ? 'Label one more' : 'Ten more', () => label(count)))
  const again = button('Other play', () => {
    seed++
    play = playOf(teacher, new Rng(seed))
    restart()
  })
  const teacher = carTeacher()
  let seed = 1
  let play = playOf(teacher, new Rng(seed))
  let rng: Rng

  function restart(): void {
    rng = new Rng(seed)
    for (const panel of panels) panel.clear(play)
    show()
  }

  function label(count: number): void {
    for (let i = 0; i < count && panels[0]!.labels.length < MOST; i++) {
      const drawn = () => play[rng.integer(play.length)]!
      const [random, chosen] = panels as [Panel, Panel]
      random.add(drawn())
      const drawnStates = Array.from({ length: chosen.labels.length === 0 ? 1 : candidates.value }, drawn)
      const gaps = drawnStates.map((state) => gap(state, chosen.labels))
      chosen.add(drawnStates[gaps.indexOf(Math.max(...gaps))]!)
    }
    for (const panel of panels) panel.learn(teacher, play)
    show()
  }

  function show(): void {
    const count = panels[0]!.labels.length
    more.forEach((each) => {
      each.disabled = count >= MOST
    })
    const of = (panel: Panel) =>
      `${fixed(100 * panel.onPlay, 0)} % of the play and ${fixed(100 * panel.onPlane, 0)} % of the plane`
    words.textContent =
      count === 0
        ? `${play.length} states of the teacher's play, none labelled.`
        : `${count} ${count === 1 ? 'label' : 'labels'}. At random: the student agrees in ${of(panels[0]!)}; chosen: in ${of(panels[1]!)}.`
  }

  const group = html('span', { class: 'pair' }, ...more)
  stage.append(area, key, words, html('div', { class: 'controls' }, group, again, candidates.element))
  restart()
})
