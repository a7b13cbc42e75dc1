// Whole episodes with the policy as it is, for methods that learn at their end. Read next: algorithms/reinforce.ts.

import { noGrad } from '../tensor/autograd.ts'
import { ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { ActorCritic } from './actor-critic.ts'
import type { Column } from './buffers/columns.ts'
import { addFinished, type FinishedEpisode } from './training.ts'
import { requireSameStep, type VectorEnv } from './vector-env.ts'

/** The steps of whole episodes, one after the other. */
export interface PlayedEpisodes {
  readonly steps: number
  readonly observations: Float32Array // [steps, observationSize]
  readonly actions: Column // [steps], or [steps, actionSize]
  readonly actionMasks: Float32Array // [steps, actions], empty without masks
  readonly rewards: Float64Array // [steps]
  /** 1 on the last step of an episode: [steps]. */
  readonly dones: Uint8Array
  /** What the critic expects to follow an episode that was cut off, on its last step; 0 elsewhere: [steps]. */
  readonly cutOffValues: Float64Array
  readonly episodes: readonly FinishedEpisode[]
}

/** Plays `count` episodes. Throws a `ValueError` unless there is one copy of the environment, restarted within the step. */
export function collectEpisodes(
  env: VectorEnv,
  agent: ActorCritic,
  count: number,
  rng: Rng,
  stepsBefore: number,
): PlayedEpisodes {
  requireOneCopy(env)
  const observations: number[] = []
  const actions: number[] = []
  const actionMasks: number[] = []
  const rewards: number[] = []
  const dones: number[] = []
  const cutOffValues: number[] = []
  const episodes: FinishedEpisode[] = []
  while (episodes.length < count) {
    const chosen = agent.sampleBatch(env.observations, rng, env.actionMasks)
    observations.push(...env.observations)
    if (env.actionMasks !== undefined) actionMasks.push(...env.actionMasks)
    actions.push(...chosen)
    env.step(agent.toEnvironment(chosen))
    rewards.push(env.rewards[0]!)
    dones.push(env.dones[0]!)
    const cutOff = env.truncated[0] === 1 && env.terminated[0] === 0
    cutOffValues.push(cutOff ? expectedAfter(agent, env.finalObservations) : 0)
    addFinished(episodes, env, stepsBefore + rewards.length)
  }
  return {
    steps: rewards.length,
    observations: Float32Array.from(observations),
    actions: 'actionSize' in agent ? Float32Array.from(actions) : Int32Array.from(actions),
    actionMasks: Float32Array.from(actionMasks),
    rewards: Float64Array.from(rewards),
    dones: Uint8Array.from(dones),
    cutOffValues: Float64Array.from(cutOffValues),
    episodes,
  }
}

function expectedAfter(agent: ActorCritic, observation: Float32Array): number {
  return scope(() => noGrad(() => agent.stateValues(tensor(observation, [1, observation.length])).item()))
}

function requireOneCopy(env: VectorEnv): void {
  const { id, numEnvs } = env
  if (numEnvs !== 1) throw new ValueError(`${id}: ${numEnvs} copies; whole episodes are played one by one, in 1 copy`)
  requireSameStep('collectEpisodes', env)
}
