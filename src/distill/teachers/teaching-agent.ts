// An agent as far as it has something to teach: policy logits, action values, state values, a Gaussian.
// Read next: teacher.ts, which counts what it labels.

import { DeterministicPolicy, GaussianPolicy, SquashedGaussianPolicy } from '../../rl/policies/continuous-policies.ts'
import type { Bounds } from '../../rl/policies/distributions/squashed-gaussian.ts'
import type { Actions } from '../../rl/policies/policy.ts'
import type { Player } from '../../rl/recorded-play.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { amax } from '../../tensor/ops/reduce.ts'
import { type LabelKind, type Labels, labelKinds } from '../dataset/dataset.ts'

/** Mean and ln σ of a Gaussian policy, [batch, actionSize] each; the mean alone for a deterministic one. */
export interface GaussianOutputs {
  readonly mean: Tensor
  readonly logStd?: Tensor
}

/** An agent, or a value function, as far as it has something to teach. All of alambic's agents are of this type. */
export interface TeachingPolicy {
  readonly observationSize: number
  /** Of discrete actions. */
  readonly numActions?: number
  /** Of continuous actions. */
  readonly bounds?: Bounds
  /** [batch, actions] */
  logits?(observations: Tensor): Tensor
  /** [batch, actions] */
  actionValues?(observations: Tensor): Tensor
  /** [batch] */
  stateValues?(observations: Tensor): Tensor
  /** Of continuous actions. */
  gaussian?(observations: Tensor): GaussianOutputs
  /** Whether `gaussian` is that before tanh. */
  readonly squashed?: boolean
  /** Of an ensemble. */
  readonly members?: readonly TeachingPolicy[]
  actBatch?(observations: Float32Array, masks?: Float32Array): Actions
  toEnvironment?(actions: Actions): Actions
}

/** Greedy actions of an agent, as the environment takes them. */
export function playerOf(agent: TeachingPolicy): Player {
  return {
    act(observations, masks) {
      const actions = agent.actBatch!(observations, masks)
      return agent.toEnvironment?.(actions) ?? actions
    },
  }
}

/** Labels of all kinds that an agent gives for `count` states. Nothing is counted. */
export function labelsBy(agent: TeachingPolicy, observations: Float32Array, count: number): Labels {
  return inferenceMode(() => {
    const batch = tensor(observations, [count, agent.observationSize])
    const labels: Labels = {}
    const actionValues = agent.actionValues?.(batch)
    const gaussian = gaussianOf(agent, batch)
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

/** Whether an agent's Gaussian is that before tanh. */
export function isSquashed(agent: TeachingPolicy): boolean {
  return agent.squashed ?? agent instanceof SquashedGaussianPolicy
}

/** The Gaussian or the deterministic action of an agent with continuous actions, else undefined. */
export function gaussianOf(agent: TeachingPolicy, observations: Tensor): GaussianOutputs | undefined {
  if (agent instanceof DeterministicPolicy) return { mean: agent.choose(observations) }
  if (agent instanceof SquashedGaussianPolicy) return agent.distribution(observations).gaussian
  if (agent instanceof GaussianPolicy) return agent.distribution(observations)
  return agent.gaussian?.(observations)
}

/** Kinds of labels that `gaussianOf` gives. */
export function kindsOfGaussian(agent: TeachingPolicy): readonly LabelKind[] {
  if (agent.bounds === undefined) return []
  const example = tensor(new Float32Array(agent.observationSize), [1, agent.observationSize])
  const outputs = inferenceMode(() => Object.keys(gaussianOf(agent, example) ?? {}))
  return labelKinds.filter((kind) => outputs.includes(kind))
}
