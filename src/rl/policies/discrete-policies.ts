// Policies with discrete actions, made of one network with logits, action values or state values as outputs.
// Read next: actor-critic.ts, lookahead.ts for planning with state values.

import type { HasParameters, Module, NamedParameters } from '../../nn/module.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { requireMethods, ShapeError, ValueError } from '../../tensor/errors.ts'
import { full, tensor, zeros } from '../../tensor/ops/create.ts'
import { add, mul, where } from '../../tensor/ops/elementwise.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { argmax } from '../../tensor/ops/reduce.ts'
import type { Rng } from '../../tensor/random.ts'
import { Categorical } from './distributions/categorical.ts'
import { type Actions, type DiscretePolicy, type PolicyOutputs, requireFinite } from './policy.ts'

/** Acts greedily by logits or, without logits, by action values. */
export class DiscreteAgent implements DiscretePolicy {
  /** @param outputs functions of observations; a subclass may define them as methods instead */
  constructor(
    readonly observationSize: number,
    readonly numActions: number,
    outputs: PolicyOutputs = {},
  ) {
    Object.assign(this, outputs)
  }

  logits?(observations: Tensor): Tensor
  actionValues?(observations: Tensor, rng?: Rng): Tensor
  stateValues?(observations: Tensor): Tensor

  act(observation: Float32Array, mask?: ArrayLike<number>): number {
    requireFinite(observation, this.observationSize)
    return this.actBatch(observation, mask && Float32Array.from(mask))[0]!
  }

  /** A draw from softmax(logits); without logits, the greedy action under the noise of noisy layers. */
  sample(observation: Float32Array, rng: Rng, mask?: ArrayLike<number>): number {
    requireFinite(observation, this.observationSize)
    return this.sampleBatch(observation, rng, mask && Float32Array.from(mask))[0]!
  }

  actBatch(observations: Float32Array, masks?: Float32Array): Int32Array {
    return greedyActions(this, observations, masks)
  }

  sampleBatch(observations: Float32Array, rng: Rng, masks?: Float32Array): Int32Array {
    if (this.logits === undefined) return greedyActions(this, observations, masks, rng)
    return inferenceMode(() => {
      const logits = this.logits!(rowsOf(observations, this.observationSize))
      return new Categorical(logits, masks && tensor(masks, logits.dims)).sample(rng).toArray() as Int32Array
    })
  }

  toEnvironment(actions: Actions): Actions {
    return actions
  }
}

abstract class NetworkAgent extends DiscreteAgent implements HasParameters {
  constructor(
    readonly network: Module,
    observationSize: number,
    numActions: number,
  ) {
    super(observationSize, numActions)
    requireOutputs(network, observationSize, numActions)
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}

/** A policy: the network's outputs are logits [batch, actions]. */
export class CategoricalPolicy extends NetworkAgent {
  override logits(observations: Tensor): Tensor {
    return this.network.forward(observations)
  }

  /** π(·|s) for observations [batch, observationSize] and masks [batch, actions], 1 where an action is allowed. */
  distribution(observations: Tensor, masks?: Tensor): Categorical {
    return new Categorical(this.logits(observations), masks)
  }
}

/** Action values: the network's outputs are Q [batch, actions]. Acts greedily; samples are ε-greedy, with the noise of noisy layers. */
export class QPolicy extends NetworkAgent {
  constructor(
    network: Module,
    observationSize: number,
    numActions: number,
    /** Probability of a random action in samples. */
    public epsilon = 0,
  ) {
    super(network, observationSize, numActions)
  }

  override actionValues(observations: Tensor, rng?: Rng): Tensor {
    return this.network.forward(observations, rng)
  }

  override sampleBatch(observations: Float32Array, rng: Rng, masks?: Float32Array): Int32Array {
    return epsilonGreedyActions(this, observations, () => rng.uniform() < this.epsilon, rng, masks)
  }
}

/** State values: the network has one output z, and V = mean + deviation · z. To act, see lookahead.ts. */
export class ValueFunction implements HasParameters {
  constructor(
    readonly network: Module,
    readonly observationSize: number,
    readonly numActions: number,
    readonly units = { mean: 0, deviation: 1 },
  ) {
    requireOutputs(network, observationSize, 1)
  }

  /** [batch] */
  stateValues(observations: Tensor): Tensor {
    const z = reshape(this.network.forward(observations), [observations.dims[0]!])
    return add(mul(z, this.units.deviation), this.units.mean)
  }

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}

type Scored = PolicyOutputs & Pick<DiscretePolicy, 'observationSize' | 'numActions'>

/** The scores [batch, actions] whose maximum is the greedy action: logits, or else action values. Throws a `ValueError` without both. */
export function actionPreferences(agent: PolicyOutputs, observations: Tensor, rng?: Rng): Tensor {
  if (agent.logits !== undefined) return agent.logits(observations)
  if (agent.actionValues !== undefined) return agent.actionValues(observations, rng)
  throw new ValueError('act: the agent has neither logits nor action values; plan with its state values (Lookahead)')
}

/**
 * The greedy action for each row of observations [count, observationSize], among those allowed by masks [count, actions]. With `rng`,
 * noisy layers draw noise, shared by all rows.
 */
export function greedyActions(agent: Scored, observations: Float32Array, masks?: Float32Array, rng?: Rng): Int32Array {
  return inferenceMode(() => {
    const scores = actionPreferences(agent, rowsOf(observations, agent.observationSize), rng)
    const allowed = masks && tensor(masks, scores.dims)
    const open = allowed === undefined ? scores : where(allowed, scores, full(scores.dims, -Infinity))
    return argmax(open, 1).toArray() as Int32Array
  })
}

/** For each row, a uniformly random allowed action if `explores` returns true, else the greedy action. */
export function epsilonGreedyActions(
  agent: Scored,
  observations: Float32Array,
  explores: () => boolean,
  rng: Rng,
  masks?: Float32Array,
): Int32Array {
  const { observationSize, numActions } = agent
  const random = (row: number) => {
    if (masks === undefined) return rng.integer(numActions)
    return rng.categorical(masks.subarray(row * numActions, (row + 1) * numActions))
  }
  const drawn = Int32Array.from({ length: observations.length / observationSize }, (_, row) =>
    explores() ? random(row) : -1,
  )
  if (!drawn.includes(-1)) return drawn
  return greedyActions(agent, observations, masks, rng).map((greedy, i) => (drawn[i] === -1 ? greedy : drawn[i]!))
}

/** Throws a `ShapeError` unless the network maps [1, inputs] to [1, outputs]. */
export function requireOutputs(network: Module, inputs: number, outputs: number): void {
  requireMethods('the network', network, ['forward'], 'a module, such as new MLP([4, 16, 2], new Rng(1))')
  const given = inferenceMode(() => network.forward(zeros([1, inputs])).dims)
  if (given.length === 2 && given[1] === outputs) return
  throw new ShapeError(
    `the network gives ${given.slice(1).join('x')} outputs a state; expected ${outputs} (one per action, or 1 for state values)`,
  )
}

function rowsOf(observations: Float32Array, width: number): Tensor {
  return tensor(observations, [observations.length / width, width])
}
