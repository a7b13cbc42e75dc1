// The Dyna maze: only the goal gives a reward, so without planning its value spreads one step per episode (Sutton and Barto
// 2018, Example 8.1).

import { deterministic, transitionTable } from '../../../src/rl/envs/tasks/tabular.ts'
import { cellsWith, neighbour, parseMap } from '../../../src/rl/envs/tasks/tile-map.ts'
import { FiniteProblem } from './finite-problem.ts'

/** `.` floor, `#` wall, `S` start, `G` goal. The shortest path has 14 steps. */
export const DYNA_MAZE = ['.......#G', '..#....#.', 'S.#....#.', '..#......', '.....#...', '.........'] as const

/** States are cells, row * columns + column; actions 0 left, 1 down, 2 right, 3 up. Reward 1 at the goal, else 0. */
export function dynaMaze(lines: readonly string[] = DYNA_MAZE): FiniteProblem {
  const map = parseMap('dynaMaze', lines, { '.': 'floor', '#': 'wall', S: 'start', G: 'goal' })
  const outcomes = transitionTable(map.cells.length, 4, (cell, action) => {
    if (map.cells[cell] === 'G') return deterministic(cell, 0, true)
    const next = neighbour(map, cell, action)
    if (map.cells[next] === '#') return deterministic(cell, 0)
    const isGoal = map.cells[next] === 'G'
    return deterministic(next, isGoal ? 1 : 0, isGoal)
  })
  const actionNames = ['left', 'down', 'right', 'up']
  return new FiniteProblem({ id: 'DynaMaze', actionNames, outcomes, starts: cellsWith(map, 'S') })
}
