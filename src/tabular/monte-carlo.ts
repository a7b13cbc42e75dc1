// Monte-Carlo control: play an episode, then learn from its returns (Sutton and Barto 2018, sections 5.3, 5.4 and 5.7). A
// truncated episode bootstraps from the value of its last state. Read next: td-prediction.ts.

import { argmaxOf } from '../data/argmax.ts'
import type { Resumable } from '../data/checkpoint.ts'
import { finite, flag, fraction, type GivenOptions } from '../data/options.ts'
import type { QTable } from './q-table.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const monteCarloControlOptions = {
  ...runOptions,
  epsilon: fraction(0.1, 'probability of a random action'),
  exploringStarts: flag(false, 'begin each episode with a random action; epsilon may then be 0'),
  initialValue: finite(0, 'Q(s, a) before the first update'),
}

export const offPolicyMonteCarloOptions = {
  ...runOptions,
  epsilon: fraction(1, 'probability that the behaviour policy takes a random action'),
  // With negative rewards, set it below all returns: an action that never ends an episode is never updated.
  initialValue: finite(0, 'Q(s, a) before the first update'),
}

/**
 * On-policy first-visit control: averages the returns of each state and action, acts ε-greedily on the averages. Yields after
 * each episode, returns the action values.
 */
export function* monteCarloControl(
  env: FiniteTask,
  options: GivenOptions<typeof monteCarloControlOptions> & Resumable = {},
): Generator<TabularReport<QTable>, QTable, void> {
  const run = new Run('monteCarloControl', env, monteCarloControlOptions, options)
  const { epsilon, gamma, exploringStarts, initialValue } = run.o
  const q = run.actionValues(epsilon, initialValue)
  const { values } = q
  const counts = run.keep('counts', new Float64Array(values.length))
  const firstVisit = new Int32Array(values.length) // step of the first visit in this episode
  while (run.goesOn) {
    // 1. play an episode by the policy: S₀, A₀, R₁, …
    const { visited, rewards, last } = playEpisode(run, (state, isFirst) =>
      q.epsilonGreedy(state, exploringStarts && isFirst ? 1 : epsilon, run.rng),
    )
    // 2. from the last step to the first: G ← R + γ G, averaged at first visits of (s, a)
    for (let t = visited.length - 1; t >= 0; t--) firstVisit[visited[t]!] = t
    let sum = last === undefined ? 0 : q.expected(last, epsilon)
    for (let t = visited.length - 1; t >= 0; t--) {
      sum = rewards[t]! + gamma * sum
      const at = visited[t]!
      if (firstVisit[at] !== t) continue
      counts[at] = counts[at]! + 1
      values[at] = values[at]! + (sum - values[at]!) / counts[at]!
    }
    yield run.report(q)
  }
  return q
}

/**
 * Off-policy control: the greedy policy's values from episodes of an exploring one, by weighted importance sampling. Yields
 * after each episode, returns the action values.
 */
export function* offPolicyMonteCarlo(
  env: FiniteTask,
  options: GivenOptions<typeof offPolicyMonteCarloOptions> & Resumable = {},
): Generator<TabularReport<QTable>, QTable, void> {
  const run = new Run('offPolicyMonteCarlo', env, offPolicyMonteCarloOptions, options)
  const { epsilon, gamma, initialValue } = run.o
  const { numActions, actionsIn, rng } = run
  const q = run.actionValues(0, initialValue)
  const { values } = q
  const weights = run.keep('weights', new Float64Array(values.length)) // C(s, a)
  while (run.goesOn) {
    // 1. play an episode by the behaviour policy b: ε-greedy, fixed during the episode
    const probabilities: number[] = [] // b(a|s)
    const { visited, rewards, last } = playEpisode(run, (state) => {
      const best = q.greedy(state)
      const action = rng.uniform() < epsilon ? rng.integer(actionsIn(state)) : best
      probabilities.push(epsilon / actionsIn(state) + (action === best ? 1 - epsilon : 0))
      return action
    })
    // 2. from the last step to the first, until an action that the greedy policy would not take
    let sum = last === undefined ? 0 : q.max(last)
    let weight = 1 // W
    for (let t = visited.length - 1; t >= 0 && weight < Infinity; t--) {
      const at = visited[t]!
      const offset = at - (at % numActions)
      sum = rewards[t]! + gamma * sum // G ← R + γ G
      weights[at] = weights[at]! + weight // C(s, a) ← C(s, a) + W
      values[at] = values[at]! + (weight / weights[at]!) * (sum - values[at]!) // Q ← Q + (W / C) (G - Q)
      if (at - offset !== argmaxOf(values, offset, actionsIn(offset / numActions))) break
      weight /= probabilities[t]! // W ← W / b(a|s)
    }
    yield run.report(q)
  }
  return q
}

// `visited` is state * numActions + action of each step; `last` the state after the last step, undefined if the episode terminated.
function playEpisode(run: Run, choose: (state: number, isFirst: boolean) => number) {
  const visited: number[] = []
  const rewards: number[] = []
  let state = run.start()
  let last: number | undefined = state
  while (run.inEpisode) {
    const action = choose(state, visited.length === 0)
    const { reward, observation, terminated } = run.play(action)
    visited.push(state * run.numActions + action)
    rewards.push(reward)
    state = observation
    last = terminated ? undefined : observation
  }
  return { visited, rewards, last }
}
