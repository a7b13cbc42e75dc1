// Temporal-difference control (Sutton and Barto 2018, chapter 6): after each step, the value of the action taken moves
// towards r + γ (a value of s′). Sarsa, expected Sarsa and Q-learning differ in that value alone; double Q-learning keeps two
// tables, and Dyna-Q also learns from a model. Read next: ../rl/value-based/dqn.ts for Q-learning with a network.

import { argmaxOf } from '../data/argmax.ts'
import type { Resumable } from '../data/checkpoint.ts'
import { finite, fraction, type GivenOptions, whole } from '../data/options.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const tdControlOptions = {
  ...runOptions,
  learningRate: fraction(0.1, 'α, the step size'),
  epsilon: fraction(0.1, 'probability of a random action'),
  initialValue: finite(0, 'Q(s, a) before the first update'),
}

export const dynaQOptions = {
  ...tdControlOptions,
  planningSteps: whole(5, 'n, updates from the model after each step'),
}

type Options = GivenOptions<typeof tdControlOptions> & Resumable
type Control = Generator<TabularReport<QTable>, QTable, void>

/**
 * Q-learning (Watkins 1989; section 6.5): bootstraps from maxₐ′ Q(s′, a′), the value of the greedy policy, while it follows
 * the ε-greedy one. Yields after each episode, returns the action values.
 */
export function qLearning(env: FiniteTask, options: Options = {}): Control {
  return tdControl('qLearning', env, options, (q, state) => q.max(state))
}

/**
 * Expected Sarsa (van Seijen et al. 2009; section 6.6): bootstraps from Σₐ′ π(a′|s′) Q(s′, a′), the mean over the ε-greedy
 * policy's actions. With ε = 0 it is Q-learning. Yields after each episode, returns the action values.
 */
export function expectedSarsa(env: FiniteTask, options: Options = {}): Control {
  return tdControl('expectedSarsa', env, options, (q, state) => q.expected(state, q.epsilon))
}

/**
 * Sarsa (Rummery and Niranjan 1994; section 6.4): bootstraps from Q(s′, a′) of the action a′ that it takes next, so it learns
 * the values of the policy it follows. Yields after each episode, returns the action values.
 */
export function sarsa(env: FiniteTask, options: Options = {}): Control {
  return tdControl('sarsa', env, options, (q, state, action) => q.get(state, action), true)
}

// `drawsNext`: a′ is drawn before the update, as Sarsa's target needs it, and taken in the next step.
function* tdControl(
  method: string,
  env: FiniteTask,
  options: Options,
  nextValue: (q: QTable, nextState: number, nextAction: number) => number,
  drawsNext = false,
): Control {
  const run = new Run(method, env, tdControlOptions, options)
  const q = run.actionValues(run.o.epsilon, run.o.initialValue)
  return yield* learnFromSteps(run, q, learner(run, q, nextValue), drawsNext)
}

/** Learns from one step. `nextAction` is a′ where it is drawn before the update, else -1. */
type Learn = (
  state: number,
  action: number,
  reward: number,
  nextState: number,
  terminated: boolean,
  nextAction: number,
) => void

/** Q(s, a) ← Q(s, a) + α (r + γ [value of s′] - Q(s, a)); no value follows a termination. */
function learner(
  { numActions, o: { learningRate, gamma } }: Run<typeof tdControlOptions>,
  q: QTable,
  nextValue: (q: QTable, nextState: number, nextAction: number) => number,
): Learn {
  const { values } = q
  return (state, action, reward, nextState, terminated, nextAction) => {
    const target = terminated ? reward : reward + gamma * nextValue(q, nextState, nextAction)
    const at = state * numActions + action
    values[at] = values[at]! + learningRate * (target - values[at]!)
  }
}

/** Plays the ε-greedy policy of `q` and calls `learn` after each step. Yields after each episode, returns `q`. */
function* learnFromSteps(run: Run, q: QTable, learn: Learn, drawsNext = false): Control {
  while (run.goesOn) {
    let state = run.start()
    let drawn = -1
    while (run.inEpisode) {
      const action = drawn >= 0 ? drawn : q.sample(state, run.rng)
      const { reward, observation: nextState, terminated } = run.play(action)
      drawn = drawsNext && !terminated ? q.sample(nextState, run.rng) : -1
      learn(state, action, reward, nextState, terminated, drawn)
      state = nextState
    }
    yield run.report(q)
  }
  return q
}

/**
 * Double Q-learning (van Hasselt 2010; section 6.7): one table chooses the best next action, the other values it, so that the
 * maximum of noisy values is not overestimated. Yields after each episode, returns the mean of the two tables.
 */
export function* doubleQLearning(env: FiniteTask, options: Options = {}): Control {
  const run = new Run('doubleQLearning', env, tdControlOptions, options)
  const { learningRate, epsilon, gamma, initialValue } = run.o
  const { numStates, numActions, actionsIn, rng } = run
  const first = run.keep('first', new Float64Array(numStates * numActions).fill(initialValue))
  const second = run.keep('second', new Float64Array(numStates * numActions).fill(initialValue))
  // The policy follows Q₁ + Q₂, halved so that the numbers are values.
  const mean = new QTable(numStates, numActions, epsilon, actionsIn)
  for (let i = 0; i < first.length; i++) mean.values[i] = (first[i]! + second[i]!) / 2
  return yield* learnFromSteps(run, mean, (state, action, reward, nextState, terminated) => {
    // With probability ½ update Q₁ with Q₂'s value of its choice, else the other way round:
    // Q₁(s, a) ← Q₁(s, a) + α (r + γ Q₂(s′, argmaxₐ′ Q₁(s′, a′)) - Q₁(s, a))
    const [chooser, evaluator] = rng.uniform() < 0.5 ? [first, second] : [second, first]
    const next = nextState * numActions
    const best = next + argmaxOf(chooser, next, actionsIn(nextState))
    const target = terminated ? reward : reward + gamma * evaluator[best]!
    const at = state * numActions + action
    chooser[at] = chooser[at]! + learningRate * (target - chooser[at]!)
    mean.values[at] = (first[at]! + second[at]!) / 2
  })
}

/**
 * Dyna-Q (Sutton 1990; section 8.2): Q-learning with a learned model, from which it also learns between two steps. The model is
 * deterministic: it keeps the last outcome of each state and action. Yields after each episode, returns the action values.
 */
export function* dynaQ(env: FiniteTask, options: GivenOptions<typeof dynaQOptions> & Resumable = {}): Control {
  const run = new Run('dynaQ', env, dynaQOptions, options)
  const { numActions } = run
  const q = run.actionValues(run.o.epsilon, run.o.initialValue)
  const learn = learner(run, q, (_, state) => q.max(state))
  const model = learnedModel(run)
  // Tabular Dyna-Q, steps (a) to (f): act ε-greedily, then
  return yield* learnFromSteps(run, q, (state, action, reward, nextState, terminated) => {
    // (d) Q(s, a) ← Q(s, a) + α (r + γ maxₐ′ Q(s′, a′) - Q(s, a))
    learn(state, action, reward, nextState, terminated, -1)
    // (e) Model(s, a) ← r, s′
    model.remember(state, action, reward, nextState, terminated)
    // (f) the same update, n times, from the model
    for (let i = 0; i < run.o.planningSteps; i++) {
      const at = model.sample()
      const [nextOfModel, isOver] = [model.nextStates[at]!, model.terminated[at] === 1]
      learn(Math.floor(at / numActions), at % numActions, model.rewards[at]!, nextOfModel, isOver, -1)
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
