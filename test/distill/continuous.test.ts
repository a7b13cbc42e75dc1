// Students of torques and forces: what they minimise, which states they learn from, and what a label costs.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CollectControlsOptions,
  type ControlPolicy,
  type ControlSet,
  ControlTeacher,
  collectControls,
  controlModes,
  controlTarget,
  distillControls,
  trainControls,
} from '../../src/distill/continuous/index.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { castParameters, countParameters } from '../../src/nn/module.ts'
import { DeterministicAgent, SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import { SquashedGaussian } from '../../src/rl/distributions/squashed-gaussian.ts'
import type { AnyEnv } from '../../src/rl/env.ts'
import { make } from '../../src/rl/registry.ts'
import type { Envs } from '../../src/rl/vector/as-vector.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { checkGradient, Rng, ShapeError, type Tensor, tensor, ValueError } from '../../src/tensor/index.ts'

const float64 = { dtype: 'float64' } as const
const torque = { low: [-2], high: [2] }
const pendulum = (): AnyEnv => make('Pendulum-v1') as AnyEnv

/** Untrained policies for Pendulum-v1: they know nothing, but say it the same way each time. */
const gaussian = () => new SquashedGaussianAgent(new MLP([3, 16, 2], new Rng(1)), 3, torque)
const deterministic = () => new DeterministicAgent(new MLP([3, 16, 1], new Rng(1)), 3, torque)
const kinds: readonly [string, () => ControlPolicy][] = [
  ['a Gaussian teacher', gaussian],
  ['a deterministic teacher', deterministic],
]

/** A set of given labels, [size, actionSize] each, whose observations are the numbers of the states. */
function setOf(actionSize: number, means: readonly number[], logStds?: readonly number[]): ControlSet {
  const size = means.length / actionSize
  return {
    envId: 'Some-v0',
    observationSize: 1,
    actionSize,
    bounds: { low: new Array(actionSize).fill(-1), high: new Array(actionSize).fill(1) },
    size,
    observations: Float32Array.from({ length: size }, (_, i) => i),
    means: Float32Array.from(means),
    ...(logStds && { logStds: Float32Array.from(logStds) }),
    provenance: { mode: 'teacher', seed: 0, teacher: 'by hand' },
    labels: size,
    environmentSteps: 0,
  }
}

const rowsOf = (values: ArrayLike<number>, width: number): Tensor =>
  tensor(Float64Array.from(values), [values.length / width, width], float64)

describe('learning a Gaussian', () => {
  it('costs Δμ² / 2σ² where the deviations agree, and nothing where all does', () => {
    const { loss, labels, width } = controlTarget(setOf(1, [0.5], [Math.log(2)]))
    expect(width).toBe(2)
    expect(loss(rowsOf(labels, 2), rowsOf(labels, 2)).item()).toBeCloseTo(0, 12)
    expect(loss(rowsOf(labels, 2), rowsOf([3.5, Math.log(2)], 2)).item()).toBeCloseTo(9 / 8, 6)
  })

  it('is the divergence of the actions themselves, squashed', () => {
    const [teacher, student] = [[0.8, -1.2, -0.5, 0.1] as const, [0.3, -0.9, -0.2, -0.4] as const]
    const { loss, labels } = controlTarget(setOf(2, teacher.slice(0, 2), teacher.slice(2)))
    const squashed = (row: readonly number[]) => {
      const mean = tensor(new Array(20_000).fill(row.slice(0, 2)), undefined, float64)
      return new SquashedGaussian(mean, tensor(row.slice(2), [2], float64))
    }
    const { action, logProb } = squashed(teacher).sampleWithLogProb(new Rng(2))
    const other = squashed(student).logProb(action).view()
    const differences = Array.from(logProb.view(), (each, i) => each - other[i]!)
    const estimate = differences.reduce((sum, each) => sum + each, 0) / differences.length
    expect(loss(rowsOf(labels, 4), rowsOf(student, 4)).item()).toBeCloseTo(estimate, 1.5)
  })

  it('has the gradient that its central difference shows', () => {
    const number = fc.double({ min: -1.5, max: 1.5, noNaN: true })
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
      .chain(([states, actions]) => {
        const numbers = (n: number) => fc.array(number, { minLength: n, maxLength: n })
        return fc.record({
          actions: fc.constant(actions),
          means: numbers(states * actions),
          logStds: numbers(states * actions),
          outputs: numbers(2 * states * actions),
          weights: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: states, maxLength: states }),
          cotangent: number,
        })
      })
    fc.assert(
      fc.property(cases, ({ actions, means, logStds, outputs, weights, cotangent }) => {
        const { loss, labels, width } = controlTarget(setOf(actions, means, logStds))
        const given = rowsOf(labels, width)
        const shares = tensor(weights, [weights.length], float64)
        checkGradient((z) => loss(given, z, shares), rowsOf(outputs, width), [cotangent])
      }),
      { numRuns: 50 },
    )
  })

  it('gives the teacher no gradient', () => {
    const { loss } = controlTarget(setOf(1, [0.5], [0]))
    const teacher = tensor([[0.5, 0]], undefined, { ...float64, requiresGrad: true })
    loss(teacher, tensor([[0.1, 0.2]], undefined, { ...float64, requiresGrad: true })).backward()
    expect(teacher.grad).toBeNull()
  })
})

describe('learning an action', () => {
  it('costs half the squared distance of the squashed output, summed over the dimensions', () => {
    const { loss, labels, width } = controlTarget(setOf(2, [0.5, -1]))
    expect(loss(rowsOf(labels, width), rowsOf([0, 0], 2)).item()).toBeCloseTo((0.25 + 1) / 2, 6)
    expect(loss(rowsOf(labels, width), rowsOf([Math.atanh(0.5), -20], 2)).item()).toBeCloseTo(0, 6)
  })

  it.each([1, 2])('has the gradient that its central difference shows, in %i dimensions', (actions) => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(numbers, numbers, numbers, (means, outputs, cotangent) => {
        const { loss, labels, width } = controlTarget(setOf(actions, means))
        checkGradient((z) => loss(rowsOf(labels, width), z), rowsOf(outputs, width), cotangent)
      }),
      { numRuns: 50 },
    )
  })
})

describe.each(kinds)('collecting from %s', (_, makeTeacher) => {
  const collected = (mode: (typeof controlModes)[number], given: Partial<CollectControlsOptions> = {}) => {
    const teacher = new ControlTeacher(makeTeacher(), 'untrained')
    const learn = (set: ControlSet, seed: number) => trainControls(set, [4], { updates: 5, seed })
    const set = collectControls(
      teacher,
      pendulum(),
      { mode, labels: 30, seed: 3, poolSize: 250, rounds: 3, ...given },
      learn,
    )
    return { teacher, set }
  }

  it.each(controlModes)('costs exactly the labels asked for: %s', (mode) => {
    const { teacher, set } = collected(mode)
    expect([teacher.labels, set.labels, set.size, set.means.length]).toEqual([30, 30, 30, 30])
    expect(set.environmentSteps).toBe(mode === 'student' ? 750 : 250)
    expect(new Set(Array.from({ length: 30 }, (_, i) => set.observations.slice(3 * i, 3 * i + 3).join())).size).toBe(30)
  })

  it.each(controlModes)('says of each state what the teacher would do there: %s', (mode) => {
    const { teacher, set } = collected(mode)
    const again = teacher.label(set.observations, set.size)
    // Sums over a whole set may be taken in another order than over a round of it.
    set.means.forEach((each, i) => {
      expect(each).toBeCloseTo(again.means[i]!, 5)
    })
    set.logStds?.forEach((each, i) => {
      expect(each).toBeCloseTo(again.logStds![i]!, 5)
    })
    expect(set.logStds === undefined).toBe(teacher.agent instanceof DeterministicAgent)
  })

  it.each(controlModes)('is a function of its seed: %s', (mode) => {
    expect(collected(mode).set).toEqual(collected(mode).set)
    expect(collected(mode, { seed: 4 }).set.observations).not.toEqual(collected(mode).set.observations)
  })
})

describe('collecting', () => {
  const collect = (env: Envs, options: Partial<CollectControlsOptions> = {}, limit = Infinity) =>
    collectControls(
      new ControlTeacher(gaussian(), 'untrained', limit),
      env,
      { labels: 10, seed: 0, ...options },
      () => {
        throw new Error('no student is needed here')
      },
    )

  /** A policy that always gives 0, and Pendulum-v1 that notes the torques it gets. */
  function still() {
    const agent = deterministic()
    for (const each of Object.values(agent.parameters())) each.view().fill(0)
    const torques: number[] = []
    const env = pendulum()
    const step = env.step.bind(env)
    env.step = (action) => {
      torques.push((action as unknown as Float32Array)[0]!)
      return step(action)
    }
    return { agent, env, torques }
  }
  const shareOfRandom = (torques: readonly number[]) => torques.filter((each) => each !== 0).length / torques.length

  it('plays random actions as often as asked for', () => {
    const { agent, env, torques } = still()
    const options = { mode: 'teacher', labels: 1, seed: 0, poolSize: 2000, randomActions: 0.3 } as const
    collectControls(new ControlTeacher(agent, 'still'), env, options, () => agent)
    expect(shareOfRandom(torques)).toBeGreaterThan(0.27)
    expect(shareOfRandom(torques)).toBeLessThan(0.33)
    // Uniform within the bounds: half of them in the outer half, half of them positive.
    const random = torques.filter((each) => each !== 0)
    expect(random.filter((each) => Math.abs(each) > 1).length / random.length).toBeCloseTo(0.5, 1)
    expect(random.filter((each) => each > 0).length / random.length).toBeCloseTo(0.5, 1)
  })

  it('gives each episode of mixedNoise a share of its own, uniform in [0, 1)', () => {
    const { agent, env, torques } = still()
    const options = { mode: 'mixedNoise', labels: 1, seed: 1, poolSize: 8000 } as const
    collectControls(new ControlTeacher(agent, 'still'), env, options, () => agent)
    const shares = Array.from({ length: 40 }, (_, i) => shareOfRandom(torques.slice(200 * i, 200 * (i + 1))))
    expect(Math.min(...shares)).toBeLessThan(0.1)
    expect(Math.max(...shares)).toBeGreaterThan(0.9)
    expect(shares.reduce((sum, each) => sum + each, 0) / 40).toBeCloseTo(0.5, 0.7)
  })

  it('lets students play with the share of random actions asked for', () => {
    const { agent, env, torques } = still()
    const options = { mode: 'student', labels: 2, rounds: 2, seed: 0, poolSize: 400, randomActions: 0 } as const
    collectControls(new ControlTeacher(agent, 'still'), env, options, () => agent)
    expect(shareOfRandom(torques.slice(0, 400))).toBeGreaterThan(0)
    expect(shareOfRandom(torques.slice(400))).toBe(0)
  })

  it('lets the students of all labels so far play the later rounds', () => {
    const sizes: number[] = []
    const teacher = new ControlTeacher(gaussian(), 'untrained')
    const options = { mode: 'student', labels: 10, rounds: 3, seed: 0, poolSize: 20 } as const
    collectControls(teacher, pendulum(), options, (set) => {
      sizes.push(set.labels)
      return gaussian()
    })
    expect(sizes).toEqual([3, 7])
  })

  it('leaves out steps that only restart a copy', () => {
    const states = (autoreset: 'same-step' | 'next-step') => {
      const envs = makeVector('Pendulum-v1', 2, { autoreset })
      const options = { mode: 'teacher', labels: 802, poolSize: 802, randomActions: 0 } as const
      const { observations, size } = collect(envs, options)
      return new Set(Array.from({ length: size }, (_, i) => observations.slice(3 * i, 3 * i + 3).join()))
    }
    expect(states('same-step').size).toBe(802)
    expect(states('next-step')).toEqual(states('same-step'))
  })

  it('refuses what does not fit, before it plays', () => {
    const env = pendulum()
    env.reset = () => {
      throw new Error('played')
    }
    expect(() => collect(env, { mode: 'studnet' as never })).toThrow(/Did you mean "student"/)
    expect(() => collect(env, { labels: 0 })).toThrow(ValueError)
    expect(() => collect(env, { labels: 20, poolSize: 10 })).toThrow(/20 labels a round from 10 states/)
    expect(() => collect(env, { randomActions: 2 })).toThrow(/from 0 to 1/)
    expect(() => collect(make('MountainCarContinuous-v0') as AnyEnv)).toThrow(ShapeError)
    expect(() => collect(make('CartPole-v1') as AnyEnv)).toThrow(/CartPole-v1 takes Discrete/)
    expect(() => distillControls({ teacher: {} as never, env })).toThrow(/no policy of sac, td3 or ddpg/)
  })

  it('stops at the teacher’s limit', () => {
    expect(() => collect(pendulum(), { poolSize: 20 }, 9)).toThrow(/may label 9 in all/)
  })

  it('wants as many labels as states, and finite ones', () => {
    const set = setOf(1, [1, 2], [0, 0])
    expect(() => controlTarget({ ...set, means: new Float32Array(3) })).toThrow(/3 numbers of means; expected 2/)
    expect(() => controlTarget({ ...set, logStds: Float32Array.of(0, NaN) })).toThrow(/logStds hold NaN for state 1/)
  })
})

describe.each(kinds)('a student of %s', (_, makeTeacher) => {
  const options = { mode: 'mixedNoise', labels: 150, hidden: [32], seed: 1 } as const

  it('does as the teacher in states that it was not told about, with the teacher’s actions and spread', () => {
    const teacher = makeTeacher()
    const { student, set } = distillControls({ teacher, env: pendulum(), ...options })
    expect(student).toBeInstanceOf(teacher.constructor)
    expect(set.labels).toBe(150)
    const fresh = collectControls(
      new ControlTeacher(teacher, 'test'),
      pendulum(),
      { labels: 200, seed: 9 },
      () => teacher,
    )
    const told = new ControlTeacher(student, 'student').label(fresh.observations, fresh.size)
    for (const kind of ['means', 'logStds'] as const) {
      const wanted = fresh[kind]
      expect(told[kind] === undefined).toBe(wanted === undefined)
      if (wanted === undefined) continue
      const mean = wanted.reduce((sum, each) => sum + each, 0) / wanted.length
      const square = (values: Float32Array) => values.reduce((sum, each) => sum + each * each, 0)
      const unexplained =
        square(wanted.map((each, i) => each - told[kind]![i]!)) / square(wanted.map((each) => each - mean))
      expect(unexplained).toBeLessThan(0.05)
    }
  })

  it('is a function of its seed', () => {
    const weights = (seed: number) => {
      const { student } = distillControls({ teacher: makeTeacher(), env: pendulum(), ...options, updates: 10, seed })
      return Object.values(student.parameters()).map((each) => Array.from(each.view()))
    }
    expect(weights(1)).toEqual(weights(1))
    expect(weights(1)).not.toEqual(weights(2))
  })
})

it('a student of two layers of 64 has 7 % of the parameters of a teacher of two layers of 256', () => {
  const [student, teacher] = [64, 256].map((width) => countParameters(new MLP([3, width, width, 2], new Rng(0))))
  expect(student! / teacher!).toBeCloseTo(0.0675, 3)
})

it('the divergence of student and teacher is that of their policies', () => {
  const [teacher, student] = [gaussian(), new SquashedGaussianAgent(new MLP([3, 8, 2], new Rng(7)), 3, torque)]
  for (const each of [teacher, student]) castParameters(each, 'float64')
  const states = tensor(Float64Array.from([1, 0, -1, 0.5, -0.5, 3]), [2, 3], float64)
  const { means, logStds } = new ControlTeacher(gaussian(), 'same').label(Float32Array.from(states.view()), 2)
  const { loss, labels, width } = controlTarget(setOf(1, Array.from(means), Array.from(logStds!)))
  const exact = teacher.distribution(states).kl(student.distribution(states)).view()
  expect(loss(rowsOf(labels, width), student.actor.forward(states)).item()).toBeCloseTo((exact[0]! + exact[1]!) / 2, 5)
})
