// Lesson 5: the values that Q-learning and Sarsa learn beside a cliff.

import { CliffWalking } from 'alambic/rl'
import { type QTable, qLearning, sarsa, type TabularReport } from 'alambic/tabular'
import { button, canvas, html, mountPicture, set, slider, svg } from './lib/elements.ts'
import { clamp, fixed } from './lib/numbers.ts'

const ROWS = 4
const COLUMNS = 12
const SIZE = 52
const START = 36
const GOAL = 47
const ARROWS = ['↑', '→', '↓', '←']
const MOVES = [-COLUMNS, 1, COLUMNS, -1]
const methods = { 'Q-learning': qLearning, Sarsa: sarsa } as const

mountPicture('cliff', (stage) => {
  const isCliff = (cell: number) => cell > START && cell < GOAL
  const at = (cell: number) => ({ x: (cell % COLUMNS) * SIZE + 8, y: Math.floor(cell / COLUMNS) * SIZE + 6 })
  const cells = Array.from({ length: ROWS * COLUMNS }, (_, cell) => {
    const { x, y } = at(cell)
    const rect = svg('rect', { class: 'state', x: 2, y: 2, width: SIZE - 4, height: SIZE - 4, rx: 6 })
    const arrow = svg('text', { class: 'value', x: SIZE / 2, y: 21, 'text-anchor': 'middle' })
    const value = svg('text', { x: SIZE / 2, y: 41, 'text-anchor': 'middle' })
    const group = svg('g', { transform: `translate(${x} ${y})` }, rect, arrow, value)
    if (isCliff(cell)) rect.classList.add('cliff')
    if (cell === START) value.textContent = 'start'
    if (cell === GOAL) value.textContent = 'goal'
    return { group, rect, arrow, value }
  })
  const area = canvas(
    COLUMNS * SIZE + 16,
    ROWS * SIZE + 12,
    'The values of the cells',
    ...cells.map(({ group }) => group),
  )
  area.setAttribute('role', 'img')
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const epsilon = slider('Random moves ε', { min: 0, max: 0.5, step: 0.05, value: 0.1 }, fixed, restart)
  const choices = Object.keys(methods).map((name) =>
    button(name, () => {
      method = name as keyof typeof methods
      restart()
    }),
  )
  let method: keyof typeof methods = 'Q-learning'
  let training: Generator<TabularReport<QTable>, QTable, void>
  let table: QTable | undefined
  let episodes = 0
  let recent: number[] = []

  function restart(): void {
    const options = { totalTimesteps: 1e9, learningRate: 0.5, epsilon: epsilon.value, seed: 1 }
    training = methods[method](new CliffWalking(), options)
    table = undefined
    episodes = 0
    recent = []
    show()
  }

  function learn(count: number): void {
    for (let i = 0; i < count; i++) {
      const { value } = training.next()
      if (!('agent' in value)) return
      table = value.agent
      recent = [...recent.slice(-49), ...value.episodes.map((episode) => episode.return)]
      episodes++
    }
    show()
  }

  function show(): void {
    cells.forEach(({ rect, arrow, value }, cell) => {
      if (isCliff(cell) || cell === GOAL) return
      const v = table === undefined ? 0 : table.max(cell)
      const known = table !== undefined && [0, 1, 2, 3].some((action) => table!.get(cell, action) !== 0)
      rect.style.fillOpacity = String(known ? 0.12 + 0.5 * clamp(1 + v / 16, 0, 1) : 0)
      arrow.textContent = known ? ARROWS[table!.greedy(cell)]! : ''
      if (cell !== START) value.textContent = known ? fixed(v, 0) : ''
    })
    const path = greedyPath()
    cells.forEach(({ rect }, cell) => {
      rect.classList.toggle('on-path', path.length > 1 && path.includes(cell))
    })
    choices.forEach((each) => {
      each.setAttribute('aria-pressed', String(each.textContent === method))
    })
    const mean = recent.reduce((sum, value) => sum + value, 0) / recent.length
    const reached =
      path.at(-1) === GOAL
        ? `The greedy path takes ${path.length - 1} steps.`
        : 'The greedy policy does not reach the goal yet.'
    words.textContent =
      episodes === 0
        ? 'Nothing is learned yet.'
        : `${episodes} episodes, mean return of the last ${recent.length}: ${fixed(mean, 0)}. ${reached}`
  }

  function greedyPath(): number[] {
    const visited = [START]
    while (table !== undefined && visited.length < 40) {
      const cell = visited[visited.length - 1]!
      if (cell === GOAL) break
      const action = table.greedy(cell)
      const next = cell + MOVES[action]!
      const column = cell % COLUMNS
      const outside =
        next < 0 || next >= ROWS * COLUMNS || (action === 1 && column === COLUMNS - 1) || (action === 3 && column === 0)
      if (outside || isCliff(next) || visited.includes(next)) break
      visited.push(next)
    }
    return visited
  }

  const runs = [1, 10, 200].map((count) => button(count === 1 ? '1 episode' : `${count} episodes`, () => learn(count)))
  const group = (buttons: HTMLElement[]) => html('span', { class: 'pair' }, ...buttons)
  const controls = html('div', { class: 'controls' }, group(runs), group(choices), epsilon.element)
  stage.append(area, words, controls)
  set(area, { 'aria-label': 'A grid of 4 by 12 cells with a cliff along the lower edge' })
  restart()
})
