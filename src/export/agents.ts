// The network of an agent to export: the one that chooses actions. Read next: dense-layers.ts.

import { CategoricalActorCritic, FactoredActorCritic } from '../rl/actor-critic.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../rl/discrete-policies.ts'
import { ShapeError, ValueError } from '../tensor/errors.ts'
import { type DenseLayer, denseLayers, type OutputMeaning, withReadOut } from './dense-layers.ts'

export interface AgentLayers {
  readonly layers: readonly DenseLayer[]
  readonly meaning: OutputMeaning
}

/**
 * The layers of an agent: the actor of an actor-critic, or a value network with its read-out. Throws a ValueError on an agent that is
 * not a single plain network, a ShapeError on one that acts in a MultiDiscrete or MultiBinary space.
 */
export function agentLayers(agent: object): AgentLayers {
  if (agent instanceof CategoricalActorCritic) return { layers: denseLayers(agent.actor), meaning: 'logits' }
  if (agent instanceof CategoricalPolicy) return { layers: denseLayers(agent.network), meaning: 'logits' }
  if (agent instanceof QPolicy) return { layers: denseLayers(agent.network), meaning: 'actionValues' }
  if (agent instanceof ValueFunction) {
    return { layers: withReadOut(denseLayers(agent.network), agent.units), meaning: 'stateValues' }
  }
  if (agent instanceof FactoredActorCritic) {
    throw new ShapeError(`export: the agent acts in ${agent.actionSpace}; expected the logits of one choice (Discrete)`)
  }
  throw new ValueError(`export: a ${agent.constructor.name} is not one plain network; distil it into one first`)
}
