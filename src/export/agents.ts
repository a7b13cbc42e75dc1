// The network of an agent to export: the one that chooses actions. Read next: dense-layers.ts.

import { FactoredActorCritic } from '../rl/actor-critic.ts'
import { ContinuousAgent, GaussianPolicy } from '../rl/continuous-policies.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../rl/discrete-policies.ts'
import { described, ShapeError, ValueError } from '../tensor/errors.ts'
import { type DenseLayer, denseLayers, type Outputs, withReadOut } from './dense-layers.ts'

export interface AgentLayers extends Outputs {
  readonly layers: readonly DenseLayer[]
}

/**
 * The layers of an agent: the actor of an actor-critic (of a Gaussian the mean), or a value network with its read-out. Throws a
 * ValueError on an agent that is not a single plain network, a ShapeError on one that acts in a MultiDiscrete or MultiBinary space.
 */
export function agentLayers(agent: object): AgentLayers {
  if (agent instanceof ContinuousAgent) {
    const { low, high } = agent.bounds
    const scaled = !(agent instanceof GaussianPolicy)
    const layers = actorLayers(denseLayers(agent.actor), agent.actionSize, scaled)
    return { layers, meaning: 'actions', bounds: { low: Array.from(low), high: Array.from(high), scaled } }
  }
  if (agent instanceof CategoricalPolicy) return { layers: denseLayers(agent.network), meaning: 'logits' }
  if (agent instanceof QPolicy) return { layers: denseLayers(agent.network), meaning: 'actionValues' }
  if (agent instanceof ValueFunction) {
    return { layers: withReadOut(denseLayers(agent.network), agent.units), meaning: 'stateValues' }
  }
  if (agent instanceof FactoredActorCritic) {
    throw new ShapeError(`export: the agent acts in ${agent.actionSpace}; expected the logits of one choice (Discrete)`)
  }
  throw new ValueError(`export: ${described(agent)} is not an agent with one plain network; distil it into one first`)
}

// Without the outputs for ln σ, and with the tanh that a squashed Gaussian or a deterministic policy applies to the means.
function actorLayers(layers: readonly DenseLayer[], outputs: number, squashed: boolean): DenseLayer[] {
  const last = layers.at(-1)!
  if (squashed && last.activation !== 'identity') {
    throw new ValueError(`export: the tanh of a policy cannot follow ${last.activation}; expected a linear last layer`)
  }
  const weight = last.weight.subarray(0, outputs * last.inputs)
  const bias = last.bias.subarray(0, outputs)
  return [...layers.slice(0, -1), { ...last, outputs, weight, bias, ...(squashed && { activation: 'tanh' }) }]
}
