// From values to a learner's first opinion: an actor-critic that begins with a critic that knows the task.
// Read next: ../rl/algorithms/make-actor-critic.ts for where it goes, as-shaping.ts for the other way to use values.

import type { HasParameters, Module } from '../nn/module.ts'
import type { StateValued } from '../rl/lookahead.ts'
import { reshape } from '../tensor/ops/layout.ts'

/**
 * State values as the critic of `ppo` and `a2c`: `ppo(env, { critic: asCritic(student) })`.
 * [batch, observationSize] → [batch, 1], in the units of the returns. The learner goes on training the student's own
 * parameters; keep them with `saveParameters` first if the student is still needed as it is.
 */
export function asCritic(values: Pick<StateValued, 'stateValues'> & HasParameters): Module {
  return {
    forward: (observations) => reshape(values.stateValues(observations), [observations.shape[0]!, 1]),
    parameters: () => values.parameters(),
  }
}
