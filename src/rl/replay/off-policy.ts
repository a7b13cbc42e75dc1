// Shared by the algorithms that learn from a replay buffer: play, samples as tensors, bootstrapped targets, and schedules.

import type { ActionColumn } from '../../data/columns.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { gather, indexSelect } from '../../tensor/ops/indexing.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import type { Rng } from '../../tensor/random.ts'
import type { VectorEnv } from '../envs/vector/vector-env.ts'
import { addFinished, type FinishedEpisode } from '../training/training.ts'
import type { NStepBuffer } from './n-step.ts'
import type { ReplayBatch } from './replay.ts'

interface Play<Actions extends ActionColumn> {
  readonly envs: VectorEnv
  readonly memory: NStepBuffer
  /** Environment steps so far, over all sub-environments. */
  readonly counters: { step: number }
  readonly totalTimesteps: number
  /** The actions for observations [numEnvs, observationSize], as the memory stores them. `step` counts the step to be taken. */
  act(observations: Float32Array, step: number): Actions
  /** Converts actions to the environment's units. Default: unchanged. */
  toEnvironment?(actions: Actions): ArrayLike<number>
}

/**
 * Plays and stores transitions; yields after one step of every sub-environment, with the episodes that ended and were not yet removed:
 * `episodes.splice(0)` removes those reported.
 */
export function* play<Actions extends ActionColumn>(
  parts: Play<Actions>,
): Generator<{ readonly step: number; readonly episodes: FinishedEpisode[] }, void, void> {
  const { envs, memory, counters, totalTimesteps, act } = parts
  const observations = new Float32Array(envs.observations.length)
  const episodes: FinishedEpisode[] = []
  while (counters.step < totalTimesteps) {
    counters.step += envs.numEnvs
    observations.set(envs.observations)
    const actions = act(observations, counters.step)
    envs.step(parts.toEnvironment?.(actions) ?? actions)
    memory.addSteps(observations, actions, envs)
    addFinished(episodes, envs, counters.step)
    yield { step: counters.step, episodes }
  }
}

/**
 * Copies a batch into tensors: observations and nextObservations [batch, observationSize]; actions as int32 choices [batch, 1] or vectors
 * [batch, actionSize]; rewards [batch]; and discounts [batch], γⁿ or 0 where the task ended.
 */
export function transitionTensors(batch: ReplayBatch, gamma: number) {
  const { size, observations, actions, rewards, nextObservations, terminated, steps } = batch
  const wide = (rows: typeof actions) => tensor(rows, [size, rows.length / size])
  return {
    observations: wide(observations),
    actions: wide(actions),
    rewards: tensor(rewards),
    nextObservations: wide(nextObservations),
    discounts: tensor(steps.map((n, i) => (terminated[i] === 1 ? 0 : integerPower(gamma, n)))),
  }
}

/** The observations s, copied: [batch, observationSize]. */
export function observationTensor({ size, observations }: ReplayBatch): Tensor {
  return tensor(observations, [size, observations.length / size])
}

/** r + γⁿ (1 - terminated) V(s′): [batch] each. Sutton and Barto 2018, eq. 6.2. */
export function bootstrapped(rewards: Tensor, discounts: Tensor, nextValues: Tensor): Tensor {
  return add(rewards, mul(discounts, nextValues))
}

/** The entries of the actions taken: [batch, actions] → [batch], [batch, actions, width] → [batch, width]; choices are int32 [batch, 1]. */
export function chosenRows(x: Tensor, choices: Tensor): Tensor {
  const [batch, actions, width] = x.dims as [number, number, number?]
  if (width === undefined) return reshape(gather(x, 1, choices), [batch])
  const rows = (choices.view() as Int32Array).map((choice, row) => row * actions + choice)
  return indexSelect(reshape(x, [batch * actions, width]), 0, rows)
}

/**
 * Draws uniform vectors in [-1, 1) and repeats each for `hold` calls: independent forces cancel out in tasks that need momentum.
 * Dabney, Ostrovski and Barreto 2021, arXiv:2006.01782.
 */
export function heldRandomVectors(rng: Rng, length: number, hold: number): () => Float32Array {
  let drawn: Float32Array
  let calls = 0
  return () => {
    if (calls++ % hold === 0) drawn = Float32Array.from({ length }, () => rng.uniform(-1, 1))
    return drawn
  }
}

/** Adds normal noise to actions and clips them to [-1, 1]. */
export function noisyVectors(actions: Float32Array, deviation: number, rng: Rng): Float32Array {
  return actions.map((x) => Math.min(Math.max(x + rng.normal(0, deviation), -1), 1))
}

/** ε at a step: linear from 1 to `explorationFinalEps` over `explorationFraction` of all steps. */
export function epsilonAt(
  step: number,
  o: Readonly<Record<'totalTimesteps' | 'explorationFraction' | 'explorationFinalEps', number>>,
): number {
  const explorationSteps = Math.max(1, o.explorationFraction * o.totalTimesteps)
  return Math.max(o.explorationFinalEps, 1 - ((1 - o.explorationFinalEps) * step) / explorationSteps)
}

/** β at a step: linear from `priorityCorrection` to 1. Schaul et al. 2016, section 3.4. */
export function priorityCorrectionAt(step: number, o: Record<'totalTimesteps' | 'priorityCorrection', number>): number {
  return o.priorityCorrection + (1 - o.priorityCorrection) * Math.min(1, step / o.totalTimesteps)
}

/** Whether one of the last `count` steps, the current one included, is a multiple of `interval`. */
export function passes(step: number, count: number, interval: number): boolean {
  return Math.floor(step / interval) > Math.floor((step - count) / interval)
}
