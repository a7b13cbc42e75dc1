import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newContinuousAgent } from '../../../src/rl/actor-critic/continuous.ts'
import { entropyCoefLoss, sac, sacActorLoss, sacAlgorithm, sacTargets } from '../../../src/rl/actor-critic/sac.ts'
import { criticLoss } from '../../../src/rl/actor-critic/td3.ts'
import { toVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import { Box, defaultsOf, make, ReplayBuffer } from '../../../src/rl/index.ts'
import { SquashedGaussian } from '../../../src/rl/policies/distributions/squashed-gaussian.ts'
import {
  exp,
  gradcheck,
  mul,
  Rng,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from '../../../src/tensor/index.ts'
import { goldenArrays } from '../../support/arrays.ts'
import { expectClose, fromGolden } from '../../support/golden.ts'
import { forAll, property } from '../../support/property.ts'
import { Echo } from '../algorithms/echo-env.ts'
import { casesOf, expectLoss, onEveryEngine } from '../algorithms/golden-loss.ts'
import { numbersOf, rngWithNoise, setNumbers } from '../algorithms/hand-worked.ts'

const float64 = { dtype: 'float64' } as const

it.each(casesOf('sac_target'))('the targets: are PyTorch’s: $name', (golden) => {
  const { gamma, alpha } = golden.attrs as { gamma: number; alpha: number }
  const discounts = goldenArrays(golden).terminated!.map((flag) => (flag === 1 ? 0 : gamma))
  onEveryEngine(golden, (dtype, tolerance) => {
    const x = (name: string) => fromGolden(golden.inputs[name]!, dtype)
    const shares = tensor(discounts, undefined, { dtype })
    const targets = sacTargets(x('rewards'), shares, [x('next_q1'), x('next_q2')], x('next_log_probs'), alpha)
    expectClose(targets, golden.outputs.out!, tolerance, golden.name)
  })
})

describe('the losses are PyTorch’s, with their gradients', () => {
  it.each(casesOf('sac_critic_loss'))('$name', (golden) => {
    expectLoss(golden, ({ q1, q2, targets }) => criticLoss([q1!, q2!], targets!))
  })

  it.each(casesOf('sac_actor_loss'))('$name', (golden) => {
    expectLoss(golden, ({ mean, log_std, noise, c1, c2, b1, b2 }) => {
      const { action, logProb } = new SquashedGaussian(mean!, log_std!).fromNoise(noise!)
      // The case's stand-ins for critics.
      const q1 = sub(b1!, sum(square(sub(action, c1!)), 1))
      const q2 = sub(b2!, mul(sum(square(sub(action, c2!)), 1), 0.5))
      return {
        loss: sacActorLoss(logProb, [q1, q2], golden.attrs!.alpha as number),
        log_probs: logProb,
        action,
        q1,
        q2,
      }
    })
  })

  it.each(casesOf('sac_alpha_loss_log'))('$name', (golden) => {
    const wanted = golden.attrs!.target_entropy as number
    expectLoss(golden, ({ log_alpha, log_probs }) => entropyCoefLoss(log_alpha!, log_probs!, wanted))
  })

  it.each(casesOf('sac_alpha_loss_exp'))('$name', (golden) => {
    const wanted = golden.attrs!.target_entropy as number
    expectLoss(golden, ({ log_alpha, log_probs }) => entropyCoefLoss(exp(log_alpha!), log_probs!, wanted))
  })
})

describe('the gradients are those of central differences', () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true })
  const gap = fc.integer({ min: -8, max: 7 }).map((k) => (k + 0.5) / 4) // the two values are never equal
  const row = fc.tuple(number, number, gap).map(([logProb, first, apart]) => [logProb, first, first + apart] as const)
  const rows = fc.array(row, { minLength: 1, maxLength: 5 })

  property('of the actor’s loss in log-probabilities and both values, off ties', [rows, number], (given, weight) => {
    const column = (i: 0 | 1 | 2) =>
      tensor(
        given.map((row) => row[i]),
        [given.length],
        float64,
      )
    const inputs = [column(0), column(1), column(2)] as const
    inputs.forEach((input, place) => {
      const loss = (x: Tensor) => {
        const [logProbs, first, second] = inputs.map((other, i) => (i === place ? x : other))
        return sacActorLoss(logProbs!, [first!, second!], 0.3)
      }
      gradcheck(loss, input, [weight])
    })
  })

  it('of the temperature', () => {
    forAll([fc.array(number, { minLength: 1, maxLength: 5 }), number], (logProbs, logTemperature) => {
      const drawn = tensor(logProbs, [logProbs.length], float64)
      gradcheck((x) => entropyCoefLoss(exp(x), drawn, -1), tensor([logTemperature], [1], float64), [1.5])
    })
  })

  it('a policy less random than wanted raises the temperature', () => {
    const entropyCoef = tensor([0.5], [1], { requiresGrad: true })
    entropyCoefLoss(entropyCoef, tensor([3, 3]), -1).backward() // entropy -3, wanted -1
    expect(entropyCoef.grad!.item()).toBeLessThan(0) // so descent moves it up
  })
})

describe('an update by hand', () => {
  // Haarnoja et al. 2018, arXiv:1812.05905, with linear networks, noise ε = 1, γ = 0.5, α = 0.2:
  //   policy   u = μ + σ ε with μ(s) = ½ ln 3 · s - 1/e and ln σ = -1, so that u(0) = 0, u(1) = ½ ln 3: a = tanh u = 0 and 0.5
  //   ln π     -½ ε² - ½ ln 2π - ln σ - ln(1 - a²) = -0.418939 - ln(1 - a²): -0.418939 at s = 0, -0.131257 at s = 1
  //   critics  Q₁ = 2 + a, Q₂ = 1 + 2a; their targets Q₁′ = 4 + s + 2a, Q₂′ = 3 + s + 2a
  const transition = { s: 0, a: 0.25, r: 1, next: 1 }
  const step = 1e-3 // Adam's first step moves every parameter with a gradient by the learning rate

  function updated(options: object = {}, terminated = false) {
    const o = {
      ...{ ...defaultsOf(sacAlgorithm.options), hidden: [], gamma: 0.5, tau: 0.1, entropyCoef: 0.2 },
      criticLearningRate: step,
    }
    const learner = sacAlgorithm.learner(toVectorEnv(new Echo()), { ...o, ...options }, rngWithNoise(1))
    const { parts } = learner
    setNumbers(parts.agent, { 'actor.0.weight': [Math.log(3) / 2, 0], 'actor.0.bias': [-1 / Math.E, -1] })
    setNumbers(parts.critics, { '0.0.weight': [0, 1], '0.0.bias': [2], '1.0.weight': [0, 2], '1.0.bias': [1] })
    setNumbers(parts.targets, { '0.0.weight': [1, 2], '0.0.bias': [4], '1.0.weight': [1, 2], '1.0.bias': [3] })
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 1, actionSize: 1 })
    buffer.add([transition.s], [transition.a], transition.r, [transition.next], terminated)
    return { losses: learner.update(buffer.gather(Int32Array.of(0))), parts }
  }

  it('of the critics goes towards r + γ (min Q′(s′, a′) - α ln π(a′|s′)), equations 2 and 3', () => {
    // y = 1 + 0.5 (min(6, 5) + 0.2 · 0.131257) = 3.513126; (2.25 - y)² + (1.5 - y)² = 1.595487 + 4.052675
    expect(updated().losses.criticLoss).toBeCloseTo(5.648162, 5)
    // Once the task has ended y = 1: 1.25² + 0.5²
    expect(updated({}, true).losses.criticLoss).toBeCloseTo(1.8125, 5)
    // α = 0.4: y = 3.526251; 1.628818 + 4.105694
    expect(updated({ entropyCoef: 0.4 }).losses.criticLoss).toBeCloseTo(5.734512, 5)
  })

  it('of the policy has the loss α ln π(a|s) - min Q(s, a), equation 9, with the critics just updated', () => {
    // 0.2 · -0.418939 - min(2.001, 1.001)
    expect(updated().losses.actorLoss).toBeCloseTo(-1.084788, 5)
    expect(updated().losses.entropy).toBeCloseTo(0.418939, 5)
  })

  it('of the temperature goes down, for the entropy of 0.42 is above the wanted -1, equation 18', () => {
    const { losses, parts } = updated()
    expect(losses.entropyCoef).toBeCloseTo(0.2, 6)
    expect(numbersOf(parts.entropyCoef).logEntropyCoef![0]).toBeCloseTo(Math.log(0.2) - step, 6)
    const kept = updated({ autoEntropyCoef: false }).parts.entropyCoef
    expect(numbersOf(kept).logEntropyCoef![0]).toBeCloseTo(Math.log(0.2), 6)
  })

  it('of the target critics is a Polyak step: 0.9 of what they were, 0.1 of the critics', () => {
    const { '0.0.bias': first, '1.0.bias': second } = numbersOf(updated().parts.targets)
    expect(first![0]).toBeCloseTo(0.9 * 4 + 0.1 * 2.001, 5)
    expect(second![0]).toBeCloseTo(0.9 * 3 + 0.1 * 1.001, 5)
  })
})

describe('sac', () => {
  const short = {
    ...{ totalTimesteps: 160, learningStarts: 40, trainInterval: 4, hidden: [16], batchSize: 16, logInterval: 40 },
  }

  it('reports as often as asked, once updates have begun, and at the end', () => {
    const reports = [...sac(make('Pendulum-v1'), { ...short, totalTimesteps: 150 })]
    expect(reports.map(({ step }) => step)).toEqual([40, 80, 120, 150])
    for (const { criticLoss, actorLoss, entropy, entropyCoef } of reports) {
      expect([criticLoss, actorLoss, entropy].every(Number.isFinite)).toBe(true)
      expect(entropyCoef).toBeGreaterThan(0)
    }
    expect(reports[0]!.entropyCoef).toBe(1)
  })

  it('leaves the temperature alone if told so', () => {
    const reports = [...sac(make('Pendulum-v1'), { ...short, entropyCoef: 0.25, autoEntropyCoef: false })]
    expect(reports.every(({ entropyCoef }) => Math.abs(entropyCoef - 0.25) < 1e-6)).toBe(true)
  })

  it('gives actions within the bounds of the environment', () => {
    const agent = newContinuousAgent(sacAlgorithm, make('Pendulum-v1'), { hidden: [4] })
    const rng = new Rng(0)
    for (let i = 0; i < 50; i++) {
      const [torque] = agent.sample(Float32Array.of(50, -50, 90), rng)
      expect(Math.abs(torque!)).toBeLessThanOrEqual(2)
    }
    expect(Array.from(agent.toEnvironment(Float32Array.of(-1, 0, 0.5, 1)))).toEqual([-2, 0, 1, 2])
  })

  it('says what it cannot act in', () => {
    expect(() => sac(make('CartPole-v1')).next()).toThrow(/gives vectors/)
    const unbounded = Object.assign(new Echo(), { actionSpace: new Box([-Infinity], [1]) })
    expect(() => sac(unbounded).next()).toThrow(ValueError)
    expect(() => sac(unbounded).next()).toThrow(/needs finite bounds/)
  })
})
