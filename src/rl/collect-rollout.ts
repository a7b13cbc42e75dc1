// The first half of every on-policy algorithm: play T steps in N environments with the policy as it is, and note what is
// needed to learn from them. Read next: returns.ts for what is made of it, algorithms/a2c.ts.

import { noGrad } from '../tensor/autograd.ts'
import { tensor } from '../tensor/ops/create.ts'
import type { Rng } from '../tensor/random.ts'
import { scope } from '../tensor/scope.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { ActorCritic } from './actor-critic.ts'
import type { Column } from './buffers/columns.ts'
import { type Minibatch, RolloutBuffer } from './buffers/rollout.ts'
import { gae } from './returns.ts'
import { addFinished, type FinishedEpisode } from './training.ts'
import { requireSameStep, type VectorEnv } from './vector-env.ts'

/**
 * Room for `numSteps` steps of these environments, which have been started, so that it is known whether they forbid actions.
 * Throws a `ValueError` unless they restart within the step that ends an episode.
 */
export function rolloutFor(envs: VectorEnv, numSteps: number, agent: ActorCritic): RolloutBuffer {
  requireSameStep('collectRollouts', envs)
  const { numEnvs, observationSize } = envs
  return new RolloutBuffer({
    numSteps,
    numEnvs,
    observationSize,
    ...('actionSize' in agent && { actionSize: agent.actionSize }),
    ...(envs.actionMasks && { maskSize: envs.actionMasks.length / numEnvs }),
  })
}

/**
 * Fills the rollout but for advantages and returns, and gives the episodes that ended. `stepsBefore` counts the environment
 * steps before. Values and log-probabilities are computed in one pass at the end, when the networks are still the same.
 */
export function collectRollouts(
  envs: VectorEnv,
  agent: ActorCritic,
  rollout: RolloutBuffer,
  rng: Rng,
  stepsBefore: number,
): FinishedEpisode[] {
  const { numSteps, numEnvs } = rollout
  const episodes: FinishedEpisode[] = []
  const cutOff: CutOff = { rows: [], observations: [] }
  for (let t = 0; t < numSteps; t++) {
    const first = t * numEnvs
    rollout.observations.set(envs.observations, first * rollout.observationSize)
    if (envs.actionMasks !== undefined) rollout.actionMasks.set(envs.actionMasks, first * rollout.maskSize)
    const actions = agent.sampleBatch(envs.observations, rng, envs.actionMasks)
    rollout.actions.set(actions, first * Math.max(1, rollout.actionSize))
    envs.step(agent.toEnvironment(actions))
    rollout.rewards.set(envs.rewards, first)
    rollout.terminated.set(envs.terminated, first)
    rollout.truncated.set(envs.truncated, first)
    addFinished(episodes, envs, stepsBefore + first + numEnvs)
    for (let i = 0; i < numEnvs; i++) {
      if (envs.truncated[i] === 1 && envs.terminated[i] === 0) keepFinal(cutOff, envs, first + i, i)
    }
  }
  evaluateRollout(agent, rollout, envs.observations, cutOff)
  return episodes
}

/** Steps on which an episode was cut off, and the observations they led to, one after the other. */
interface CutOff {
  readonly rows: number[]
  readonly observations: number[]
}

function keepFinal(cutOff: CutOff, envs: VectorEnv, row: number, i: number): void {
  cutOff.rows.push(row)
  const from = i * envs.observationSize
  for (let k = 0; k < envs.observationSize; k++) cutOff.observations.push(envs.finalObservations[from + k]!)
}

/** ln π(a|s) and V(s) of every step, V of what follows the last one, and V where episodes were cut off. */
function evaluateRollout(agent: ActorCritic, rollout: RolloutBuffer, last: Float32Array, cutOff: CutOff): void {
  const { size, numEnvs, observationSize } = rollout
  scope(() =>
    noGrad(() => {
      const observations = tensor(rollout.observations, [size, observationSize])
      const actions = actionTensor(rollout.actions, size)
      const policy = agent.distribution(observations, maskTensor(rollout.actionMasks, size))
      rollout.logProbs.set(policy.logProb(actions).view())
      rollout.values.set(agent.stateValues(observations).view())
      rollout.lastValues.set(agent.stateValues(tensor(last, [numEnvs, observationSize])).view())
      const { rows } = cutOff
      if (rows.length === 0) return
      const values = agent.stateValues(tensor(cutOff.observations, [rows.length, observationSize])).view()
      rows.forEach((row, i) => {
        rollout.finalValues[row] = values[i]!
      })
    }),
  )
}

/** The rollout's advantages Â by generalised advantage estimation, and Â + V as the returns that the critic learns. */
export function computeGae(rollout: RolloutBuffer, gamma: number, lambda: number): void {
  const { advantages, values, returns } = rollout
  gae(rollout, gamma, lambda, advantages)
  for (let row = 0; row < rollout.size; row++) returns[row] = advantages[row]! + values[row]!
}

/** Steps as tensors, for the losses: [size, …] each. */
export interface MinibatchTensors {
  readonly observations: Tensor
  readonly actions: Tensor
  readonly masks: Tensor | undefined
  readonly oldLogProbs: Tensor
  readonly oldValues: Tensor
  readonly advantages: Tensor
  readonly returns: Tensor
}

/** Of a minibatch, or of a rollout as a whole. */
export function tensorsOf(batch: Omit<Minibatch, 'indices'>): MinibatchTensors {
  const { size } = batch
  return {
    observations: tensor(batch.observations, [size, batch.observations.length / size]),
    actions: actionTensor(batch.actions, size),
    masks: maskTensor(batch.actionMasks, size),
    oldLogProbs: tensor(batch.logProbs),
    oldValues: tensor(batch.values),
    advantages: tensor(batch.advantages),
    returns: tensor(batch.returns),
  }
}

/** Choices [size], or vectors [size, actionSize], as distributions take them. */
export function actionTensor(actions: Column, size: number): Tensor {
  return tensor(actions, actions instanceof Int32Array ? [size] : [size, actions.length / size])
}

/** Masks [size, actions], where there are any. */
export function maskTensor(masks: Float32Array, size: number): Tensor | undefined {
  return masks.length === 0 ? undefined : tensor(masks, [size, masks.length / size])
}
