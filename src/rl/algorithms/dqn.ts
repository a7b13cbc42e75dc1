// Deep Q-learning: Mnih et al. 2015, doi:10.1038/nature14236, algorithm 1, with the double estimator of van Hasselt et al.
// 2016, arXiv:1509.06461. Deviations from the first paper: vectors instead of pictures, Adam instead of RMSprop, several
// updates in a row after a stretch of play (trainInterval, gradientSteps), gradients clipped by their norm.
// Read next: ../buffers/replay.ts for the memory, ppo.ts for the other family.

import { huberLoss } from '../../nn/losses/regression.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, type Module } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { add, mul, scale, shift } from '../../tensor/ops/elementwise.ts'
import { gather } from '../../tensor/ops/indexing.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { amax, argmax } from '../../tensor/ops/reduce.ts'
import { integerPower } from '../../tensor/portable-math.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { greedyAction } from '../agent.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import type { Env } from '../env.ts'
import { ActionValueAgent } from '../network-agents.ts'
import type { FinishedEpisode, TrainingReport } from '../training.ts'
import { requireChoices } from './requirements.ts'

export const dqnDefaults = {
  /** Environment steps in all. */
  totalTimesteps: 50_000,
  seed: 0,
  /** Widths of the hidden layers. */
  hidden: [256, 256] as readonly number[],
  learningRate: 2.3e-3,
  batchSize: 64,
  /** Transitions remembered. */
  bufferSize: 100_000,
  /** Steps of random play before the first update. */
  learningStarts: 1000,
  /** Discount. */
  gamma: 0.99,
  /** Steps between copies of the network into the target network. */
  targetInterval: 256,
  /** Steps of play between stretches of updates … */
  trainInterval: 256,
  /** … and updates in such a stretch. */
  gradientSteps: 128,
  /** Epsilon falls from 1 to `finalEpsilon` over this share of the steps. */
  explorationFraction: 0.16,
  finalEpsilon: 0.04,
  maxGradNorm: 10,
  /** Choose the next action by the learner's values, value it by the target network's. */
  double: true,
}

export type DqnOptions = Partial<typeof dqnDefaults>

export interface DqnReport extends TrainingReport<ActionValueAgent> {
  readonly epsilon: number
  /** Mean loss of the updates since the last report. */
  readonly loss: number
}

/**
 * What Q(s, a) should be: r + γⁿ (1 - terminated) Q'(s', a'), a' = argmax Q'(s') or, with `double`, argmax Q(s').
 * Next values [batch, actions] of the target network and of the learner; the rest [batch]. → [batch].
 */
export function dqnTargets(
  rewards: Tensor,
  terminated: Tensor,
  discounts: Tensor,
  targetNext: Tensor,
  learnerNext?: Tensor,
): Tensor {
  const next =
    learnerNext === undefined
      ? amax(targetNext, 1)
      : reshape(gather(targetNext, 1, argmax(learnerNext, 1, true)), [targetNext.shape[0]!])
  return add(rewards, mul(mul(discounts, shift(scale(terminated, -1), 1)), next))
}

/** Trains by playing `env`; yields after each stretch of updates, returns the agent. */
export function* dqn(env: Env, options: DqnOptions = {}): Generator<DqnReport, ActionValueAgent, void> {
  const o = { ...dqnDefaults, ...options }
  const { observationSize, actionCount } = requireChoices('dqn', env)
  const rng = new Rng(o.seed)
  const sizes = [observationSize, ...o.hidden, actionCount]
  const network = new MLP(sizes, rng)
  const target = new MLP(sizes, rng)
  const optimizer = new Adam(network, { learningRate: o.learningRate })
  copyParameters(network, target)
  const agent = new ActionValueAgent(network, observationSize, actionCount)
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize })
  const explorationSteps = Math.max(1, o.explorationFraction * o.totalTimesteps)

  let { observation } = env.reset({ seed: o.seed })
  let episode = { return: 0, length: 0 }
  let episodes: FinishedEpisode[] = []
  for (let step = 1; step <= o.totalTimesteps; step++) {
    // 1. act: at random with probability ε, else greedily
    const epsilon = Math.max(o.finalEpsilon, 1 - ((1 - o.finalEpsilon) * step) / explorationSteps)
    const explore = step <= o.learningStarts || rng.uniform() < epsilon
    const action = explore ? rng.integer(actionCount) : greedyAction(agent, observation)
    const played = env.step(action)
    // 2. remember; a truncated episode has a next state whose value counts
    buffer.add(observation, action, played.reward, played.observation, played.terminated)
    episode = { return: episode.return + played.reward, length: episode.length + 1 }
    observation = played.observation
    if (played.terminated || played.truncated) {
      episodes.push({ ...episode, step })
      episode = { return: 0, length: 0 }
      observation = env.reset().observation
    }
    // 3. learn, towards targets that stand still in between
    if (step % o.targetInterval === 0) copyParameters(network, target)
    if (step >= o.learningStarts && step % o.trainInterval === 0) {
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => dqnLoss(network, target, buffer.sample(o.batchSize, rng), o), o)
      }
      yield { step, episodes, epsilon, loss: loss / o.gradientSteps, agent }
      episodes = []
    }
  }
  return agent
}

/** Huber loss of Q(s, a) against its target, a scalar. */
export function dqnLoss(
  network: Module,
  target: Module,
  batch: ReplayBatch,
  { gamma, double }: { readonly gamma: number; readonly double: boolean },
): Tensor {
  const { size } = batch
  const shape = [size, batch.observations.length / size]
  const next = tensor(batch.nextObservations, shape)
  const discounts = tensor(batch.steps.map((n) => integerPower(gamma, n)))
  const targets = noGrad(() =>
    dqnTargets(
      tensor(batch.rewards),
      tensor(batch.terminated),
      discounts,
      target.forward(next),
      double ? network.forward(next) : undefined,
    ),
  )
  const actions = tensor(batch.actions as Int32Array, [size, 1])
  const values = gather(network.forward(tensor(batch.observations, shape)), 1, actions)
  return huberLoss(reshape(values, [size]), targets)
}
