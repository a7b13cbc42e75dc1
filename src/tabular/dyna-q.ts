// Dyna-Q: Q-learning with a learned model, updated from simulated transitions between two steps (Sutton 1990; Sutton and Barto
// 2018, section 8.2). The model is deterministic: it keeps the last outcome of each state and action.

import type { Resumable } from '../rl/checkpoint.ts'
import { type GivenOptions, readOptions, whole } from '../rl/options.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, type TabularReport } from './run.ts'
import { learnFromSteps, tdControlOptions } from './td-control.ts'

export const dynaQOptions = {
  ...tdControlOptions,
  planningSteps: whole(5, 'n, updates from the model after each step'),
}

/** Yields after each episode, returns the action values. */
export function* dynaQ(
  env: FiniteTask,
  options: GivenOptions<typeof dynaQOptions> & Resumable = {},
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('dynaQ', dynaQOptions, options, ['resume'])
  const { learningRate, epsilon, gamma, initialValue, planningSteps } = o
  const run = new Run('dynaQ', env, o, options.resume)
  const { numActions, rng } = run
  const q = new QTable(run.numStates, numActions, epsilon, env.actionsIn?.bind(env))
  const values = run.keep('actionValues', q.values.fill(initialValue))
  const model = new Model(run)

  const learn = (state: number, action: number, reward: number, nextState: number, terminated: boolean) => {
    const target = terminated ? reward : reward + gamma * q.max(nextState)
    const at = state * numActions + action
    values[at] = values[at]! + learningRate * (target - values[at]!)
  }

  // Tabular Dyna-Q, steps (a) to (f): act ε-greedily, then
  return yield* learnFromSteps(run, q, (state, action, reward, nextState, terminated) => {
    // (d) Q(s, a) ← Q(s, a) + α (r + γ maxₐ′ Q(s′, a′) - Q(s, a))
    learn(state, action, reward, nextState, terminated)
    // (e) Model(s, a) ← r, s′
    model.remember(state, action, reward, nextState, terminated)
    // (f) the same update, n times, from the model
    for (let i = 0; i < planningSteps; i++) {
      const at = model.sample(rng)
      const [nextOfModel, isOver] = [model.nextStates[at]!, model.terminated[at] === 1]
      learn(Math.floor(at / numActions), at % numActions, model.rewards[at]!, nextOfModel, isOver)
    }
  })
}

// The last outcome of each state and action, and which have been tried. An index is state * numActions + action.
class Model {
  readonly rewards: Float64Array
  readonly nextStates: Int32Array
  readonly terminated: Int32Array
  private readonly numActions: number
  private readonly states: Int32Array // those seen, in the order first seen
  private readonly numSeen: Int32Array // [1]
  private readonly actions: Int32Array // [numStates, numActions], those tried in each state, in order
  private readonly numTried: Int32Array // [numStates]

  constructor(run: Run) {
    const size = run.numStates * run.numActions
    this.numActions = run.numActions
    this.rewards = run.keep('model.rewards', new Float64Array(size))
    this.nextStates = run.keep('model.nextStates', new Int32Array(size).fill(-1))
    this.terminated = run.keep('model.terminated', new Int32Array(size))
    this.states = run.keep('model.states', new Int32Array(run.numStates))
    this.numSeen = run.keep('model.numSeen', new Int32Array(1))
    this.actions = run.keep('model.actions', new Int32Array(size))
    this.numTried = run.keep('model.numTried', new Int32Array(run.numStates))
  }

  remember(state: number, action: number, reward: number, nextState: number, terminated: boolean): void {
    const at = state * this.numActions + action
    if (this.nextStates[at] === -1) {
      const tried = this.numTried[state]!
      if (tried === 0) this.states[this.numSeen[0]!++] = state
      this.actions[state * this.numActions + tried] = action
      this.numTried[state] = tried + 1
    }
    this.rewards[at] = reward
    this.nextStates[at] = nextState
    this.terminated[at] = terminated ? 1 : 0
  }

  /** The index of a random visited state and a random action tried in it. */
  sample(rng: Run['rng']): number {
    const state = this.states[rng.integer(this.numSeen[0]!)]!
    return state * this.numActions + this.actions[state * this.numActions + rng.integer(this.numTried[state]!)]!
  }
}
