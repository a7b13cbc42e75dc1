// Trust region policy optimization: Schulman et al. 2015, arXiv:1502.05477, section 6 and appendix C. The best step of the
// policy, to first order, among all that change it by no more than δ nats: x = F⁻¹g, stretched until ½ xᵀFx = δ, where F is
// the Fisher matrix, the second derivative of the KL divergence. F is far too large to write down; conjugate gradients need
// only products F v.
//
// Deviations from the paper: advantages by generalised advantage estimation, a critic fitted by Adam, and F v not by a
// second differentiation but as a difference of two gradients of the KL, which is 0 and flat where the policy stands:
// F v ≈ (∇KL(θ + h v) - ∇KL(θ - h v)) / 2h. With the defaults of Stable-Baselines3's contributed TRPO.
// Read next: ppo.ts, which does nearly as well with nothing of this.

import { Adam } from '../../nn/optimizers/adam.ts'
import { noGrad } from '../../tensor/autograd.ts'
import { exp, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import { Rng } from '../../tensor/random.ts'
import { scope } from '../../tensor/scope.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { ActorCritic } from '../actor-critic.ts'
import type { RolloutBuffer } from '../buffers/rollout.ts'
import { type Resumable, TrainingState } from '../checkpoint.ts'
import { collectRollouts, computeGae, rolloutFor, tensorsOf } from '../collect-rollout.ts'
import { addScaled, conjugateGradient, dot } from '../conjugate-gradient.ts'
import type { DistributionWithEntropy } from '../distributions/distribution.ts'
import { normalize } from '../normalize.ts'
import {
  count,
  fraction,
  type GivenOptions,
  type OptionValues,
  positive,
  readOptions,
  sizes,
  whole,
} from '../options.ts'
import { gradientVector, setVector, vectorOf } from '../parameter-vector.ts'
import type { ResumableReport } from '../training.ts'
import { type EnvLike, toVectorEnv } from '../vector/as-vector.ts'
import { type ActorCriticNetworks, makeActorCritic } from './make-actor-critic.ts'

export const trpoOptions = {
  totalTimesteps: count(500_000, 'environment steps in all, over all environments; rounded up to whole rollouts'),
  seed: whole(0, 'of everything random: the same one gives the same run, bit for bit'),
  hidden: sizes([64, 64], 'widths of the hidden layers of actor and critic'),
  numSteps: count(2048, 'steps of each environment between updates'),
  gamma: fraction(0.99, 'discount'),
  gaeLambda: fraction(0.95, 'how far advantages trust rewards (1) rather than the critic (0)'),
  targetKl: positive(0.01, 'delta: how far an update may move the policy, in nats'),
  cgSteps: count(15, 'steps of conjugate gradients'),
  cgDamping: positive(0.1, 'added to the diagonal of the Fisher matrix'),
  lineSearchSteps: count(10, 'lengths of the step that are tried'),
  lineSearchShrink: fraction(0.8, 'each this share of the one before'),
  criticLearningRate: positive(1e-3, "step size of the critic's Adam"),
  criticEpochs: count(10, 'passes of the critic over each rollout'),
  criticBatchSize: count(128, 'steps in each update of the critic'),
}

export type TrpoOptions = GivenOptions<typeof trpoOptions> & ActorCriticNetworks & Resumable

/** What became of the policy in an update. */
export interface TrustRegionStep {
  /** KL(old ‖ new), mean over the rollout, in nats; 0 where no step was good enough. */
  readonly kl: number
  /** By how much the surrogate, the mean of ρ Â, has grown. */
  readonly improvement: number
  /** Steps of the line search; 0 where none was good enough. */
  readonly tried: number
}

export interface TrpoReport extends ResumableReport<ActorCritic>, TrustRegionStep {
  readonly valueLoss: number
}

/** Trains in the given environments; yields after each update, returns the agent. */
export function* trpo(given: EnvLike, options: TrpoOptions = {}): Generator<TrpoReport, ActorCritic, void> {
  const o = readOptions('trpo', trpoOptions, options, ['resume', 'network', 'critic'])
  const envs = toVectorEnv(given)
  const rng = new Rng(o.seed)
  const agent = makeActorCritic('trpo', envs, o.hidden, rng, options)
  const optimizer = new Adam(agent.critic, { learningRate: o.criticLearningRate })
  const counters = { step: 0 }
  const training = new TrainingState('trpo', o, { agent, optimizer, envs, rng, counters })
  training.start(envs, o.seed, options.resume)
  const rollout = rolloutFor(envs, o.numSteps, agent)

  while (counters.step < o.totalTimesteps) {
    // 1. play, and estimate advantages
    const episodes = collectRollouts(envs, agent, rollout, rng, counters.step)
    counters.step += rollout.size
    computeGae(rollout, o.gamma, o.gaeLambda)
    normalize(rollout.advantages)
    // 2. move the policy, as far as it may
    const moved = trustRegionStep(agent, rollout, o)
    // 3. fit the critic to the returns
    let valueLoss = 0
    for (let epoch = 0; epoch < o.criticEpochs; epoch++) {
      for (const batch of rollout.minibatches(o.criticBatchSize, rng)) {
        const loss = optimizer.minimize(() => {
          const { observations, returns } = tensorsOf(batch)
          return mean(square(sub(agent.stateValues(observations), returns)))
        })
        valueLoss += (loss * batch.size) / (rollout.size * o.criticEpochs)
      }
    }
    yield { step: counters.step, episodes, agent, ...moved, valueLoss, save: training.save }
  }
  return agent
}

/** Moves the policy's parameters by the natural gradient, as far as δ allows and the surrogate still grows. */
export function trustRegionStep(
  agent: ActorCritic,
  rollout: RolloutBuffer,
  o: Pick<
    OptionValues<typeof trpoOptions>,
    'targetKl' | 'cgSteps' | 'cgDamping' | 'lineSearchSteps' | 'lineSearchShrink'
  >,
): TrustRegionStep {
  return scope(() => {
    const parameters = Object.values(agent.policyParameters())
    const { observations, masks, actions, oldLogProbs, advantages } = tensorsOf(rollout)
    const policy = (): DistributionWithEntropy => agent.distribution(observations, masks)
    const old = noGrad(policy)
    const surrogate = () => surrogateAdvantage(policy().logProb(actions), oldLogProbs, advantages)
    const kl = () => mean(old.kl(policy()))

    const start = vectorOf(parameters)
    const { value: before, gradient } = gradientVector(parameters, surrogate)
    const fisher = (v: Float64Array) => fisherProduct(parameters, kl, v, o.cgDamping)
    const direction = conjugateGradient(fisher, gradient, o.cgSteps)
    const curvature = dot(direction, fisher(direction))
    let length = Math.sqrt((2 * o.targetKl) / curvature) // where the quadratic model says that KL = δ
    for (let tried = 1; tried <= o.lineSearchSteps && curvature > 0; tried++, length *= o.lineSearchShrink) {
      const there = start.slice()
      addScaled(there, direction, length)
      setVector(parameters, there)
      const [change, after] = scope(() => noGrad(() => [kl().item(), surrogate().item()] as const))
      if (change <= o.targetKl && after > before) return { kl: change, improvement: after - before, tried }
    }
    setVector(parameters, start)
    return { kl: 0, improvement: 0, tried: 0 }
  })
}

/** mean ρ Â with ρ = π(a|s) / π_old(a|s), to be maximised: eq. 14. All [batch] → scalar. */
export function surrogateAdvantage(logProbs: Tensor, oldLogProbs: Tensor, advantages: Tensor): Tensor {
  return mean(mul(exp(sub(logProbs, oldLogProbs)), advantages))
}

// The step of the difference, as a length in parameter space: long enough that float32 gradients differ by much more than
// they are rounded by, short enough that the KL is a parabola.
const STEP = 0.02

/**
 * (F + damping) v, where F is the second derivative of `kl` where the parameters stand, by a central difference of its
 * gradients: two passes forward and back. The parameters are left as they were.
 */
export function fisherProduct(
  parameters: readonly Tensor[],
  kl: () => Tensor,
  v: Float64Array,
  damping: number,
): Float64Array {
  const start = vectorOf(parameters)
  const h = STEP / Math.sqrt(dot(v, v))
  const gradientAt = (distance: number) => {
    const there = start.slice()
    addScaled(there, v, distance)
    setVector(parameters, there)
    return gradientVector(parameters, kl).gradient
  }
  const product = gradientAt(h)
  addScaled(product, gradientAt(-h), -1)
  setVector(parameters, start)
  for (let i = 0; i < v.length; i++) product[i] = product[i]! / (2 * h) + damping * v[i]!
  return product
}
