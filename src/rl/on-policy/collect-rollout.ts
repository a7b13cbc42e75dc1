// Play of the on-policy algorithms with the current policy: rollouts of T steps in N sub-environments, or whole episodes, and the tensors
// made of them.

import { type ActionColumn, type ArraysOf, actionField, Columns, field } from '../../data/columns.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { ARRAYS, requireRoom } from '../../tensor/memory.ts'
import { tensor } from '../../tensor/ops/create.ts'
import type { Rng } from '../../tensor/random.ts'
import { requireSameStep, type VectorEnv } from '../envs/vector/vector-env.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import { gae, returnsOf } from '../training/returns.ts'
import { addFinished, type FinishedEpisode } from '../training/training.ts'

/**
 * Allocates a rollout buffer for `numSteps` steps. Reset the environments first: their action masks determine its columns. Throws a
 * `ValueError` unless their autoreset is `same-step`.
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
 * Fills a rollout, except for advantages and returns. Values and log-probabilities are computed in one pass at the end; the
 * networks do not change during play.
 *
 * @param stepsBefore environment steps before this rollout
 * @returns the episodes that ended
 */
export function collectRollouts(
  envs: VectorEnv,
  agent: ActorCritic,
  rollout: RolloutBuffer,
  rng: Rng,
  stepsBefore: number,
): FinishedEpisode[] {
  const { numSteps, numEnvs, observationSize } = rollout
  const episodes: FinishedEpisode[] = []
  // Rows of the steps at which an episode was truncated, and the observations after them, one after another.
  const cutOffRows: number[] = []
  const cutOff: number[] = []
  for (let t = 0; t < numSteps; t++) {
    const first = t * numEnvs
    rollout.observations.set(envs.observations, first * observationSize)
    if (envs.actionMasks !== undefined) rollout.actionMasks.set(envs.actionMasks, first * rollout.maskSize)
    const actions = agent.sampleBatch(envs.observations, rng, envs.actionMasks)
    rollout.actions.set(actions, first * Math.max(1, rollout.actionSize))
    envs.step(agent.toEnvironment(actions))
    rollout.rewards.set(envs.rewards, first)
    rollout.terminated.set(envs.terminated, first)
    rollout.truncated.set(envs.truncated, first)
    addFinished(episodes, envs, stepsBefore + first + numEnvs)
    for (let i = 0; i < numEnvs; i++) {
      if (!isCutOff(envs, i)) continue
      cutOffRows.push(first + i)
      for (let k = 0; k < observationSize; k++) cutOff.push(envs.finalObservations[i * observationSize + k]!)
    }
  }
  inferenceMode(() => {
    const { observations, actions, masks } = tensorsOf(rollout)
    rollout.logProbs.set(agent.distribution(observations, masks).logProb(actions).view())
    rollout.values.set(agent.stateValues(observations).view())
    rollout.lastValues.set(valuesOf(agent, envs.observations))
    if (cutOff.length === 0) return
    const values = valuesOf(agent, cutOff)
    cutOffRows.forEach((row, i) => {
      rollout.finalValues[row] = values[i]!
    })
  })
  return episodes
}

export function isCutOff({ truncated, terminated }: VectorEnv, i: number): boolean {
  return truncated[i] === 1 && terminated[i] === 0
}

function valuesOf(agent: ActorCritic, observations: Float32Array | number[]): ArrayLike<number> {
  const { observationSize } = agent
  return agent.stateValues(tensor(observations, [observations.length / observationSize, observationSize])).view()
}

/** Sets the rollout's advantages by generalised advantage estimation, and its returns to Â + V, the targets of the critic. */
export function computeGae(rollout: RolloutBuffer, gamma: number, lambda: number): void {
  const { advantages, values, returns } = rollout
  gae(rollout, gamma, lambda, advantages)
  returnsOf(advantages, values, returns)
}

/** The columns of a minibatch or a whole rollout as tensors [size, …]. */
export function tensorsOf(batch: LearnedColumns) {
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

/** Choices [size] or vectors [size, actionSize]. */
export function actionTensor(actions: ActionColumn, size: number): Tensor {
  return tensor(actions, actions instanceof Int32Array ? [size] : [size, actions.length / size])
}

/** Masks [size, actions], or undefined without masks. */
export function maskTensor(masks: Float32Array, size: number): Tensor | undefined {
  return masks.length === 0 ? undefined : tensor(masks, [size, masks.length / size])
}

/**
 * Plays `count` episodes. Returns their steps in order: observations [steps, observationSize], actions [steps] or [steps, actionSize],
 * masks [steps, actions] or empty, `dones` 1 on the last step of an episode, and `cutOffValues` the critic's value after a truncated
 * episode on its last step, 0 elsewhere. Throws a `ValueError` unless there is one sub-environment, with `same-step` autoreset.
 */
export function collectEpisodes(env: VectorEnv, agent: ActorCritic, count: number, rng: Rng, stepsBefore: number) {
  if (env.numEnvs !== 1) {
    throw new ValueError(`${env.id}: ${env.numEnvs} sub-environments; whole episodes are played in 1`)
  }
  requireSameStep('collectEpisodes', env)
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
    const after = () => inferenceMode(() => valuesOf(agent, env.finalObservations)[0]!)
    cutOffValues.push(isCutOff(env, 0) ? after() : 0)
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

/** T, N and the numbers of each column. */
interface RolloutSizes {
  /** T */
  readonly numSteps: number
  /** N */
  readonly numEnvs: number
  readonly observationSize: number
  /** Numbers of an action vector. Default 0: actions are choices. */
  readonly actionSize?: number
  /** Numbers of an action mask. Default 0: no masks. */
  readonly maskSize?: number
}

/** What a learner reads, each [size, width]. */
const learnedFields = ({ observationSize, actionSize, maskSize }: Required<RolloutSizes>) => ({
  observations: field(observationSize, 'float32'),
  actions: actionField(actionSize),
  /** 1 where an action is allowed; empty without masks. */
  actionMasks: field(maskSize, 'float32'),
  /** ln π(a|s) of the policy that acted. */
  logProbs: field(1, 'float32'),
  /** V(sₜ) of the critic before the update. */
  values: field(1, 'float32'),
  /** Â(sₜ, aₜ), by returns.ts. */
  advantages: field(1, 'float32'),
  /** Targets of the critic. */
  returns: field(1, 'float32'),
})

const rolloutFields = (sizes: Required<RolloutSizes>) => ({
  ...learnedFields(sizes),
  rewards: field(1, 'float32'),
  /** 1 where the task ended with this step. */
  terminated: field(1, 'uint8'),
  /** 1 where the episode was cut off with this step. */
  truncated: field(1, 'uint8'),
  /** Where `truncated` is set, the value of the episode's last observation, before the reset. */
  finalValues: field(1, 'float32'),
})

/** Of a whole rollout (size T N) or a minibatch. */
export type LearnedColumns = ArraysOf<ReturnType<typeof learnedFields>> & { readonly size: number }

/** Steps in random order, and the row t N + i of each. The rollout owns the arrays; the next minibatch overwrites them. */
type Minibatch = LearnedColumns & { readonly indices: Int32Array }

/** The columns, [T, N, …]. */
export interface RolloutBuffer extends ArraysOf<ReturnType<typeof rolloutFields>>, Required<RolloutSizes> {}

/** T steps of N sub-environments. Time-major: step t of sub-environment i is row t N + i. Each rollout overwrites the last. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns the sizes and columns
export class RolloutBuffer {
  /** T N */
  readonly size: number
  /** V(s_T), of the observations that follow the last step: [N]. */
  readonly lastValues: Float32Array
  private readonly columns: Columns<ReturnType<typeof rolloutFields>>
  private readonly order: Int32Array
  private batch: Minibatch
  private remainder: Minibatch

  constructor({ numSteps, numEnvs, observationSize, actionSize = 0, maskSize = 0 }: RolloutSizes) {
    const sizes = { numSteps, numEnvs, observationSize, actionSize, maskSize }
    this.size = numSteps * numEnvs
    const fields = rolloutFields(sizes)
    const bytes = this.size * (new Columns(fields).rowBytes + Int32Array.BYTES_PER_ELEMENT)
    requireRoom(`RolloutBuffer: ${numSteps} steps of ${numEnvs} environments`, bytes, ARRAYS)
    this.columns = new Columns(fields, this.size)
    Object.assign(this, sizes, this.columns.arrays)
    this.lastValues = new Float32Array(numEnvs)
    this.order = new Int32Array(this.size)
    this.batch = this.minibatch(0)
    this.remainder = this.batch
  }

  /** Yields every step once, in random order, `batchSize` at a time; the last batch may be smaller. */
  *minibatches(batchSize: number, rng: Rng): Generator<Minibatch> {
    const { order } = this
    for (let i = 0; i < order.length; i++) order[i] = i
    rng.shuffle(order)
    if (this.batch.size !== batchSize) this.batch = this.minibatch(batchSize)
    let start = 0
    for (; start + batchSize <= order.length; start += batchSize) yield this.fill(this.batch, start)
    const left = order.length - start
    if (left === 0) return
    if (this.remainder.size !== left) this.remainder = this.minibatch(left)
    yield this.fill(this.remainder, start)
  }

  private minibatch(size: number): Minibatch {
    return { size, indices: new Int32Array(size), ...new Columns(learnedFields(this), size).arrays }
  }

  private fill(batch: Minibatch, start: number): Minibatch {
    batch.indices.set(this.order.subarray(start, start + batch.size))
    this.columns.gather(batch.indices, batch)
    return batch
  }
}
