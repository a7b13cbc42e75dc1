import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parameter } from '../../../src/nn/flat.ts'
import { MLP } from '../../../src/nn/layers/mlp.ts'
import { setVector, vectorOf } from '../../../src/nn/module.ts'
import { toVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import { Categorical, defaultsOf, makeVec } from '../../../src/rl/index.ts'
import { collectRollouts, computeGae, rolloutFor } from '../../../src/rl/on-policy/collect-rollout.ts'
import { makeActorCritic } from '../../../src/rl/on-policy/on-policy.ts'
import {
  addScaled,
  conjugateGradient,
  dot,
  fisherProduct,
  gradientVector,
  surrogateAdvantage,
  trpo,
  trpoOptions,
  trustRegionStep,
} from '../../../src/rl/on-policy/trpo.ts'
import { DiagonalGaussian } from '../../../src/rl/policies/distributions/diagonal-gaussian.ts'
import {
  add,
  gradcheck,
  linear,
  matmul,
  mean,
  mul,
  noGrad,
  normal,
  Rng,
  sum,
  type Tensor,
  tanh,
  tensor,
} from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'
import { constantNetwork, Paying } from '../algorithms/hand-worked.ts'

const number = fc.double({ min: -1, max: 1, noNaN: true })
const numbers = (n: number) => fc.array(number, { minLength: n, maxLength: n })
const nonZero = (n: number) => numbers(n).filter((v) => v.some((x) => Math.abs(x) > 0.1))

describe('the product with the Fisher matrix', () => {
  it('is E[(diag p - ppᵀ) ⊗ ssᵀ] v for a softmax policy that is linear in the state', () => {
    const [rows, inputs, actions] = [5, 3, 4]
    forAll([numbers(rows * inputs), numbers(inputs * actions), nonZero(inputs * actions)], (s, w, v) => {
      const states = tensor(s, [rows, inputs])
      const weights = parameter([inputs, actions], w)
      const policy = () => new Categorical(matmul(states, weights))
      const old = noGrad(policy)
      const product = fisherProduct([weights], () => mean(old.kl(policy())), Float64Array.from(v), 0.5)
      const p = old.probs.toArray()
      const exact = v.map((x) => 0.5 * x)
      for (let r = 0; r < rows; r++) {
        const change = Array.from({ length: actions }, (_, a) =>
          Array.from({ length: inputs }, (_, k) => s[r * inputs + k]! * v[k * actions + a]!).reduce((x, y) => x + y),
        )
        const average = change.reduce((sum, x, a) => sum + p[r * actions + a]! * x, 0)
        for (let k = 0; k < inputs; k++) {
          for (let a = 0; a < actions; a++) {
            exact[k * actions + a]! += (s[r * inputs + k]! * p[r * actions + a]! * (change[a]! - average)) / rows
          }
        }
      }
      for (const [i, x] of product.entries()) expect(x).toBeCloseTo(exact[i]!, 3)
    })
  })

  it('is v / σ² for a mean, 2 v for a log-deviation, and leaves the parameters as they were', () => {
    forAll([number, number, nonZero(2)], (mu, logStd, v) => {
      const parameters = [parameter([1, 1], [mu]), parameter([1], [logStd])]
      const policy = () => new DiagonalGaussian(parameters[0]!, parameters[1]!)
      const old = noGrad(() => new DiagonalGaussian(tensor([mu], [1, 1]), tensor([logStd], [1])))
      const product = fisherProduct(parameters, () => mean(old.kl(policy())), Float64Array.from(v), 0)
      expect(product[0]! * Math.exp(2 * logStd)).toBeCloseTo(v[0]!, 2)
      expect(product[1]).toBeCloseTo(2 * v[1]!, 2)
      expect([...vectorOf(parameters)]).toEqual([mu, logStd].map(Math.fround))
    })
  })

  it('by differences is the exact one by a second backward pass, within the rounding of float32', () => {
    const parameters = Object.values(new MLP([3, 16, 4], new Rng(5)).parameters())
    const network = (x: Tensor) => {
      const [w1, b1, w2, b2] = parameters as [Tensor, Tensor, Tensor, Tensor]
      return linear(tanh(linear(x, w1, b1)), w2, b2)
    }
    const states = normal(new Rng(6), [50, 3])
    const old = noGrad(() => new Categorical(network(states)))
    const kl = () => mean(old.kl(new Categorical(network(states))))
    const rng = new Rng(7)
    const v = parameters.map(({ shape }) => normal(rng, shape))
    const differences = fisherProduct(parameters, kl, vectorOf(v), 0)

    kl().backward({ createGraph: true })
    const along = parameters.map((each, i) => sum(mul(each.grad!, v[i]!))).reduce((a, b) => add(a, b))
    const exact = gradientVector(parameters, () => along).gradient
    const size = Math.sqrt(exact.reduce((total, each) => total + each * each, 0))
    expect(size).toBeGreaterThan(0.1)
    for (const [i, each] of differences.entries()) expect(Math.abs(each - exact[i]!)).toBeLessThan(1e-3 * size)
  })
})

describe('a step within the trust region', () => {
  it.each(['CartPole-v1', 'Pendulum-v1'])('moves the policy by no more than δ, and to the better: %s', (id) => {
    forAll(
      [fc.nat(), fc.double({ min: 1e-3, max: 0.1, noNaN: true })],
      { numRuns: 5, examples: [[1752298335, 0.001]] },
      (seed, targetKl) => {
        const envs = makeVec(id, 2)
        const agent = makeActorCritic('test', envs, [8], new Rng(seed))
        envs.reset({ seed })
        const rollout = rolloutFor(envs, 40, agent)
        collectRollouts(envs, agent, rollout, new Rng(seed), 0)
        computeGae(rollout, 0.99, 0.95)
        const critic = vectorOf(Object.values(agent.critic.parameters()))
        const options = { ...defaultsOf(trpoOptions), targetKl }
        const { kl, improvement, tried } = trustRegionStep(agent, rollout, options)
        expect(kl).toBeLessThanOrEqual(targetKl)
        expect(tried).toBeGreaterThan(0)
        // KL grows with the square of the step length. Each further try of the line search shortens it, and so does the damping,
        // the more the smaller the Fisher matrix is beside it.
        expect(kl).toBeGreaterThan(0.02 * targetKl * options.lineSearchShrink ** (2 * (tried - 1)))
        expect(improvement).toBeGreaterThan(0)
        expect(vectorOf(Object.values(agent.critic.parameters()))).toEqual(critic)
      },
    )
  })

  it('is none where no advantage is better than another', () => {
    const envs = makeVec('CartPole-v1', 1)
    const agent = makeActorCritic('test', envs, [8], new Rng(1))
    envs.reset({ seed: 1 })
    const rollout = rolloutFor(envs, 8, agent)
    collectRollouts(envs, agent, rollout, new Rng(1), 0)
    rollout.advantages.fill(0)
    const before = vectorOf(Object.values(agent.parameters()))
    expect(trustRegionStep(agent, rollout, defaultsOf(trpoOptions))).toEqual({ kl: 0, improvement: 0, tried: 0 })
    expect(vectorOf(Object.values(agent.parameters()))).toEqual(before)
  })
})

describe('the line search by hand', () => {
  // Schulman et al. 2015, arXiv:1502.05477, appendix C. The logits are (0, w s), so that p₁ = σ(w s).
  const stepFrom = (
    steps: { w: number; states: number[]; actions: number[]; advantages: number[] },
    options: object,
  ) => {
    const weights = parameter([1, 2], [0, steps.w])
    const network = { forward: (x: Tensor) => matmul(x, weights), parameters: () => ({ weights }) }
    const envs = toVectorEnv(new Paying([0]))
    const agent = makeActorCritic('test', envs, [], new Rng(0), { network, critic: constantNetwork(0) })
    envs.reset({ seed: 0 })
    const rollout = rolloutFor(envs, 2, agent)
    const chance = (s: number, a: number) => 1 / (1 + Math.exp((a === 1 ? -1 : 1) * steps.w * s))
    rollout.observations.set(steps.states)
    rollout.actions.set(steps.actions)
    rollout.logProbs.set(steps.actions.map((a, i) => Math.log(chance(steps.states[i]!, a))))
    rollout.advantages.set(steps.advantages)
    const moved = trustRegionStep(agent, rollout, { ...defaultsOf(trpoOptions), cgDamping: 1e-6, ...options })
    return { ...moved, w: weights.view()[1]! - weights.view()[0]! }
  }

  it('shortens a step whose divergence is above δ, whatever the quadratic model says', () => {
    // One state, p₁ = 0.1, Â = 1 for action 1 and -1 for action 0: w rises by d. Model: ½ · 0.1 · 0.9 d² = δ = 0.1, d = 1.490712.
    // KL = ln(0.9 + 0.1 e^d) - 0.1 d = 0.146598 > δ. The second length, 0.8 d = 1.192570: 0.087394.
    const rare = { w: -Math.log(9), states: [1, 1], actions: [1, 0], advantages: [1, -1] }
    const { kl, improvement, tried, w } = stepFrom(rare, { targetKl: 0.1 })
    expect(tried).toBe(2)
    expect(w).toBeCloseTo(-Math.log(9) + 1.19257, 3)
    expect(kl).toBeCloseTo(0.087394, 3)
    expect(improvement).toBeCloseTo(0.933483, 2) // (0.268027 / 0.1 - 0.731973 / 0.9) / 2 - 0
  })

  // Two states, 2 and 1, p₁ = ½, action 1 in both with Â = 1 and -1.5: (2 σ(2w) - 3 σ(w)) / 2 is -0.25 at w = 0, grows at first and
  // falls later. Model: ½ (4 + 1) / 8 w² = δ = 1.25, w = 2.
  //   w = 2     -0.339183   KL = mean ln cosh(s w / 2) = 0.879392 <= δ
  //   w = 1.6   -0.287194
  //   w = 1.28  -0.245416   KL = 0.426747
  const bent = { w: 0, states: [2, 1], actions: [1, 1], advantages: [1, -1.5] }

  it('shortens a step that makes the surrogate no better', () => {
    const { kl, improvement, tried, w } = stepFrom(bent, { targetKl: 1.25 })
    expect(tried).toBe(3)
    expect(w).toBeCloseTo(1.28, 2)
    expect(kl).toBeCloseTo(0.426747, 2)
    expect(improvement).toBeCloseTo(-0.245416 + 0.25, 3)
  })

  it('leaves the policy where it was if no length is good enough', () => {
    expect(stepFrom(bent, { targetKl: 1.25, lineSearchSteps: 2 })).toEqual({ kl: 0, improvement: 0, tried: 0, w: 0 })
  })
})

it('learns from advantages of mean 0: nothing, where every step pays the same', () => {
  const env = new Paying([5])
  const networks = { network: constantNetwork(Math.log(3), 0), critic: constantNetwork(0) }
  const options = {
    ...{ totalTimesteps: 4, numSteps: 4, seed: 4, criticEpochs: 2, criticBatchSize: 3, criticLearningRate: 1e-9 },
  }
  const report = trpo(env, { ...networks, ...options }).next().value
  expect(env.actions).toEqual([0, 0, 1, 1]) // action 1 twice as often as π(1) = ¼, so that Â = 5 everywhere would favour it
  expect(report).toMatchObject({ kl: 0, improvement: 0, tried: 0, valueLoss: 25 })
})

it('the surrogate has the gradient that central differences show', () => {
  const row = fc.tuple(number, number, number)
  forAll([fc.array(row, { minLength: 1, maxLength: 5 }), number], (rows, cotangent) => {
    const column = (i: 0 | 1 | 2) =>
      tensor(
        rows.map((each) => each[i]),
        [rows.length],
        { dtype: 'float64' },
      )
    gradcheck((x) => surrogateAdvantage(x, column(1), column(2)), column(0), [cotangent])
  })
})

it('reports how far each update moved the policy', () => {
  const options = { totalTimesteps: 200, numSteps: 50, hidden: [8], criticEpochs: 1 }
  for (const { kl, valueLoss } of trpo(makeVec('CartPole-v1', 2), options)) {
    expect(kl).toBeLessThanOrEqual(0.01)
    expect(valueLoss).toBeGreaterThan(0)
  }
})

describe('conjugateGradient', () => {
  it('solves [[4, 1], [1, 3]] x = [1, 2]', () => {
    const x = conjugateGradient(([a, b]) => Float64Array.of(4 * a! + b!, a! + 3 * b!), Float64Array.of(1, 2), 2)
    expect(x[0]).toBeCloseTo(1 / 11, 12)
    expect(x[1]).toBeCloseTo(7 / 11, 12)
  })

  it('solves any system in as many steps as there are unknowns', () => {
    const number = fc.double({ min: -1, max: 1, noNaN: true })
    const system = fc.integer({ min: 1, max: 6 }).chain((n) =>
      fc.record({
        root: fc.array(fc.array(number, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }),
        b: fc.array(number, { minLength: n, maxLength: n }),
      }),
    )
    forAll([system], ({ root, b }) => {
      // A = RᵀR + I is symmetric and positive definite, whatever R is.
      const product = (v: Float64Array) => {
        const image = root.map((row) => row.reduce((sum, r, j) => sum + r * v[j]!, 0))
        return v.map((x, j) => x + root.reduce((sum, row, i) => sum + row[j]! * image[i]!, 0))
      }
      const x = conjugateGradient(product, Float64Array.from(b), b.length, 0)
      for (const [i, value] of product(x).entries()) expect(value).toBeCloseTo(b[i]!, 6)
    })
  })

  it('gives nothing for nothing', () => {
    expect([...conjugateGradient((v) => v, new Float64Array(3), 5)]).toEqual([0, 0, 0])
  })

  it('stays finite where squares underflow', () => {
    const r = -0.9222349495085664
    const x = conjugateGradient(
      (v) => v.map((each) => each + r * (r * each)),
      Float64Array.of(1.8479668559722565e-162),
      4,
      0,
    )
    expect(x[0]).toBeGreaterThan(0)
    expect(x[0]).toBeLessThan(1e-161)
  })

  it('stops after the steps given, or once the residual is shorter than the tolerance times b', () => {
    let products = 0
    const halves = ([a, b]: Float64Array) => {
      products++
      return Float64Array.of(a!, 2 * b!)
    }
    const solved = (steps: number, tolerance?: number) => {
      products = 0
      const x = conjugateGradient(halves, Float64Array.of(1, 1), steps, tolerance)
      return [products, ...Array.from(x, (each) => Number(each.toFixed(6)))]
    }
    // After one step x = ⅔ b, and the residual (⅓, -⅓) is a third of b's length.
    expect(solved(0)).toEqual([0, 0, 0])
    expect(solved(1)).toEqual([1, 0.666667, 0.666667])
    expect(solved(2)).toEqual([2, 1, 0.5])
    expect(solved(9)).toEqual([2, 1, 0.5])
    expect(solved(9, 0.3)).toEqual([2, 1, 0.5])
    expect(solved(9, 0.4)).toEqual([1, 0.666667, 0.666667])
    products = 0
    conjugateGradient(halves, new Float64Array(2), 5)
    expect(products).toBe(0)
  })

  it('adds up products and multiples', () => {
    expect(dot(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, -6))).toBe(-4)
    const to = Float64Array.of(1, 2)
    addScaled(to, Float64Array.of(10, 20), 0.5)
    expect([...to]).toEqual([6, 12])
  })
})

describe('parameters as a vector', () => {
  const parameters = () =>
    [tensor([1, 2], [2], { requiresGrad: true }), tensor([3], [1], { requiresGrad: true })] as const

  it('joins the parameters into one vector, and writes one back', () => {
    const [a, b] = parameters()
    expect(vectorOf([a, b])).toEqual(Float64Array.of(1, 2, 3))
    setVector([a, b], Float64Array.of(4, 5, 6))
    expect([[...a.view()], [...b.view()]]).toEqual([[4, 5], [6]])
  })

  it('gives a scalar and its gradient, zeros where it does not depend on a parameter, and leaves no gradient behind', () => {
    const [a, b] = parameters()
    a.grad = tensor([9, 9])
    expect(gradientVector([a, b], () => sum(mul(a, a)))).toEqual({ value: 5, gradient: Float64Array.of(2, 4, 0) })
    expect(gradientVector([a, b], () => sum(add(a, b)))).toEqual({ value: 9, gradient: Float64Array.of(1, 1, 2) })
    expect([a.grad, b.grad]).toEqual([null, null])
  })
})
