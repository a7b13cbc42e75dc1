// Trust region policy optimization: Schulman et al. 2015, arXiv:1502.05477, section 6 and appendix C. The update is the natural
// gradient x = F⁻¹g scaled to ½ xᵀFx = δ, where F is the Fisher matrix, the second derivative of the KL divergence. Conjugate
// gradients solve for x with products F v only, since F is too large to store.
//
// Deviations from the paper: generalised advantage estimation, a critic fitted by Adam, and F v by a central difference of two gradients
// of the KL, F v ≈ (∇KL(θ + h v) - ∇KL(θ - h v)) / 2h. It is the product by a second backward pass within the rounding of float32, in half
// the time. The defaults are those of TRPO in Stable-Baselines3 Contrib.

import type { Resumable } from '../../data/checkpoint.ts'
import { count, fraction, type GivenOptions, type OptionValues, positive, withDefaults } from '../../data/options.ts'
import { parameterList, setVector, vectorOf } from '../../nn/module.ts'
import { noGrad } from '../../tensor/autograd/autograd.ts'
import { inferenceMode, scope } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { ValueError } from '../../tensor/errors.ts'
import { zeros } from '../../tensor/ops/create.ts'
import { exp, mul, square, sub } from '../../tensor/ops/elementwise.ts'
import { mean } from '../../tensor/ops/reduce.ts'
import type { EnvLike } from '../envs/vector/sync-vector-env.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import type { DistributionWithEntropy } from '../policies/distributions/distribution.ts'
import { makeOptimizer, type OwnOptimizer } from '../training/networks.ts'
import { normalize } from '../training/returns.ts'
import { computeGae, type RolloutBuffer, tensorsOf } from './collect-rollout.ts'
import { type ActorCriticNetworks, learnOnPolicy, type OnPolicyAlgorithm, onPolicyOptions } from './on-policy.ts'

export const trpoOptions = {
  ...withDefaults(onPolicyOptions, { numSteps: 2048 }),
  targetKl: positive(0.01, 'delta: largest KL divergence of an update, in nats'),
  cgSteps: count(15, 'steps of conjugate gradients'),
  cgDamping: positive(0.1, 'added to the diagonal of the Fisher matrix'),
  lineSearchSteps: count(10, 'step lengths tried in the line search'),
  lineSearchShrink: fraction(0.8, 'ratio of each step length to the one before'),
  criticLearningRate: positive(1e-3, "step size of the critic's Adam"),
  criticEpochs: count(10, 'passes of the critic over each rollout'),
  criticBatchSize: count(128, 'steps in each update of the critic'),
}

export type TRPOOptions = GivenOptions<typeof trpoOptions> & ActorCriticNetworks & OwnOptimizer & Resumable

/** The result of an update of the policy. */
interface TrustRegionStep {
  /** KL(old ‖ new), mean over the rollout, in nats; 0 if no step was accepted. */
  readonly kl: number
  /** Increase of the surrogate, the mean of ρ Â. */
  readonly improvement: number
  /** Step lengths tried in the line search; 0 if none was accepted. */
  readonly tried: number
}

export const trpoAlgorithm: OnPolicyAlgorithm<typeof trpoOptions, TrustRegionStep & { readonly valueLoss: number }> = {
  name: 'trpo',
  about: 'trust region policy optimization: natural gradient steps of bounded KL divergence',
  options: trpoOptions,
  objects: ['resume', 'network', 'critic', 'optimizer'],
  makeOptimizer({ actor, critic }, o, own) {
    const ofActor = parameterList(actor)
    if (parameterList(critic).some((each) => ofActor.includes(each))) {
      throw new ValueError('trpo: network and critic share parameters; make new layers for each')
    }
    return makeOptimizer('trpo', own, critic, o.criticLearningRate)
  },
  update({ agent, optimizer, rollout, rng }, o) {
    // 1. estimate advantages
    computeGae(rollout, o.gamma, o.gaeLambda)
    normalize(rollout.advantages)
    // 2. move the policy to the bound of the trust region
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
    return { ...moved, valueLoss }
  },
}

/** Trains; yields after each update, returns the agent. */
export const trpo = (envs: EnvLike, options: TRPOOptions = {}) => learnOnPolicy(trpoAlgorithm, envs, options)

/** Moves the policy's parameters along the natural gradient: the longest step tried with KL at most δ and a larger surrogate. */
export function trustRegionStep(
  agent: ActorCritic,
  rollout: RolloutBuffer,
  o: OptionValues<typeof trpoOptions>,
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
    let length = Math.sqrt((2 * o.targetKl) / curvature) // KL = δ in the quadratic model
    for (let tried = 1; tried <= o.lineSearchSteps && curvature > 0; tried++, length *= o.lineSearchShrink) {
      const there = start.slice()
      addScaled(there, direction, length)
      setVector(parameters, there)
      const [change, after] = inferenceMode(() => [kl().item(), surrogate().item()] as const)
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

// Length of the difference step in parameter space: long enough for float32 gradients to differ by much more than their rounding,
// short enough for the KL to be quadratic.
const STEP = 0.02

/**
 * (F + damping) v, where F is the second derivative of `kl` at the current parameters, by a central difference of its gradients:
 * two forward and backward passes. The parameters are restored.
 */
export function fisherProduct(parameters: readonly Tensor[], kl: () => Tensor, v: Float64Array, damping: number) {
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

/**
 * Conjugate gradients (Hestenes and Stiefel 1952, doi:10.6028/jres.049.044): solves A x = b from products A v, for symmetric positive
 * definite A. Exact after as many steps as there are unknowns.
 *
 * @param tolerance stops once the residual is shorter than `tolerance` times b
 */
export function conjugateGradient(
  product: (v: Float64Array) => Float64Array,
  b: Float64Array,
  steps: number,
  tolerance = 1e-5,
): Float64Array {
  const x = new Float64Array(b.length)
  const residual = b.slice()
  const direction = b.slice()
  let square = dot(residual, residual)
  const enough = tolerance * tolerance * square
  for (let step = 0; step < steps && square > enough; step++) {
    const image = product(direction)
    const curvature = dot(direction, image)
    if (!(curvature > 0)) break // it has underflowed
    const along = square / curvature
    addScaled(x, direction, along)
    addScaled(residual, image, -along)
    const next = dot(residual, residual)
    for (let i = 0; i < direction.length; i++) direction[i] = residual[i]! + (next / square) * direction[i]!
    square = next
  }
  return x
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** to := to + factor · x */
export function addScaled(to: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * x[i]!
}

/** A scalar and its gradient with respect to all parameters, whose `grad` is reset to null. */
export function gradientVector(parameters: readonly Tensor[], loss: () => Tensor) {
  return scope(() => {
    for (const parameter of parameters) parameter.grad = null
    const scalar = loss()
    scalar.backward()
    const gradient = vectorOf(parameters.map((parameter) => parameter.grad ?? zeros(parameter.shape)))
    for (const parameter of parameters) parameter.grad = null
    return { value: scalar.item(), gradient }
  })
}
