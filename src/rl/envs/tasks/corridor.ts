/**
 * Corridor: walk to the right end. The smallest task there is, for lessons and fast tests.
 *
 * ## Actions
 *
 * | action | meaning |
 * | --- | --- |
 * | 0 | left; no move at the left end |
 * | 1 | right |
 *
 * ## Observations
 *
 * | index | observation | unit | low | high |
 * | --- | --- | --- | --- | --- |
 * | 0 | cells from the left end | corridor lengths | 0 | 1 |
 *
 * ## Reward
 *
 * - every step: -1
 *
 * The best return is therefore 1 - `length`.
 *
 * ## Start
 *
 * - the cell: the left end
 *
 * ## End
 *
 * - terminated: at the right end
 * - truncated: after 100 steps
 *
 * ## Source
 *
 * - task: our own; `length` cells, 8 by default
 */

import { type GivenOptions, readOptions, wholeBetween } from '../../../data/options.ts'
import { Box } from '../../../data/spaces.ts'
import { deterministic, TabularEnv, transitionTable } from './tabular.ts'

const corridorOptions = {
  length: wholeBetween(8, 2, 10_000, 'cells'),
}

/** Observations are vectors, for networks; states are cell numbers from the left. */
export class Corridor extends TabularEnv<Float32Array> {
  readonly observationSpace = new Box([0], [1])

  constructor(options: GivenOptions<typeof corridorOptions> = {}, id = 'Corridor-v0') {
    const { length } = readOptions(id, corridorOptions, options)
    const end = length - 1
    const outcomes = transitionTable(length, 2, (cell, action) => {
      const next = action === 1 ? Math.min(end, cell + 1) : Math.max(0, cell - 1)
      return deterministic(next, -1, next === end)
    })
    super({ id, actionNames: ['left', 'right'], outcomes, starts: [0] })
  }

  protected override observe(): Float32Array {
    return Float32Array.of(this.current / (this.numStates - 1))
  }
}
