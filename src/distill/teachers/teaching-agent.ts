// Labels by a policy: its logits, action values, state values and Gaussian, as far as it has them. Read next: teacher.ts, which counts
// what it labels.

import type { TeachingPolicy } from '../../rl/policies/policy.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { amax } from '../../tensor/ops/reduce.ts'
import { type LabelKind, type Labels, labelKinds } from '../dataset/dataset.ts'

/** Labels of all kinds that an agent gives for `count` states. Nothing is counted. */
export function labelsBy(agent: TeachingPolicy, observations: Float32Array, count: number): Labels {
  return inferenceMode(() => {
    const batch = tensor(observations, [count, agent.observationSize])
    const labels: Labels = {}
    const actionValues = agent.actionValues?.(batch)
    const gaussian = agent.gaussian?.(batch)
    if (agent.logits !== undefined) labels.logits = floats(agent.logits(batch))
    if (actionValues !== undefined) labels.actionValues = floats(actionValues)
    if (agent.stateValues !== undefined) labels.stateValues = floats(agent.stateValues(batch))
    else if (actionValues !== undefined) labels.stateValues = floats(amax(actionValues, 1))
    if (gaussian !== undefined) labels.mean = floats(gaussian.mean)
    if (gaussian?.logStd !== undefined) labels.logStd = floats(gaussian.logStd)
    return labels
  })
}

function floats(x: Tensor): Float32Array {
  return Float32Array.from(x.view())
}

/** Kinds of labels that the Gaussian of a policy gives. */
export function kindsOfGaussian(agent: TeachingPolicy): readonly LabelKind[] {
  if (agent.bounds === undefined) return []
  const example = tensor(new Float32Array(agent.observationSize), [1, agent.observationSize])
  const outputs = inferenceMode(() => Object.keys(agent.gaussian?.(example) ?? {}))
  return labelKinds.filter((kind) => outputs.includes(kind))
}
