// MountainCar on the plane of positions and velocities: its rules, and a teacher made by value iteration on a grid.

import { clamp } from './numbers.ts'

export type State = readonly [position: number, velocity: number]

export const LOW: State = [-1.2, -0.07]
export const HIGH: State = [0.6, 0.07]
const GOAL = 0.5
const COLUMNS = 60
const ROWS = 40
const SWEEPS = 250
const GAMMA = 0.99

/** Actions: 0 accelerates to the left, 1 not at all, 2 to the right. */
export function moved([position, velocity]: State, action: number): State {
  const v = clamp(velocity + (action - 1) * 0.001 - 0.0025 * Math.cos(3 * position), LOW[1], HIGH[1])
  const x = clamp(position + v, LOW[0], HIGH[0])
  return [x, x === LOW[0] && v < 0 ? 0 : v]
}

export function isGoal([position, velocity]: State): boolean {
  return position >= GOAL && velocity >= 0
}

/** The values of the three actions in a state. Each step costs 1. */
export type Teacher = (state: State) => number[]

/** Takes about a tenth of a second. */
export function carTeacher(): Teacher {
  let values = new Float64Array(COLUMNS * ROWS)
  const valueIn = ([position, velocity]: State) => {
    const [a, b] = [between(position, LOW[0], HIGH[0], COLUMNS), between(velocity, LOW[1], HIGH[1], ROWS)]
    const corner = a.index * ROWS + b.index
    const low = values[corner]! + b.part * (values[corner + 1]! - values[corner]!)
    const high = values[corner + ROWS]! + b.part * (values[corner + ROWS + 1]! - values[corner + ROWS]!)
    return low + a.part * (high - low)
  }
  const teacher: Teacher = (state) =>
    [0, 1, 2].map((action) => {
      const next = moved(state, action)
      return isGoal(next) ? -1 : -1 + GAMMA * valueIn(next)
    })
  const states = Array.from({ length: COLUMNS * ROWS }, (_, i): State => {
    const along = (part: number, axis: 0 | 1) => LOW[axis] + part * (HIGH[axis] - LOW[axis])
    return [along(Math.floor(i / ROWS) / (COLUMNS - 1), 0), along((i % ROWS) / (ROWS - 1), 1)]
  })
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    values = Float64Array.from(states, (state) => Math.max(...teacher(state)))
  }
  return teacher
}

export function best(values: readonly number[]): number {
  return values.indexOf(Math.max(...values))
}

// The grid line below a number, and how far the number is on the way to the next.
function between(value: number, low: number, high: number, lines: number): { index: number; part: number } {
  const at = ((value - low) / (high - low)) * (lines - 1)
  const index = Math.min(Math.floor(at), lines - 2)
  return { index, part: at - index }
}
