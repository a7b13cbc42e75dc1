// QDagger: Agarwal et al. 2022, arXiv:2206.01626, section 4 ("reincarnating" reinforcement learning). A student of action values
// starts from what a teacher did: first it learns from the teacher's own transitions alone, then from its own play, and all the
// while its policy softmax(Q_S / τ) is drawn towards the teacher's:
//
//   L = L_TD (n-step) + λ H(π_T, softmax(Q_S / τ))
//
// λ is its full weight offline, and then falls as the student's returns near the teacher's (guidance-weight.ts, which is right
// for returns of either sign, unlike the paper's ratio). Read next: ../../rl/algorithms/dqn.ts, the learner underneath.

import { huberLoss } from '../../nn/losses/regression.ts'
import { MLP } from '../../nn/mlp.ts'
import { copyParameters } from '../../nn/module.ts'
import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { add, exp, mul } from '../../tensor/ops/elementwise.ts'
import { mean, sum } from '../../tensor/ops/reduce.ts'
import { logSoftmax } from '../../tensor/ops/softmax.ts'
import { Rng } from '../../tensor/random.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { NStepBuffer } from '../buffers/n-step.ts'
import { type ReplayBatch, ReplayBuffer } from '../buffers/replay.ts'
import { type Checkpoint, TrainingState } from '../checkpoint.ts'
import { type DiscreteAgent, epsilonGreedyActions, QPolicy } from '../discrete-policies.ts'
import {
  count,
  fraction,
  type GivenOptions,
  limit,
  nonNegative,
  positive,
  readOptions,
  sizes,
  whole,
} from '../options.ts'
import {
  distillationCoef,
  type ReturnRange,
  requireReturnRange,
  requireSameTask,
  teacherPolicy,
} from '../teacher-policy.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { chosenRows, epsilonAt, passes, play, transitionTensors } from './off-policy.ts'
import { requireChoices } from './requirements.ts'
import { bellmanTargets } from './value-based.ts'
import { scalarHead } from './value-heads.ts'

export const qdaggerOptions = {
  teacherSteps: count(5000, "environment steps of the teacher's play, remembered for the offline phase"),
  teacherEpsilon: fraction(0.05, 'how often an action is random in that play'),
  offlineUpdates: whole(1000, 'updates on that play alone, before the student plays'),
  totalTimesteps: count(20_000, 'environment steps in all, those of the teacher included'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers of the student'),
  learningRate: positive(1e-3, 'step size of Adam'),
  batchSize: count(64, 'transitions an update'),
  bufferSize: count(50_000, "transitions of the student's own play remembered"),
  gamma: fraction(0.99, 'discount'),
  nStep: count(3, 'rewards summed before the value of what follows stands in for the rest'),
  targetUpdateInterval: count(500, 'steps, and updates offline, between copies of the network into the target network'),
  trainInterval: count(4, 'steps of play between stretches of updates'),
  gradientSteps: count(1, 'updates in such a stretch'),
  explorationFraction: fraction(0.1, 'epsilon falls from 1 to explorationFinalEps over this share of the steps'),
  explorationFinalEps: fraction(0.02, 'how often an action is random in the end'),
  weight: nonNegative(1, 'of the cross-entropy with the teacher, offline and at the start of play'),
  teacherTemperature: positive(1, 'softens the teacher, in the units of its logits or action values'),
  temperature: positive(1, "softens the student's action values, in their units"),
  returnEpisodes: count(20, "latest episodes that the student's return is the mean of"),
  maxGradNorm: limit(10, 'longest gradient; longer ones are scaled down'),
}

export type QdaggerOptions = GivenOptions<typeof qdaggerOptions> & {
  /** Mean returns that the student's progress is measured by. */
  readonly returnRange: ReturnRange
  /** Continues a saved training. */
  readonly resume?: Checkpoint | undefined
}

export interface QdaggerReport extends ResumableReport<QPolicy> {
  readonly phase: 'offline' | 'online'
  /** λ */
  readonly guidance: number
  /** Of the last update. */
  readonly loss: number
}

/**
 * Lets the teacher play, learns from that, then plays; yields once after the offline phase and then after each stretch of
 * updates, returns the student. Throws a `ValueError` unless the teacher is better than random play, and on other spaces than the
 * teacher's.
 */
export function* qdagger(
  given: EnvLike,
  teacher: DiscreteAgent,
  { returnRange, resume, ...options }: QdaggerOptions,
): Generator<QdaggerReport, QPolicy, void> {
  const o = readOptions('qdagger', qdaggerOptions, options, ['returnRange', 'resume'])
  requireReturnRange('qdagger', returnRange)
  const envs = toVectorEnv(given)
  const { observationSize, numActions } = requireChoices('qdagger', envs)
  requireSameTask('qdagger', teacher, { observationSize, numActions })
  const rng = new Rng(o.seed)
  const makeAgent = () =>
    new QPolicy(new MLP([observationSize, ...o.hidden, numActions], rng), observationSize, numActions)
  const [agent, target] = [makeAgent(), makeAgent()]
  copyParameters(agent, target)
  const optimizer = new Adam(agent, { learningRate: o.learningRate })
  const writer = (buffer: ReplayBuffer) => {
    return new NStepBuffer(buffer, { nStep: o.nStep, gamma: o.gamma, observationSize, numEnvs: envs.numEnvs })
  }
  const buffer = new ReplayBuffer({ capacity: o.bufferSize, observationSize })
  const memory = writer(buffer)
  const counters: { step: number; recent: number[] } = { step: 0, recent: [] }
  const training = new TrainingState('qdagger', o, { agent, target, optimizer, buffer, memory, envs, rng, counters })

  const update = (batch: ReplayBatch, weight: number): number =>
    optimizer.minimize(() => {
      const { observations, actions, rewards, nextObservations, discounts } = transitionTensors(batch, o.gamma)
      const targets = noGrad(() => {
        return bellmanTargets(
          scalarHead('huber'),
          rewards,
          discounts,
          target.network.forward(nextObservations),
          agent.network.forward(nextObservations),
        )
      })
      const values = agent.network.forward(observations)
      const temporalDifference = huberLoss(chosenRows(values, actions), targets)
      if (weight === 0) return temporalDifference
      const policy = teacherPolicy(teacher, o.teacherTemperature, observations)
      return add(temporalDifference, mul(crossEntropyWith(policy.logProbs, values, o.temperature), weight))
    }, o)

  if (resume === undefined) {
    envs.reset({ seed: o.seed })
    // 1. offline: the teacher plays, the student learns from that alone
    const shown = new ReplayBuffer({ capacity: o.teacherSteps, observationSize })
    const teacherPlay = play({
      envs,
      memory: writer(shown),
      counters,
      totalTimesteps: Math.min(o.teacherSteps, o.totalTimesteps),
      act: (observations) => epsilonGreedyActions(teacher, observations, () => rng.uniform() < o.teacherEpsilon, rng),
    })
    for (const { episodes } of teacherPlay) episodes.length = 0 // they are the teacher's
    let loss = Number.NaN
    for (let i = 1; i <= o.offlineUpdates && shown.size > 0; i++) {
      loss = update(shown.sample(o.batchSize, rng), o.weight)
      if (i % o.targetUpdateInterval === 0) copyParameters(agent, target)
    }
    copyParameters(agent, target)
    envs.reset({ seed: o.seed + 1 })
    yield { phase: 'offline', step: counters.step, episodes: [], guidance: o.weight, loss, agent, save: training.save }
  } else training.restore(resume)

  // 2. online: the student plays, and the better it plays the less it heeds the teacher
  const { totalTimesteps } = o
  const act = (observations: Float32Array, step: number) =>
    epsilonGreedyActions(agent, observations, () => rng.uniform() < epsilonAt(step - o.teacherSteps, o), rng)
  for (const { step, episodes } of play({ envs, memory, counters, totalTimesteps, act })) {
    if (passes(step, envs.numEnvs, o.targetUpdateInterval)) copyParameters(agent, target)
    if (buffer.size < o.batchSize || !passes(step, envs.numEnvs, o.trainInterval)) continue
    for (const episode of episodes) counters.recent.push(episode.return)
    counters.recent.splice(0, counters.recent.length - o.returnEpisodes)
    const guidance = o.weight * distillationCoef(meanOr(counters.recent, returnRange.random), returnRange)
    let loss = Number.NaN
    for (let i = 0; i < o.gradientSteps; i++) loss = update(buffer.sample(o.batchSize, rng), guidance)
    yield { phase: 'online', step, episodes: episodes.splice(0), guidance, loss, agent, save: training.save }
  }
  return agent
}

/** H(π_T, softmax(Q / τ)) in nats, mean over the batch. The teacher's log-probabilities and Q are [batch, actions]. */
export function crossEntropyWith(teacherLogProbs: Tensor, actionValues: Tensor, temperature: number): Tensor {
  const logQ = logSoftmax(mul(actionValues, 1 / temperature))
  return mul(mean(sum(mul(exp(teacherLogProbs), logQ), 1)), -1)
}

function meanOr(values: readonly number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((a, b) => a + b) / values.length
}
