// On-policy first-visit Monte-Carlo control: play an episode, average the returns of each state and action, act ε-greedily on
// the averages (Sutton and Barto 2018, sections 5.3 and 5.4). Read next: off-policy-monte-carlo.ts, td-prediction.ts.

import { finite, flag, type GivenOptions, readOptions, share } from '../rl/options.ts'
import type { Resumable } from '../rl/saved-training.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const monteCarloControlOptions = {
  ...runOptions,
  epsilon: share(0.1, 'probability of a random action'),
  exploringStarts: flag(false, 'begin each episode with a random action; epsilon may then be 0'),
  initialValue: finite(0, 'Q(s, a) before the first update'),
}

/** Yields after each episode, returns the action values. A truncated episode bootstraps from the value of its last state. */
export function* monteCarloControl(
  env: FiniteTask,
  options: GivenOptions<typeof monteCarloControlOptions> & Resumable = {},
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('monteCarloControl', monteCarloControlOptions, options, ['resume'])
  const { epsilon, gamma, exploringStarts, initialValue } = o
  const run = new Run('monteCarloControl', env, o, options.resume)
  const { numStates, numActions, rng } = run
  const q = new QTable(numStates, numActions, epsilon, env.actionsIn?.bind(env))
  const values = run.keep('actionValues', q.values.fill(initialValue))
  const counts = run.keep('counts', new Float64Array(numStates * numActions))
  const firstVisit = new Int32Array(numStates * numActions) // step of the first visit in this episode
  while (run.goesOn) {
    // 1. play an episode by the policy: S₀, A₀, R₁, …
    const places: number[] = [] // state * numActions + action
    const rewards: number[] = []
    let state = run.start()
    let isOver = false
    while (run.inEpisode) {
      const isRandom = exploringStarts && places.length === 0
      const action = q.epsilonGreedy(state, isRandom ? 1 : epsilon, rng)
      const { reward, observation, terminated } = run.play(action)
      isOver = terminated
      places.push(state * numActions + action)
      rewards.push(reward)
      state = observation
    }
    // 2. from the last step to the first: G ← R + γ G, averaged at first visits of (s, a)
    for (let t = places.length - 1; t >= 0; t--) firstVisit[places[t]!] = t
    let sum = isOver ? 0 : q.expected(state, epsilon)
    for (let t = places.length - 1; t >= 0; t--) {
      sum = rewards[t]! + gamma * sum
      const at = places[t]!
      if (firstVisit[at] !== t) continue
      counts[at] = counts[at]! + 1
      values[at] = values[at]! + (sum - values[at]!) / counts[at]!
    }
    yield run.report(q)
  }
  return q
}
