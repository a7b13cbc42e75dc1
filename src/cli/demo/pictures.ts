// What the report's pictures are made of: one episode's states, and one state's targets at several temperatures.

import { type LabelledSet, labelsOf } from '../../distill/labelled-set.ts'
import { actionGap } from '../../distill/temperature.ts'
import type { Env } from '../../rl/env.ts'
import type { DiscretePolicy, PolicyLike } from '../../rl/policy.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { softmax } from '../../tensor/ops/softmax.ts'

/** One greedy episode: its states, the first included, and how many steps it lasted. */
export function playOnce(
  policy: PolicyLike,
  env: Env,
  seed: number,
): { states: (readonly number[])[]; length: number } {
  let { observation } = env.reset({ seed })
  const states = [env.unwrapped.state]
  for (let length = 1; ; length++) {
    const action = 'plan' in policy ? policy.plan(env) : (policy as DiscretePolicy).act(observation)
    const step = env.step(action)
    observation = step.observation
    states.push(env.unwrapped.state)
    if (step.terminated || step.truncated) return { states, length }
  }
}

const GAPS = [0.03, 0.3, 1, 3]

/** A state whose two values lie about one action gap apart, and what the student is told there at each temperature. */
export function softTargets(set: LabelledSet) {
  const all = labelsOf('demo', set, 'actionValues')
  const actions = set.actionCount
  const gap = actionGap(all, actions)
  const rows = Array.from({ length: set.size }, (_, i) => all.subarray(i * actions, (i + 1) * actions))
  const distance = (row: Float32Array) => Math.abs(Math.abs(row[0]! - row[1]!) - 2 * gap)
  const chosen = rows.reduce((best, row, i) => (distance(row) < distance(rows[best]!) ? i : best), 0)
  const values = Array.from(rows[chosen]!)
  const panels = GAPS.map((c) => ({
    label: c === 1 ? '1 gap' : `${c} gaps`,
    tau: c * gap,
    targets: Array.from(softmax(tensor(values.map((value) => value / (c * gap)))).view()),
  }))
  const { observationSize } = set
  const state = Array.from(set.observations.subarray(chosen * observationSize, (chosen + 1) * observationSize))
  return { gap, state, values, panels }
}
