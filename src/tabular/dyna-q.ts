// Dyna-Q: Q-learning with a learned model, updated from simulated transitions between two steps (Sutton 1990; Sutton and Barto
// 2018, section 8.2). The model is deterministic: it keeps the last outcome of each state and action.

import type { Resumable } from '../data/checkpoint.ts'
import { type GivenOptions, whole } from '../data/options.ts'
import type { QTable } from './q-table.ts'
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
  const run = new Run('dynaQ', env, dynaQOptions, options)
  const { learningRate, epsilon, gamma, initialValue, planningSteps } = run.o
  const { numActions } = run
  const q = run.actionValues(epsilon, initialValue)
  const { values } = q
  const model = learnedModel(run)

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
      const at = model.sample()
      const [nextOfModel, isOver] = [model.nextStates[at]!, model.terminated[at] === 1]
      learn(Math.floor(at / numActions), at % numActions, model.rewards[at]!, nextOfModel, isOver)
    }
  })
}

// The last outcome of each state and action, and which have been tried. An index is state * numActions + action.
function learnedModel(run: Run<typeof dynaQOptions>) {
  const { numStates, numActions, rng } = run
  const size = numStates * numActions
  const rewards = run.keep('model.rewards', new Float64Array(size))
  const nextStates = run.keep('model.nextStates', new Int32Array(size).fill(-1))
  const ended = run.keep('model.terminated', new Int32Array(size))
  const states = run.keep('model.states', new Int32Array(numStates)) // those seen, in the order first seen
  const numSeen = run.keep('model.numSeen', new Int32Array(1))
  const actions = run.keep('model.actions', new Int32Array(size)) // [numStates, numActions], those tried in each state, in order
  const numTried = run.keep('model.numTried', new Int32Array(numStates))
  return {
    rewards,
    nextStates,
    terminated: ended,
    remember(state: number, action: number, reward: number, nextState: number, terminated: boolean): void {
      const at = state * numActions + action
      if (nextStates[at] === -1) {
        if (numTried[state] === 0) states[numSeen[0]!++] = state
        actions[state * numActions + numTried[state]!++] = action
      }
      rewards[at] = reward
      nextStates[at] = nextState
      ended[at] = terminated ? 1 : 0
    },
    /** The index of a random visited state and a random action tried in it. */
    sample(): number {
      const state = states[rng.integer(numSeen[0]!)]!
      return state * numActions + actions[state * numActions + rng.integer(numTried[state]!)]!
    },
  }
}
