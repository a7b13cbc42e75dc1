/**
 * CliffWalking: walk from one end of a cliff's edge to the other. The short way runs along the edge.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | up |
 * | 1 | right |
 * | 2 | down |
 * | 3 | left |
 *
 * With `isSlippery` (`CliffWalkingSlippery-v1`) a move goes in the chosen direction or to either side of it, with probability 1/3
 * each. A move against the edge of the grid does not change the cell.
 *
 * ## Observations
 *
 * | observation | low | high |
 * | --- | --- | --- |
 * | the cell, row × 12 + column, counted from the upper left of 4 rows and 12 columns | 0 | 47 |
 *
 * ## Reward
 *
 * - a step into the cliff (cells 37 to 46), which leads back to the start: -100
 * - any other step, the one to the goal too: -1
 *
 * ## Start
 *
 * - the cell: 36, the lower left corner
 *
 * ## End
 *
 * - terminated: at the goal, cell 47, the lower right corner
 * - truncated: never
 *
 * ## Source
 *
 * - task: Sutton and Barto 2018, Example 6.6
 * - reference: Gymnasium 1.4.0, `CliffWalking-v1`; `CliffWalking-v0` of Gymnasium 1.0.0 is the same table
 */

import { flag, type GivenOptions, readOptions } from '../../../data/options.ts'
import { Discrete } from '../../../data/spaces.ts'
import { TabularEnv, type Transition, transitionTable } from './tabular.ts'
import { neighbour } from './tile-map.ts'

export const CLIFF_GRID = { rows: 4, columns: 12, start: 36, goal: 47 } as const

const cliffWalkingOptions = {
  isSlippery: flag(false, 'moves go to either side with probability 1/3 each'),
}

export class CliffWalking extends TabularEnv {
  readonly observationSpace = new Discrete(this.numStates)

  constructor(options: GivenOptions<typeof cliffWalkingOptions> = {}, id = 'CliffWalking-v1') {
    const { isSlippery } = readOptions(id, cliffWalkingOptions, options)
    const headings = (action: number) => (isSlippery ? [(action + 3) % 4, action, (action + 1) % 4] : [action])
    const outcomes = transitionTable(CLIFF_GRID.rows * CLIFF_GRID.columns, 4, (cell, action) =>
      headings(action).map((heading, _, { length }) => ({ probability: 1 / length, ...walk(cell, heading) })),
    )
    super({ id, actionNames: ['up', 'right', 'down', 'left'], outcomes, starts: [CLIFF_GRID.start] })
  }
}

// Moves from the goal are ordinary ones, as in Gymnasium.
function walk(cell: number, heading: number): Omit<Transition, 'probability'> {
  const { start, goal } = CLIFF_GRID
  const next = neighbour(CLIFF_GRID, cell, 3 - heading) // tile-map.ts counts the directions the other way round
  if (next > start && next < goal) return { nextState: start, reward: -100, terminated: false }
  return { nextState: next, reward: -1, terminated: next === goal }
}
