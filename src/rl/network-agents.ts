// Agents made of one network: its outputs are logits, action values or state values.

import type { HasParameters, Module, NamedParameters } from '../nn/module.ts'
import { noGrad } from '../tensor/autograd.ts'
import { ShapeError } from '../tensor/errors.ts'
import { tensor, zeros } from '../tensor/ops/create.ts'
import { add, mul } from '../tensor/ops/elementwise.ts'
import { reshape } from '../tensor/ops/layout.ts'
import { softmax } from '../tensor/ops/softmax.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { greedyAction, type NetworkAgent, requireFinite } from './agent.ts'

abstract class SingleNetworkAgent implements HasParameters {
  constructor(
    readonly network: Module,
    readonly observationSize: number,
    readonly actionCount: number,
  ) {}

  parameters(): NamedParameters {
    return this.network.parameters()
  }
}

/** A policy: the network's outputs are logits [batch, actions]. */
export class PolicyAgent extends SingleNetworkAgent implements NetworkAgent {
  constructor(network: Module, observationSize: number, actionCount: number) {
    super(network, observationSize, actionCount)
    requireOutputs(network, observationSize, actionCount)
  }

  logits(observations: Tensor): Tensor {
    return this.network.forward(observations)
  }

  /** With `rng` a draw from the policy, without it the likeliest action. */
  act(observation: Float32Array, rng?: Rng): number {
    if (rng === undefined) return greedyAction(this, observation)
    requireFinite(observation)
    return scope(() =>
      noGrad(() => rng.categorical(softmax(this.logits(tensor(observation, [1, this.observationSize]))).view())),
    )
  }
}

/**
 * Action values: the network's outputs are Q [batch, actions]. Acts greedily; given an rng, `epsilon` of the time at random and
 * else with the noise of noisy layers.
 */
export class ActionValueAgent extends SingleNetworkAgent implements NetworkAgent {
  constructor(
    network: Module,
    observationSize: number,
    actionCount: number,
    public epsilon = 0,
  ) {
    super(network, observationSize, actionCount)
    requireOutputs(network, observationSize, actionCount)
  }

  actionValues(observations: Tensor, rng?: Rng): Tensor {
    return this.network.forward(observations, rng)
  }

  act(observation: Float32Array, rng?: Rng): number {
    if (rng !== undefined && rng.uniform() < this.epsilon) return rng.integer(this.actionCount)
    return greedyAction(this, observation, rng)
  }
}

/** State values: the network has one output z, and V = mean + deviation z. It cannot act by itself; see lookahead.ts. */
export class StateValueAgent extends SingleNetworkAgent {
  constructor(
    network: Module,
    observationSize: number,
    actionCount: number,
    readonly units = { mean: 0, deviation: 1 },
  ) {
    super(network, observationSize, actionCount)
    requireOutputs(network, observationSize, 1)
  }

  /** [batch] */
  stateValues(observations: Tensor): Tensor {
    const z = reshape(this.network.forward(observations), [observations.shape[0]!])
    return add(mul(z, this.units.deviation), this.units.mean)
  }
}

/** Throws a ShapeError unless the network turns [1, inputs] into [1, outputs]. */
export function requireOutputs(network: Module, inputs: number, outputs: number): void {
  const given = scope(() => noGrad(() => network.forward(zeros([1, inputs])).shape))
  if (given.length === 2 && given[1] === outputs) return
  throw new ShapeError(
    `the network gives ${given.slice(1).join('x')} outputs a state; expected ${outputs} (one an action, or one in all for state values)`,
  )
}
