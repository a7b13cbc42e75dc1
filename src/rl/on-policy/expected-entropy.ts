// Distillation with a true policy gradient: Czarnecki et al. 2019, arXiv:1902.02186, table 1. The student minimises the expected sum of
// cross-entropies with the teacher over its own trajectory, E Σ γᵗ H×(sₜ). The gradient has two parts: the gradient of the
// cross-entropy in the visited states, and a policy gradient, since the actions determine later states.
//
//   nDistill:                     H×(π_T, π_S), covers all actions of the teacher
//   expectedEntropyRegularised:   H×(π_S, π_T), favours the teacher's likeliest actions; with entropyCoef 1 the reverse KL divergence
//
// Deviations: the returns use each state's cross-entropy in closed form, where the paper uses ln π_T(a) of the action drawn (same
// mean, more variance); a critic learns the returns, as in a2c.ts. A sum of costs also falls when episodes end early: on such
// tasks, add the reward of the task (rewardCoef). Read next: ../value-based/qdagger.ts.

import { choice, type GivenOptions, nonNegative, positive, withDefaults } from '../../data/options.ts'
import { RMSprop } from '../../nn/optimizers/rmsprop.ts'
import { inferenceMode } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { add, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import type { DistributionWithEntropy } from '../policies/distributions/distribution.ts'
import { type OnPolicyTeacher, requireSameTask, teacherPolicy } from '../policies/teacher-policy.ts'
import { makeOptimizer, type OptimizerFunction } from '../training/networks.ts'
import type { ResumableReport } from '../training/training.ts'
import { itemsOf } from '../training/training.ts'
import { computeGae, tensorsOf } from './collect-rollout.ts'
import { learnOnPolicy, lossOptions, type OnPolicyAlgorithm, type OnPolicyParts, onPolicyOptions } from './on-policy.ts'
import { reinforceLoss } from './reinforce.ts'

export type CrossEntropy = 'nDistill' | 'expectedEntropyRegularised'

export const expectedEntropyOptions = {
  ...withDefaults(onPolicyOptions, { totalTimesteps: 100_000, numSteps: 16 }),
  objective: choice<CrossEntropy>('nDistill', 'cross-entropy to sum', ['nDistill', 'expectedEntropyRegularised']),
  learningRate: positive(7e-4, 'step size of RMSprop'),
  rewardCoef: nonNegative(0, "weight of the task's reward in the returns"),
  ...lossOptions,
  temperature: positive(1, "temperature of the teacher's policy, in the units of its logits or action values"),
}

/** Means over the rollout; the cross-entropy in nats. */
type ExpectedEntropyFigures = Record<'crossEntropy' | 'policyLoss' | 'valueLoss', number>

/** Trains a student in the given environments; yields after each update, returns the student. */
export function expectedEntropy(
  given: EnvLike,
  teacher: OnPolicyTeacher,
  options: GivenOptions<typeof expectedEntropyOptions> & Omit<OnPolicyParts, 'auxiliaryLoss'> = {},
): Generator<ResumableReport<ActorCritic> & ExpectedEntropyFigures, ActorCritic, void> {
  const algorithm: OnPolicyAlgorithm<typeof expectedEntropyOptions, ExpectedEntropyFigures> = {
    name: 'expectedEntropy',
    about: 'distillation by the expected cross-entropy with a teacher',
    options: expectedEntropyOptions,
    objects: ['resume', 'network', 'critic', 'optimizer'],
    makeOptimizer(agent, o, own) {
      requireSameTask('expectedEntropy', teacher, agent)
      const standard: OptimizerFunction = (source, settings) => new RMSprop(source, { ...settings, epsilon: 1e-5 })
      return makeOptimizer('expectedEntropy', own, agent, o.learningRate, standard)
    },
    update({ agent, optimizer, rollout }, o) {
      const distances = (observations: Tensor, masks: Tensor | undefined, student: DistributionWithEntropy) =>
        crossEntropies(o.objective, teacherPolicy(teacher, o.temperature, observations, masks), student)
      // 1. rewards become -H×(s); the policy gradient is that of the later costs, since the state's own is independent of the action
      inferenceMode(() => {
        const { observations, masks } = tensorsOf(rollout)
        const costs = distances(observations, masks, agent.distribution(observations, masks)).view()
        becomeCosts(rollout.rewards, costs, o.rewardCoef)
      })
      computeGae(rollout, o.gamma, o.gaeLambda)
      // 2. one step on both parts of the gradient and the value loss
      let figures: ExpectedEntropyFigures
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
      return figures!
    },
  }
  return learnOnPolicy(algorithm, given, options)
}

/** H×(p, q) = KL(p ‖ q) + H(p) in nats, with the teacher as p (`nDistill`) or as q: [batch]. */
export function crossEntropies(
  objective: CrossEntropy,
  teacher: DistributionWithEntropy,
  student: DistributionWithEntropy,
): Tensor {
  const [p, q] = objective === 'nDistill' ? [teacher, student] : [student, teacher]
  return add(p.kl(q), p.entropy())
}

/** Sets the rewards to rewardCoef · r - H×, in place; all [steps]. */
export function becomeCosts(rewards: Float32Array, costs: ArrayLike<number>, rewardCoef: number): void {
  for (let step = 0; step < rewards.length; step++) rewards[step] = rewardCoef * rewards[step]! - costs[step]!
}
