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
import { greedyActions } from '../agent.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { ActionValueAgent } from '../network-agents.ts'
import { type SavedTraining, Training } from '../saved-training.ts'
import { addFinished, type FinishedEpisode, type ResumableReport } from '../training.ts'
import { asVector, type Envs } from '../vector/as-vector.ts'
import { count, flag, type GivenOptions, limit, positive, readOptions, share, sizes, whole } from './options.ts'
import { requireChoices } from './requirements.ts'

export const dqnOptions = {
  totalTimesteps: count(50_000, 'environment steps in all, over all environments'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([256, 256], 'widths of the hidden layers'),
  learningRate: positive(2.3e-3, 'step size of Adam'),
  batchSize: count(64, 'transitions an update'),
  bufferSize: count(100_000, 'transitions remembered'),
  learningStarts: whole(1000, 'steps of random play before the first update'),
  gamma: share(0.99, 'discount'),
  targetInterval: count(256, 'steps between copies of the network into the target network'),
  trainInterval: count(256, 'steps of play between stretches of updates'),
  gradientSteps: count(128, 'updates in such a stretch'),
  explorationFraction: share(0.16, 'epsilon falls from 1 to finalEpsilon over this share of the steps'),
  finalEpsilon: share(0.04, 'how often an action is random in the end'),
  maxGradNorm: limit(10, 'longest gradient; longer ones are scaled down'),
  double: flag(true, "choose the next action by the learner's values, value it by the target network's"),
}

export type DqnOptions = GivenOptions<typeof dqnOptions>

export interface DqnReport extends ResumableReport<ActionValueAgent> {
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

/** Trains in the given environments; yields after each stretch of updates, returns the agent. */
export function* dqn(
  given: Envs,
  options: DqnOptions = {},
  resume?: SavedTraining,
): Generator<DqnReport, ActionValueAgent, void> {
  const o = readOptions('dqn', dqnOptions, options)
  const envs = asVector(given)
  const { observationSize, actionCount } = requireChoices('dqn', envs)
  const rng = new Rng(o.seed)
  const layers = [observationSize, ...o.hidden, actionCount]
  const network = new MLP(layers, rng)
  const target = new MLP(layers, rng)
  const optimizer = new Adam(network, { learningRate: o.learningRate })
  copyParameters(network, target)
  const agent = new ActionValueAgent(network, observationSize, actionCount)
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize })
  const explorationSteps = Math.max(1, o.explorationFraction * o.totalTimesteps)
  const counters = { step: 0 }
  const training = new Training('dqn', o, { network, target, optimizer, buffer, envs, rng, counters })
  if (resume === undefined) envs.reset({ seed: o.seed })
  else training.restore(resume)

  const observations = new Float32Array(envs.observations.length)
  const actions = new Int32Array(envs.numEnvs)
  let episodes: FinishedEpisode[] = []
  while (counters.step < o.totalTimesteps) {
    counters.step += envs.numEnvs
    const { step } = counters
    // 1. act: at random with probability ε, else greedily
    const epsilon = Math.max(o.finalEpsilon, 1 - ((1 - o.finalEpsilon) * step) / explorationSteps)
    const explores = () => step <= o.learningStarts || rng.uniform() < epsilon
    observations.set(envs.observations)
    epsilonGreedyActions(agent, observations, explores, rng, actions)
    envs.step(actions)
    // 2. remember; a truncated episode has a next state whose value counts
    buffer.addBatch(observations, actions, envs.rewards, envs.finalObservations, envs.terminated)
    addFinished(episodes, envs, step)
    // 3. learn, towards targets that stand still in between
    if (passes(step, envs.numEnvs, o.targetInterval)) copyParameters(network, target)
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => dqnLoss(network, target, buffer.sample(o.batchSize, rng), o), o)
      }
      yield { step, episodes, epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
      episodes = []
    }
  }
  return agent
}

function epsilonGreedyActions(
  agent: ActionValueAgent,
  observations: Float32Array,
  explores: () => boolean,
  rng: Rng,
  actions: Int32Array,
): void {
  const drawn = Array.from(actions, () => (explores() ? rng.integer(agent.actionCount) : -1))
  if (drawn.includes(-1)) greedyActions(agent, observations, drawn.length, actions)
  drawn.forEach((action, i) => {
    if (action !== -1) actions[i] = action
  })
}

/** Whether one of the last `count` steps, the present one included, is a multiple of `interval`. */
function passes(step: number, count: number, interval: number): boolean {
  return Math.floor(step / interval) > Math.floor((step - count) / interval)
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
