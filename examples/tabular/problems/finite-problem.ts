// An environment and a model from a transition table, observed as state numbers: the form of the textbook's small problems,
// which are not registered. Read next: random-walk.ts, gambler.ts, dyna-maze.ts.

import { Discrete } from '../../../src/data/spaces.ts'
import { type Table, TabularEnv } from '../../../src/rl/envs/tasks/tabular.ts'

export class FiniteProblem extends TabularEnv {
  readonly observationSpace = new Discrete(this.numStates)

  /** @param actionsIn the number of allowed actions in a state, 0 … n - 1; default all */
  constructor(
    table: Table,
    readonly actionsIn: (state: number) => number = () => table.actionNames.length,
  ) {
    super(table)
  }
}
