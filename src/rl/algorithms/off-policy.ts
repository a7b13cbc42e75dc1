// What the algorithms that learn from a replay memory share: play that is remembered, a sample as tensors, the one equation
// behind their targets, and the rhythm of their updates. Read next: dqn.ts, sac.ts.

import { tensor } from '../../tensor/ops/create.ts'
import { add, mul } from '../../tensor/ops/elementwise.ts'
import { gather, indexSelect } from '../../tensor/ops/indexing.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import type { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Column, StepMemory } from '../buffers/columns.ts'
import type { ReplayBatch } from '../buffers/replay.ts'
import { addFinished, type FinishedEpisode } from '../training.ts'
import type { VectorEnv } from '../vector-env.ts'

/** One step of play: how many there were so far, over all environments, and the episodes that ended since they were last taken. */
export interface PlayedStep {
  readonly step: number
  readonly episodes: FinishedEpisode[]
}

export interface Play<Actions extends Column> {
  readonly envs: VectorEnv
  readonly memory: StepMemory
  /** Steps so far, over all environments; counts on. */
  readonly counters: { step: number }
  readonly totalTimesteps: number
  /** What to do at that step where these observations [numEnvs, observationSize] are seen; what is remembered as done. */
  act(observations: Float32Array, step: number): Actions
  /** The same in the environments' units, where they have units of their own. */
  toEnvironment?(actions: Actions): ArrayLike<number>
}

/**
 * Plays and remembers, a step in each environment at a time; whoever loops over it learns in between. Take the episodes by
 * `episodes.splice(0)` when they are reported.
 */
export function* play<Actions extends Column>(given: Play<Actions>): Generator<PlayedStep, void, void> {
  const { envs, memory, counters, totalTimesteps } = given
  const observations = new Float32Array(envs.observations.length)
  const episodes: FinishedEpisode[] = []
  while (counters.step < totalTimesteps) {
    counters.step += envs.numEnvs
    observations.set(envs.observations)
    const actions = given.act(observations, counters.step)
    envs.step(given.toEnvironment?.(actions) ?? actions)
    memory.addSteps(observations, actions, envs)
    addFinished(episodes, envs, counters.step)
    yield { step: counters.step, episodes }
  }
}

/** Transitions (s, a, r, s′), a row each. */
export interface TransitionTensors {
  /** s: [batch, observationSize] */
  readonly observations: Tensor
  /** a: int32 choices [batch, 1], or vectors [batch, actionSize]. */
  readonly actions: Tensor
  /** r, or the discounted sum of several: [batch] */
  readonly rewards: Tensor
  /** s′: [batch, observationSize] */
  readonly nextObservations: Tensor
  /** γⁿ, or 0 where the task ended: what the value of s′ is worth, [batch]. */
  readonly discounts: Tensor
}

/** Copies: the batch's arrays may be written anew. */
export function transitionTensors(batch: ReplayBatch, gamma: number): TransitionTensors {
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

/** s alone: [batch, observationSize]. A copy. */
export function observationTensor({ size, observations }: ReplayBatch): Tensor {
  return tensor(observations, [size, observations.length / size])
}

/** r + γⁿ (1 - terminated) V(s′), the target of every one-step method: [batch] each. Sutton and Barto 2018, eq. 6.2. */
export function bootstrapped(rewards: Tensor, discounts: Tensor, nextValues: Tensor): Tensor {
  return add(rewards, mul(discounts, nextValues))
}

/** The entries of the actions taken: [batch, actions] or [batch, actions, width], int32 choices [batch, 1] → [batch] or [batch, width]. */
export function chosenRows(x: Tensor, choices: Tensor): Tensor {
  const [batch, actions, width] = x.shape as [number, number, number?]
  if (width === undefined) return reshape(gather(x, 1, choices), [batch])
  const rows = Int32Array.from(choices.view(), (choice, row) => row * actions + choice)
  return indexSelect(reshape(x, [batch * actions, width]), 0, rows)
}

/** Uniform in [-1, 1), for play before there is anything to learn from. */
export function randomVectors(rng: Rng, length: number): Float32Array {
  return Float32Array.from({ length }, () => rng.uniform(-1, 1))
}

/**
 * The same, each draw held for `hold` calls: a thing that must gather momentum learns nothing from forces that cancel out.
 * Dabney, Ostrovski and Barreto 2021, arXiv:2006.01782.
 */
export function heldRandomVectors(rng: Rng, length: number, hold: number): () => Float32Array {
  let drawn: Float32Array
  let calls = 0
  return () => {
    if (calls++ % hold === 0) drawn = randomVectors(rng, length)
    return drawn
  }
}

/** Actions in [-1, 1] with normal noise on each number, kept within. */
export function noisyVectors(actions: Float32Array, deviation: number, rng: Rng): Float32Array {
  return actions.map((x) => Math.min(Math.max(x + rng.normal(0, deviation), -1), 1))
}

/** ε at a step: from 1 to `explorationFinalEps` along a straight line, over a share of all steps. */
export function epsilonAt(
  step: number,
  o: { readonly totalTimesteps: number; readonly explorationFraction: number; readonly explorationFinalEps: number },
): number {
  const explorationSteps = Math.max(1, o.explorationFraction * o.totalTimesteps)
  return Math.max(o.explorationFinalEps, 1 - ((1 - o.explorationFinalEps) * step) / explorationSteps)
}

/** β at a step: from `priorityCorrection` to 1 along a straight line. Schaul et al. 2016, section 3.4. */
export function priorityCorrectionAt(
  step: number,
  o: { readonly totalTimesteps: number; readonly priorityCorrection: number },
): number {
  return o.priorityCorrection + (1 - o.priorityCorrection) * Math.min(1, step / o.totalTimesteps)
}

/** Whether one of the last `count` steps, the present one included, is a multiple of `interval`. */
export function passes(step: number, count: number, interval: number): boolean {
  return Math.floor(step / interval) > Math.floor((step - count) / interval)
}
