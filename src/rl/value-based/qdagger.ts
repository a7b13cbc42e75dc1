// QDagger: Agarwal et al. 2022, arXiv:2206.01626, section 4. A student of action values learns first from the teacher's transitions alone,
// then from its own play. Its policy softmax(Q_S / τ) is drawn towards the teacher's throughout:
//
//   L = L_TD (n-step) + λ H(π_T, softmax(Q_S / τ))
//
// λ is constant offline, and then falls as the student's returns approach the teacher's (../policies/teacher-policy.ts, which holds for
// negative returns too, unlike the paper's ratio).

import { type Resumable, TrainingState } from '../../data/checkpoint.ts'
import {
  count,
  fraction,
  type GivenOptions,
  nonNegative,
  positive,
  readOptions,
  whole,
  withDefaults,
} from '../../data/options.ts'
import { huberLoss } from '../../nn/losses/regression.ts'
import { copyParameters } from '../../nn/module.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, exp, mul } from '../../tensor/ops/elementwise.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/rows.ts'
import { Rng } from '../../tensor/random.ts'
import { type EnvLike, toVectorEnv } from '../envs/vector/sync-vector-env.ts'
import { type DiscreteAgent, epsilonGreedyActions, QPolicy } from '../policies/discrete-policies.ts'
import {
  distillationCoef,
  type ReturnRange,
  requireReturnRange,
  requireSameTask,
  softenedPolicy,
} from '../policies/teacher-policy.ts'
import { NStepBuffer } from '../replay/n-step.ts'
import { chosenRows, epsilonAt, passes, play, transitionTensors } from '../replay/off-policy.ts'
import { type ReplayBatch, ReplayBuffer } from '../replay/replay.ts'
import { type OwnNetwork, partMakers } from '../training/networks.ts'
import { numberTypeOf, requireChoices } from '../training/requirements.ts'
import type { ResumableReport } from '../training/training.ts'
import { dqnTargets } from './dqn.ts'
import { explorationOptions, extensionOptions, valueBasedOptions } from './options.ts'

const { learningStarts, ...learnerOptions } = valueBasedOptions

export const qdaggerOptions = {
  teacherSteps: count(5000, "environment steps of the teacher's play for the offline phase"),
  teacherEpsilon: fraction(0.05, 'probability of a random action in that play'),
  offlineUpdates: whole(1000, 'updates in the offline phase'),
  ...withDefaults(learnerOptions, {
    totalTimesteps: 20_000,
    hidden: [64, 64],
    learningRate: 1e-3,
    bufferSize: 50_000,
    targetUpdateInterval: 500,
    trainInterval: 4,
    gradientSteps: 1,
  }),
  ...withDefaults(explorationOptions, { explorationFraction: 0.1, explorationFinalEps: 0.02 }),
  ...withDefaults({ nStep: extensionOptions.nStep }, { nStep: 3 }),
  weight: nonNegative(1, 'initial weight of the cross-entropy with the teacher'),
  teacherTemperature: positive(1, "temperature of the teacher's policy, in the units of its logits or action values"),
  temperature: positive(1, "temperature of the student's policy, in the units of its action values"),
  returnEpisodes: count(20, "latest episodes whose mean is the student's return"),
}

export type QDaggerOptions = GivenOptions<typeof qdaggerOptions> &
  OwnNetwork &
  Resumable & {
    /** Mean returns that measure the student's progress. */
    readonly returnRange: ReturnRange
  }

interface QdaggerReport extends ResumableReport<QPolicy> {
  readonly phase: 'offline' | 'online'
  /** λ */
  readonly guidance: number
  /** Loss of the last update. */
  readonly loss: number
}

const OBJECTS = ['returnRange', 'resume', 'network', 'optimizer']

/**
 * Trains a student in the given environments; yields once after the offline phase and then after each training phase, returns the
 * student. `totalTimesteps` includes the teacher's steps. Throws a `ValueError` unless the teacher is better than random play and has
 * the spaces of the environments.
 */
export function* qdagger(
  given: EnvLike,
  teacher: DiscreteAgent,
  options: QDaggerOptions,
): Generator<QdaggerReport, QPolicy, void> {
  const o = readOptions('qdagger', qdaggerOptions, options, OBJECTS)
  const { returnRange, resume } = options
  requireReturnRange('qdagger', returnRange)
  const envs = toVectorEnv(given, 'qdagger')
  const { observationSize, observationShape, numActions } = requireChoices('qdagger', envs)
  const dtype = numberTypeOf(envs)
  requireSameTask('qdagger', teacher, { observationSize, numActions })
  const rng = new Rng(o.seed)
  const make = partMakers('qdagger', o.hidden, rng, options)
  const makeAgent = () => new QPolicy(make.actor(observationShape, numActions), observationSize, numActions)
  const [agent, target] = [makeAgent(), makeAgent()]
  copyParameters(agent, target)
  const optimizer = make.optimizer(agent, o.learningRate)
  const writer = (buffer: ReplayBuffer) =>
    new NStepBuffer(buffer, { nStep: o.nStep, gamma: o.gamma, observationSize, numEnvs: envs.numEnvs })
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize, dtype })
  const memory = writer(buffer)
  const counters: { step: number; recent: number[] } = { step: 0, recent: [] }
  const training = new TrainingState('qdagger', o, { agent, target, optimizer, buffer, memory, envs, rng, counters })

  const valuesOf = (student: QPolicy) => (states: Tensor) => student.network.forward(states)
  const update = (batch: ReplayBatch, weight: number): number =>
    optimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const next = { rewards, discounts, nextObservations, network: valuesOf(agent), target: valuesOf(target) }
      const targets = noGrad(() => dqnTargets(next, true))
      const values = valuesOf(agent)(observations)
      const temporalDifference = huberLoss(chosenRows(values, actions), targets)
      if (weight === 0) return temporalDifference
      const policy = softenedPolicy(teacher, o.teacherTemperature, observations)
      return add(temporalDifference, mul(crossEntropyWith(policy.logProbs, values, o.temperature), weight))
    }, o)

  if (resume === undefined) {
    envs.reset({ seed: o.seed })
    // 1. offline: the student learns from the teacher's play
    const shown = new ReplayBuffer({ capacity: o.teacherSteps, observationSize, dtype })
    const teacherPlay = play({
      envs,
      memory: writer(shown),
      counters,
      totalTimesteps: Math.min(o.teacherSteps, o.totalTimesteps),
      act: (observations) => epsilonGreedyActions(teacher, observations, () => rng.uniform() < o.teacherEpsilon, rng),
    })
    for (const { episodes } of teacherPlay) episodes.length = 0 // not the student's
    let loss = Number.NaN
    for (let i = 1; i <= o.offlineUpdates && shown.size > 0; i++) {
      loss = update(shown.sample(o.batchSize, rng), o.weight)
      if (i % o.targetUpdateInterval === 0) copyParameters(agent, target)
    }
    copyParameters(agent, target)
    envs.reset({ seed: o.seed + 1 })
    yield { phase: 'offline', step: counters.step, episodes: [], guidance: o.weight, loss, agent, save: training.save }
  } else training.restore(resume)

  // 2. online: the student plays, with a weight of the teacher that falls as its returns rise
  const { totalTimesteps } = o
  const act = (observations: Float32Array, step: number) =>
    epsilonGreedyActions(agent, observations, () => rng.uniform() < epsilonAt(step - o.teacherSteps, o), rng)
  for (const { step, episodes } of play({ envs, memory, counters, totalTimesteps, act })) {
    if (passes(step, envs.numEnvs, o.targetUpdateInterval)) copyParameters(agent, target)
    if (buffer.size < o.batchSize || !passes(step, envs.numEnvs, o.trainInterval)) continue
    for (const episode of episodes) counters.recent.push(episode.return)
    counters.recent.splice(0, counters.recent.length - o.returnEpisodes)
    const guidance = o.weight * distillationCoef(counters.recent, returnRange)
    let loss = Number.NaN
    for (let i = 0; i < o.gradientSteps; i++) loss = update(buffer.sample(o.batchSize, rng), guidance)
    yield { phase: 'online', step, episodes: episodes.splice(0), guidance, loss, agent, save: training.save }
  }
  return agent
}

/** H(π_T, softmax(Q / τ)) in nats, mean over the batch. ln π_T and Q are [batch, actions]. */
export function crossEntropyWith(teacherLogProbs: Tensor, actionValues: Tensor, temperature: number): Tensor {
  const logQ = logSoftmax(mul(actionValues, 1 / temperature))
  return mul(mean(sum(mul(exp(teacherLogProbs), logQ), 1)), -1)
}
