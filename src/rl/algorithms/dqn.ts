// Deep Q-learning: Mnih et al. 2015, doi:10.1038/nature14236, algorithm 1, with the double estimator of van Hasselt et al.
// 2016, arXiv:1509.06461. Deviations from the first paper: vectors instead of pictures, Adam instead of RMSprop, several
// updates in a row after a stretch of play (trainInterval, gradientSteps), gradients clipped by their norm.
// Read next: ../buffers/replay.ts for the memory, ppo.ts for the other family.

import { huberLoss } from '../../nn/losses/regression.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters, type Module } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { gather } from '../../tensor/ops/indexing.ts'
import { reshape } from '../../tensor/ops/layout.ts'
import { amax, argmax } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { ActionValueAgent } from '../network-agents.ts'
import { type SavedTraining, Training } from '../saved-training.ts'
import { addFinished, type FinishedEpisode, type ResumableReport } from '../training.ts'
import { asVector, type Envs } from '../vector/as-vector.ts'
import type { VectorEnv } from '../vector-env.ts'
import { bootstrapped, epsilonAt, epsilonGreedyActions, passes, transitionTensors } from './off-policy.ts'
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
 * Next values [batch, actions] of the target network and of the learner; `discounts` are γⁿ (1 - terminated), [batch] as the
 * rewards are. → [batch].
 */
export function dqnTargets(rewards: Tensor, discounts: Tensor, targetNext: Tensor, learnerNext?: Tensor): Tensor {
  const next =
    learnerNext === undefined
      ? amax(targetNext, 1)
      : reshape(gather(targetNext, 1, argmax(learnerNext, 1, true)), [targetNext.shape[0]!])
  return bootstrapped(rewards, discounts, next)
}

/** Trains in the given environments; yields after each stretch of updates, returns the agent. */
export function* dqn(
  given: Envs,
  options: DqnOptions = {},
  resume?: SavedTraining,
): Generator<DqnReport, ActionValueAgent, void> {
  const o = readOptions('dqn', dqnOptions, options)
  const envs = asVector(given)
  const rng = new Rng(o.seed)
  const agent = makeAgent(envs, o.hidden, rng)
  const target = makeAgent(envs, o.hidden, rng)
  copyParameters(agent, target)
  const optimizer = new Adam(agent, { learningRate: o.learningRate })
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize: agent.observationSize })
  const counters = { step: 0 }
  const training = new Training('dqn', o, { agent, target, optimizer, buffer, envs, rng, counters })
  if (resume === undefined) envs.reset({ seed: o.seed })
  else training.restore(resume)

  const observations = new Float32Array(envs.observations.length)
  const actions = new Int32Array(envs.numEnvs)
  let episodes: FinishedEpisode[] = []
  while (counters.step < o.totalTimesteps) {
    counters.step += envs.numEnvs
    const { step } = counters
    // 1. act: at random with probability ε, else greedily
    const epsilon = epsilonAt(step, o)
    const explores = () => step <= o.learningStarts || rng.uniform() < epsilon
    observations.set(envs.observations)
    epsilonGreedyActions(agent, observations, explores, rng, actions)
    envs.step(actions)
    // 2. remember; a truncated episode has a next state whose value counts
    buffer.addBatch(observations, actions, envs.rewards, envs.finalObservations, envs.terminated)
    addFinished(episodes, envs, step)
    // 3. learn, towards targets that stand still in between
    if (passes(step, envs.numEnvs, o.targetInterval)) copyParameters(agent, target)
    if (step >= o.learningStarts && passes(step, envs.numEnvs, o.trainInterval)) {
      let loss = 0
      for (let i = 0; i < o.gradientSteps; i++) {
        loss += optimizer.minimize(() => dqnLoss(agent.network, target.network, buffer.sample(o.batchSize, rng), o), o)
      }
      yield { step, episodes, epsilon, loss: loss / o.gradientSteps, agent, save: training.save }
      episodes = []
    }
  }
  return agent
}

/** As `dqn` makes it, before it has learnt anything. */
export function newDqnAgent(envs: Envs, options: DqnOptions = {}): ActionValueAgent {
  return makeAgent(asVector(envs), readOptions('dqn', dqnOptions, options).hidden, new Rng())
}

function makeAgent(envs: VectorEnv, hidden: readonly number[], rng: Rng): ActionValueAgent {
  const { observationSize, actionCount } = requireChoices('dqn', envs)
  const network = new MLP([observationSize, ...hidden, actionCount], rng)
  return new ActionValueAgent(network, observationSize, actionCount)
}

/** Huber loss of Q(s, a) against its target, a scalar. */
export function dqnLoss(
  network: Module,
  target: Module,
  batch: ReplayBatch,
  { gamma, double }: { readonly gamma: number; readonly double: boolean },
): Tensor {
  const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, gamma)
  const targets = noGrad(() => {
    const learnerNext = double ? network.forward(nextObservations) : undefined
    return dqnTargets(rewards, discounts, target.forward(nextObservations), learnerNext)
  })
  return huberLoss(chosenValues(network.forward(observations), actions), targets)
}

/** Q(s, a) of the actions taken: values [batch, actions], int32 choices [batch, 1] → [batch]. */
export function chosenValues(values: Tensor, actions: Tensor): Tensor {
  return reshape(gather(values, 1, actions), [values.shape[0]!])
}
