// The data of the report's pictures: the states of one episode, and the targets of one state at several temperatures.

import { actionValueStd, type LabelledDataset } from 'alambic/distill'
import type { DiscretePolicy, Env, PolicyLike } from 'alambic/rl'
import { softmax, tensor } from 'alambic/tensor'

/** One greedy episode: its states, the first included, and its length in steps. */
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

const TEMPERATURES = [0.03, 0.5, 1, 3]

/** A labelled state whose two best actions are about a standard deviation apart, and the student's targets there at each temperature. */
export function softTargets(dataset: LabelledDataset) {
  const all = dataset.column('logits')
  const actions = dataset.numActions
  const std = actionValueStd(all, actions)
  const rows = Array.from({ length: dataset.size }, (_, i) => all.subarray(i * actions, (i + 1) * actions))
  const distance = (row: Float32Array) => {
    const [best, second] = Array.from(row).sort((a, b) => b - a)
    return Math.abs(best! - second! - std)
  }
  const chosen = rows.reduce((best, row, i) => (distance(row) < distance(rows[best]!) ? i : best), 0)
  const logits = Array.from(rows[chosen]!)
  const panels = TEMPERATURES.map((relative) => ({
    label: `τ = ${relative}`,
    tau: relative * std,
    targets: Array.from(softmax(tensor(logits.map((logit) => logit / (relative * std)))).view()),
  }))
  return { std, state: Array.from(dataset.observation(chosen)), logits, panels }
}

/** The angles and velocities of an Acrobot observation: cos θ₁, sin θ₁, cos θ₂, sin θ₂, ω₁, ω₂. */
export function acrobotState([cos1, sin1, cos2, sin2, velocity1, velocity2]: readonly number[]): number[] {
  return [Math.atan2(sin1!, cos1!), Math.atan2(sin2!, cos2!), velocity1!, velocity2!]
}
