// The network of an agent to export: the one that chooses actions. Read next: dense-layers.ts.

import { FactoredActorCritic } from '../rl/policies/actor-critic.ts'
import { ContinuousAgent, GaussianPolicy } from '../rl/policies/continuous-policies.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../rl/policies/discrete-policies.ts'
import type { TeachingPolicy } from '../rl/policies/policy.ts'
import { described, ShapeError, ValueError } from '../tensor/errors.ts'
import { followedBy, meanOf, softmaxOf } from './combined-layers.ts'
import { type DenseLayer, denseLayers, type Outputs } from './dense-layers.ts'

export interface AgentLayers extends Outputs {
  readonly layers: readonly DenseLayer[]
}

/**
 * The layers of an agent: the actor of an actor-critic (of a Gaussian the mean), a value network with its head, or the networks of an
 * ensemble. Throws a ValueError on an agent without such layers and on an ensemble whose members differ in their activations, a ShapeError
 * on one that acts in a MultiDiscrete or MultiBinary space.
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
    const { mean, deviation } = agent.units
    return { layers: followedBy(denseLayers(agent.network), 1, () => deviation, mean), meaning: 'stateValues' }
  }
  if (agent instanceof FactoredActorCritic) {
    throw new ShapeError(`export: the agent acts in ${agent.actionSpace}; expected the logits of one choice (Discrete)`)
  }
  const { members } = Object(agent) as TeachingPolicy
  if (members !== undefined) return ensembleLayers(members)
  throw new ValueError(`export: ${described(agent)} is not an agent with one plain network; distil it into one first`)
}

/** The mean of the members' outputs: of logits the probabilities, of squashed Gaussians the means before tanh. */
function ensembleLayers(members: readonly TeachingPolicy[]): AgentLayers {
  const [first, ...others] = members.map(agentLayers) as [AgentLayers, ...AgentLayers[]]
  const { meaning, bounds } = first
  const other = others.find((each) => each.meaning !== meaning)
  if (other !== undefined) {
    throw new ValueError(`export: an ensemble of ${meaning} and ${other.meaning}; expected members of one kind`)
  }
  const networks = [first, ...others].map(({ layers }) => layers)
  if (meaning === 'logits') {
    const probabilities = networks.map((each) => softmaxOf(each, each.at(-1)!.outputs))
    return { layers: meanOf(probabilities), meaning: 'probabilities' }
  }
  if (members[0]!.squashed !== true) return { layers: meanOf(networks), meaning, ...(bounds && { bounds }) }
  const means = meanOf(networks.map((each) => withLast(each, { activation: 'identity' })))
  return { layers: withLast(means, { activation: 'tanh' }), meaning, bounds: bounds! }
}

function withLast(layers: readonly DenseLayer[], change: Partial<DenseLayer>): DenseLayer[] {
  return [...layers.slice(0, -1), { ...layers.at(-1)!, ...change }]
}

// Without the outputs for ln σ, and with the tanh that a squashed Gaussian or a deterministic policy applies to the means.
function actorLayers(layers: readonly DenseLayer[], outputs: number, squashed: boolean): DenseLayer[] {
  const last = layers.at(-1)!
  if (squashed && last.activation !== 'identity') {
    throw new ValueError(`export: the tanh of a policy cannot follow ${last.activation}; expected a linear last layer`)
  }
  const weight = last.weight.subarray(0, outputs * last.inputs)
  const bias = last.bias.subarray(0, outputs)
  return withLast(layers, { outputs, weight, bias, ...(squashed && { activation: 'tanh' }) })
}
