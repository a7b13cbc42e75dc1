// The textbook's small problems, which have no id of their own: a table that can be planned with and walked through, whose
// states are seen as numbers. Read next: random-walk.ts, gambler.ts, dyna-maze.ts.

import { type Table, TabularEnv } from '../../rl/envs/tabular.ts'
import { Discrete } from '../../rl/spaces.ts'

export class FiniteProblem extends TabularEnv {
  readonly observationSpace: Discrete

  /** @param actionsIn how many of the actions, counted from 0, are open in a state; all where left out */
  constructor(
    table: Table,
    readonly actionsIn: (state: number) => number = () => table.actionNames.length,
  ) {
    super(table)
    this.observationSpace = new Discrete(this.numStates)
  }

  protected observe(): number {
    return this.current
  }
}
