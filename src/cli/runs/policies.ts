// Saved agents as policies of an environment, after a check of their spaces.

import { statSync } from 'node:fs'
import { Option } from 'commander'
import { packedSize } from '../../data/packing.ts'
import { Box, Discrete } from '../../data/spaces.ts'
import type { AnyEnv, Env } from '../../rl/envs/env.ts'
import { ValueFunction } from '../../rl/policies/discrete-policies.ts'
import { Lookahead } from '../../rl/policies/lookahead.ts'
import type { Agent, Planner } from '../../rl/policies/policy.ts'
import { nearestMatch } from '../../tensor/errors.ts'
import type { Rng } from '../../tensor/random.ts'
import { UsageError } from '../terminal/failures.ts'
import type { AnyAgent } from './agent-files.ts'
import { singleEnv } from './environments.ts'
import { readAgent, type SavedAgent } from './run-folder.ts'

export function policyOption(): Option {
  const about = 'random, the folder of a run or a student, or the file of a network or tree'
  return new Option('--policy <name>', about).default('random')
}

/** Chooses an action for the current state of the environment. */
export type Chooser = (env: AnyEnv, observation: unknown) => unknown

/**
 * The greedy policy of a saved agent, or the random policy.
 *
 * @param env the environment to play, from `singleEnv`
 * @param rng for the random policy
 */
export function choosePolicy(name: string, env: AnyEnv, rng: Rng): Chooser {
  if (name === 'random') return (each) => each.actionSpace.sample(rng)
  if (statSync(name, { throwIfNoEntry: false }) === undefined && nearestMatch(name, ['random']) !== undefined) {
    throw new UsageError(`--policy: there is no "${name}". Did you mean random?`)
  }
  const policy = policyOf(readAgent(name, {}, env.id), env)
  return (each, observation) => ('plan' in policy ? policy.plan(each) : policy.act(observation as Float32Array))
}

/**
 * An agent as a policy; a value function looks one step ahead. Throws a UsageError if the observation or action spaces differ from
 * those of the environment.
 */
export function policyOf(
  { agent, path, env: learned }: SavedAgent,
  env: AnyEnv,
): Agent<Float32Array, unknown> | Planner {
  const { observationSpace, actionSpace } = env
  const [inputs, actions] = [`${agent.observationSize} numbers`, actionsOf(agent)]
  const shown = observationSpace instanceof Box ? `${packedSize(observationSpace)} numbers` : String(observationSpace)
  if (inputs !== shown || actions !== String(actionSpace)) {
    const from = learned === undefined ? '' : ` learned ${learned};`
    throw new UsageError(
      `"${path}"${from} takes ${inputs} and gives ${actions}; ${env.id} shows ${shown} and takes ${actionSpace}`,
    )
  }
  return agent instanceof ValueFunction ? new Lookahead(agent, singleEnv(env.id) as Env) : agent
}

/** The action space of an agent, as text. */
export function actionsOf(agent: AnyAgent): string {
  return String('actionSpace' in agent ? agent.actionSpace : spaceOf(agent))
}

export function spaceOf(agent: AnyAgent): Discrete | Box {
  const { numActions, bounds } = agent as { numActions?: number; bounds?: Pick<Box, 'low' | 'high'> }
  return bounds === undefined ? new Discrete(numActions ?? 1) : new Box(bounds.low, bounds.high)
}
