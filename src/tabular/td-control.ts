// Temporal-difference control (Sutton and Barto 2018, chapter 6): after each step, the value of the action taken moves
// towards r + γ (a value of s′). Sarsa, expected Sarsa and Q-learning differ in that value alone; double Q-learning keeps two
// tables. Read next: dyna-q.ts, ../rl/value-based/dqn.ts for Q-learning with a network.

import { argmaxOf } from '../data/argmax.ts'
import type { Resumable } from '../data/checkpoint.ts'
import { finite, fraction, type GivenOptions } from '../data/options.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const tdControlOptions = {
  ...runOptions,
  learningRate: fraction(0.1, 'α, the step size'),
  epsilon: fraction(0.1, 'probability of a random action'),
  initialValue: finite(0, 'Q(s, a) before the first update'),
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
  const { learningRate, epsilon, gamma, initialValue } = run.o
  const q = run.actionValues(epsilon, initialValue)
  const { values } = q
  const learn: Learn = (state, action, reward, nextState, terminated, nextAction) => {
    // Q(s, a) ← Q(s, a) + α (r + γ [value of s′] - Q(s, a)); no value follows a termination
    const target = terminated ? reward : reward + gamma * nextValue(q, nextState, nextAction)
    const at = state * run.numActions + action
    values[at] = values[at]! + learningRate * (target - values[at]!)
  }
  return yield* learnFromSteps(run, q, learn, drawsNext)
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

/** Plays the ε-greedy policy of `q` and calls `learn` after each step. Yields after each episode, returns `q`. */
export function* learnFromSteps(run: Run, q: QTable, learn: Learn, drawsNext = false): Control {
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
