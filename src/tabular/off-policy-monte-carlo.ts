// Off-policy Monte-Carlo control: the greedy policy's values from episodes of an exploring one, by weighted importance
// sampling (Sutton and Barto 2018, section 5.7).

import { argmaxOf } from '../rl/exploration.ts'
import { finite, type GivenOptions, readOptions, share } from '../rl/options.ts'
import type { Resumable } from '../rl/saved-training.ts'
import { QTable } from './q-table.ts'
import { type FiniteTask, Run, runOptions, type TabularReport } from './run.ts'

export const offPolicyMonteCarloOptions = {
  ...runOptions,
  epsilon: share(1, 'probability that the behaviour policy takes a random action'),
  // With negative rewards, set it below all returns: an action that never ends an episode is never updated.
  initialValue: finite(0, 'Q(s, a) before the first update'),
}

/** Yields after each episode, returns the action values. A truncated episode bootstraps from the value of its last state. */
export function* offPolicyMonteCarlo(
  env: FiniteTask,
  options: GivenOptions<typeof offPolicyMonteCarloOptions> & Resumable = {},
): Generator<TabularReport<QTable>, QTable, void> {
  const o = readOptions('offPolicyMonteCarlo', offPolicyMonteCarloOptions, options, ['resume'])
  const { epsilon, gamma, initialValue } = o
  const run = new Run('offPolicyMonteCarlo', env, o, options.resume)
  const { numStates, numActions, rng } = run
  const actionsIn = env.actionsIn?.bind(env) ?? (() => numActions)
  const q = new QTable(numStates, numActions, 0, actionsIn)
  const values = run.keep('actionValues', q.values.fill(initialValue))
  const weights = run.keep('weights', new Float64Array(numStates * numActions)) // C(s, a)
  while (run.goesOn) {
    // 1. play an episode by the behaviour policy b: ε-greedy, fixed during the episode
    const places: number[] = [] // state * numActions + action
    const rewards: number[] = []
    const chances: number[] = [] // b(a|s)
    let state = run.start()
    let isOver = false
    while (run.inEpisode) {
      const best = q.greedy(state)
      const action = rng.uniform() < epsilon ? rng.integer(actionsIn(state)) : best
      const { reward, observation, terminated } = run.play(action)
      isOver = terminated
      places.push(state * numActions + action)
      rewards.push(reward)
      chances.push(epsilon / actionsIn(state) + (action === best ? 1 - epsilon : 0))
      state = observation
    }
    // 2. from the last step to the first, until an action that the greedy policy would not take
    let sum = isOver ? 0 : q.max(state)
    let weight = 1 // W
    for (let t = places.length - 1; t >= 0 && weight < Infinity; t--) {
      const at = places[t]!
      const offset = at - (at % numActions)
      sum = rewards[t]! + gamma * sum // G ← R + γ G
      weights[at] = weights[at]! + weight // C(s, a) ← C(s, a) + W
      values[at] = values[at]! + (weight / weights[at]!) * (sum - values[at]!) // Q ← Q + (W / C) (G - Q)
      if (at - offset !== argmaxOf(values, offset, actionsIn(offset / numActions))) break
      weight /= chances[t]! // W ← W / b(a|s)
    }
    yield run.report(q)
  }
  return q
}
