// Distilling policies by a true gradient: Czarnecki et al. 2019, arXiv:1902.02186, table 1. The student plays, and wants all
// that lies ahead to be near the teacher: E Σ γᵗ H×(sₜ), a cross-entropy in each state that it gets into. Its gradient has two
// parts: the cross-entropy's own where the student is, and a policy gradient, for its actions decide where it will be.
//
//   nDistill:                     H×(π_T, π_S), to cover what the teacher does
//   expectedEntropyRegularised:   H×(π_S, π_T), to do what the teacher thinks best. Alone it drives the student to the
//                                 teacher's likeliest actions; with entropyCoef 1 it is the reverse divergence.
//
// Deviations: each state's cross-entropy enters the returns in closed form, where the paper has ln π_T(a) of the action drawn,
// which has the same mean and more noise; a critic learns the returns, as in a2c.ts. Like every sum of costs, this one can
// be made smaller by ending an episode early: where that is possible, let the task's own reward speak as well (rewardCoef).
// Read next: qdagger.ts.

import { RmsProp } from '../../nn/optimizers/rmsprop.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { add, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import { scope } from '../../tensor/scope.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { ActorCritic } from '../actor-critic.ts'
import { type Checkpoint, TrainingState } from '../checkpoint.ts'
import { collectRollouts, computeGae, rolloutFor, tensorsOf } from '../collect-rollout.ts'
import type { DistributionWithEntropy } from '../distributions/distribution.ts'
import {
  choice,
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
import { type OnPolicyTeacher, requireSameTask, teacherPolicy } from '../teacher-policy.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { itemsOf } from './figures.ts'
import { makeActorCritic } from './make-actor-critic.ts'
import { reinforceLoss } from './reinforce.ts'

export type CrossEntropy = 'nDistill' | 'expectedEntropyRegularised'

export const expectedEntropyOptions = {
  totalTimesteps: count(100_000, 'environment steps in all; the teacher is asked about each'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  objective: choice<CrossEntropy>('nDistill', 'which cross-entropy is summed', [
    'nDistill',
    'expectedEntropyRegularised',
  ]),
  hidden: sizes([64, 64], 'widths of the hidden layers of the student and its critic'),
  learningRate: positive(7e-4, 'step size of RMSprop'),
  numSteps: count(16, 'steps of each environment between updates'),
  gamma: fraction(0.99, 'discount of the cross-entropies ahead'),
  gaeLambda: fraction(0.95, 'how far advantages trust what was seen (1) rather than the critic (0)'),
  rewardCoef: nonNegative(0, "weight of the task's own reward in the returns"),
  entropyCoef: nonNegative(0, 'weight of the entropy of the student'),
  valueCoef: nonNegative(0.5, 'weight of the value loss'),
  temperature: positive(1, 'softens the teacher, in the units of its logits or action values'),
  maxGradNorm: limit(0.5, 'longest gradient; longer ones are scaled down'),
}

export type ExpectedEntropyOptions = GivenOptions<typeof expectedEntropyOptions> & {
  /** Continues a saved training. */
  readonly resume?: Checkpoint | undefined
}

export interface ExpectedEntropyReport extends ResumableReport<ActorCritic> {
  /** H× in nats, mean over the rollout. */
  readonly crossEntropy: number
  readonly policyLoss: number
  readonly valueLoss: number
}

/** Plays in the given environments; yields after each update, returns the student. */
export function* expectedEntropy(
  given: EnvLike,
  teacher: OnPolicyTeacher,
  { resume, ...options }: ExpectedEntropyOptions = {},
): Generator<ExpectedEntropyReport, ActorCritic, void> {
  const o = readOptions('expectedEntropy', expectedEntropyOptions, options, ['resume'])
  const envs = toVectorEnv(given)
  const rng = new Rng(o.seed)
  const agent = makeActorCritic('expectedEntropy', envs, o.hidden, rng)
  requireSameTask('expectedEntropy', teacher, agent)
  const optimizer = new RmsProp(agent, { learningRate: o.learningRate, epsilon: 1e-5 })
  const counters = { step: 0 }
  const training = new TrainingState('expectedEntropy', o, { agent, optimizer, envs, rng, counters })
  if (resume === undefined) envs.reset({ seed: o.seed })
  else training.restore(resume)
  const rollout = rolloutFor(envs, o.numSteps, agent)
  const distances = (observations: Tensor, masks: Tensor | undefined, student: DistributionWithEntropy) =>
    crossEntropies(o.objective, teacherPolicy(teacher, o.temperature, observations, masks), student)

  while (counters.step < o.totalTimesteps) {
    // 1. the student plays
    const episodes = collectRollouts(envs, agent, rollout, rng, counters.step)
    counters.step += rollout.size
    // 2. what it is rewarded with: -H× of the state that it is in. Its own does not depend on its action, those ahead do
    scope(() =>
      noGrad(() => {
        const { observations, masks } = tensorsOf(rollout)
        const costs = distances(observations, masks, agent.distribution(observations, masks)).view()
        becomeCosts(rollout.rewards, costs, o.rewardCoef)
      }),
    )
    computeGae(rollout, o.gamma, o.gaeLambda)
    // 3. one step on both parts of the gradient, and the critic's
    let figures: Record<'crossEntropy' | 'policyLoss' | 'valueLoss', number> | undefined
    optimizer.minimize(() => {
      const { observations, masks, actions, advantages, returns } = tensorsOf(rollout)
      const policy = agent.distribution(observations, masks)
      const crossEntropy = mean(distances(observations, masks, policy))
      const policyLoss = reinforceLoss(policy.logProb(actions), advantages)
      const valueLoss = mean(square(sub(agent.stateValues(observations), returns)))
      figures = itemsOf({ crossEntropy, policyLoss, valueLoss })
      const distilled = add(crossEntropy, policyLoss)
      const entropy = mul(mean(policy.entropy()), o.entropyCoef)
      return add(distilled, sub(mul(valueLoss, o.valueCoef), entropy))
    }, o)
    yield { step: counters.step, episodes, agent, ...figures!, save: training.save }
  }
  return agent
}

/** H×(p, q) = KL(p ‖ q) + H(p) in nats, the teacher first or the student first: [batch]. */
export function crossEntropies(
  objective: CrossEntropy,
  teacher: DistributionWithEntropy,
  student: DistributionWithEntropy,
): Tensor {
  const [p, q] = objective === 'nDistill' ? [teacher, student] : [student, teacher]
  return add(p.kl(q), p.entropy())
}

/** In place: rewardCoef · r - H×, what a step is worth; all [steps]. */
export function becomeCosts(rewards: Float32Array, costs: ArrayLike<number>, rewardCoef: number): void {
  for (let step = 0; step < rewards.length; step++) rewards[step] = rewardCoef * rewards[step]! - costs[step]!
}
