// Environments with a transition table: finitely many states, and for each state and action the probabilities of what follows,
// p(s', r | s, a) (Sutton and Barto 2018, section 3.1). Read next: corridor.ts for the shortest, frozen-lake.ts.

import { Discrete } from '../../../data/spaces.ts'
import { describeValue } from '../../../data/values.ts'
import { ValueError } from '../../../tensor/errors.ts'
import type { Rng } from '../../../tensor/random.ts'
import type { Info } from '../env.ts'
import { EpisodicEnv, type Outcome } from '../episodic-env.ts'

/** One possible outcome of a state and action. */
export interface Transition {
  /** In (0, 1]; those of a state and action sum to 1. Equal outcomes may be listed separately. */
  readonly probability: number
  readonly nextState: number
  readonly reward: number
  readonly terminated: boolean
}

/** A model for planning. States and actions are whole numbers from 0. */
export interface TabularModel {
  readonly numStates: number
  readonly numActions: number
  /** p(s', r | s, a), of unreachable states too. Throws a `ValueError` on a state or action outside the table. */
  transitions(state: number, action: number): readonly Transition[]
  /** The probability that an episode starts in each state: [numStates]. */
  startDistribution(): Float64Array
}

/** The definition of a tabular environment. */
export interface Table {
  readonly id: string
  /** The names of the actions, used in messages. Their count is the number of actions. */
  readonly actionNames: readonly string[]
  /** Row `state * numActions + action`. */
  readonly outcomes: readonly (readonly Transition[])[]
  /** The start states in ascending order, equally likely. */
  readonly starts: readonly number[]
}

/**
 * Samples transitions from a table. One uniform number draws the start state, and one each step the outcome: the first whose
 * cumulative probability exceeds it, or outcome 0 if rounding leaves the sum below it (as Gymnasium does). `state` is the state's
 * number; `info.probability` the probability of the outcome.
 */
export abstract class TabularEnv<Observation = number> extends EpisodicEnv<Observation> implements TabularModel {
  readonly actionSpace: Discrete
  readonly id: string
  readonly numStates: number
  readonly numActions: number
  protected current = -1 // the state's number; -1 before the first reset
  private readonly startSums: Float64Array // cumulative probabilities of `table.starts`

  constructor(private readonly table: Table) {
    super()
    this.id = table.id
    this.numActions = table.actionNames.length
    this.numStates = table.outcomes.length / this.numActions
    this.actionSpace = new Discrete(this.numActions)
    const chance = 1 / table.starts.length
    let sum = 0
    this.startSums = Float64Array.from(table.starts, () => (sum += chance))
  }

  /** The observation of the current state. Default: its number. */
  protected observe(): Observation {
    return this.current as Observation
  }

  protected start(): void {
    // The first start whose cumulative probability exceeds the draw, which rounding may place one beside its share.
    const draw = this.rng.uniform()
    const { startSums } = this
    let at = Math.floor(draw * startSums.length)
    while (startSums[at]! <= draw) at++
    while (at > 0 && startSums[at - 1]! > draw) at--
    this.current = this.table.starts[at] ?? 0
  }

  protected advance(action: number): Outcome {
    const outcome = pick(this.table.outcomes[this.current * this.numActions + action]!, this.rng)
    this.current = this.arrive(outcome.nextState)
    const { reward, terminated, probability } = outcome
    return { reward, terminated, info: this.describe(probability) }
  }

  protected override requireAction(action: number): void {
    if (this.actionSpace.contains(action)) return
    const names = this.table.actionNames.map((name, i) => `${i} ${name}`).join(', ')
    throw new ValueError(`${this.id}: the action is ${describeValue(action)}; the actions are ${names}`)
  }

  transitions(state: number, action: number): readonly Transition[] {
    this.requireState(state)
    this.requireAction(action)
    return this.table.outcomes[state * this.numActions + action]!
  }

  startDistribution(): Float64Array {
    const probabilities = new Float64Array(this.numStates)
    for (const state of this.table.starts) probabilities[state] = 1 / this.table.starts.length
    return probabilities
  }

  protected saveState(): readonly number[] {
    return [this.current]
  }

  protected restoreState(numbers: readonly number[]): void {
    if (numbers.length !== 1) throw new ValueError(`${this.id}: a state is one number, given [${numbers.join(', ')}]`)
    this.requireState(numbers[0]!)
    this.current = numbers[0]!
  }

  /** The state after a transition to `nextState`: a hook for dynamics outside the table. */
  protected arrive(nextState: number): number {
    return nextState
  }

  protected override describe(probability = 1): Info {
    return { probability }
  }

  protected requireState(state: number): void {
    if (Number.isInteger(state) && state >= 0 && state < this.numStates) return
    throw new ValueError(`${this.id}: the state is ${describeValue(state)}; states are 0 to ${this.numStates - 1}`)
  }
}

/** A single outcome of probability 1. */
export function deterministic(nextState: number, reward: number, terminated = false): readonly Transition[] {
  return [{ probability: 1, nextState, reward, terminated }]
}

/** The rows of a table, `rule(state, action)` each. */
export function transitionTable(
  numStates: number,
  numActions: number,
  rule: (state: number, action: number) => readonly Transition[],
): (readonly Transition[])[] {
  return Array.from({ length: numStates * numActions }, (_, row) =>
    rule(Math.floor(row / numActions), row % numActions),
  )
}

function pick(outcomes: readonly Transition[], rng: Rng): Transition {
  const draw = rng.uniform()
  let sum = 0
  for (const outcome of outcomes) {
    sum += outcome.probability
    if (sum > draw) return outcome
  }
  return outcomes[0]!
}
