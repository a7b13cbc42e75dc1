// Continuous actions take the same path as discrete ones: which states, what a label costs, what is learned.

import { describe, expect, it } from 'vitest'
import { type DistillOptions, distill, labelsBy, prepareObjective } from '../../src/distill/index.ts'
import { teacherOf } from '../../src/distill/teachers/teacher.ts'
import { countParameters, type HasParameters, MLP, namedParameters } from '../../src/nn/index.ts'
import { fitStandardizer } from '../../src/nn/layers/standardize.ts'
import type { AnyEnv, Env } from '../../src/rl/envs/env.ts'
import { type Box, finish, GaussianActorCritic, make, ObservationWrapper } from '../../src/rl/index.ts'
import {
  type ContinuousAgent,
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { SquashedGaussian } from '../../src/rl/policies/distributions/squashed-gaussian.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng, type Tensor, tensor } from '../../src/tensor/index.ts'
import { parametersToDtype } from '../support/parameters-to-dtype.ts'
import { gaussianDataset } from './formula-dataset.ts'
import { type Changes, contentsOf, someDataset, somePendulumTeachers, statesOf } from './support.ts'

const pendulum = (): AnyEnv => make('Pendulum-v1') as AnyEnv
const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }

const teachers: Readonly<Record<string, () => ContinuousAgent>> = {
  'a Gaussian before tanh': somePendulumTeachers.gaussian,
  'a Gaussian in environment units': () =>
    new GaussianActorCritic(new MLP([3, 8, 1], new Rng(1)), new MLP([3, 1], new Rng(2)), 3, tensor([-0.5]), bounds),
  'an action alone': somePendulumTeachers.deterministic,
}
/** What a student of each becomes. */
const students = {
  'a Gaussian before tanh': SquashedGaussianPolicy,
  'a Gaussian in environment units': GaussianPolicy,
  'an action alone': DeterministicPolicy,
}

const ways: Readonly<Record<string, DistillOptions>> = {
  "the first states of the teacher's play": { selection: 'sequential', exploration: 'fixed' },
  "states drawn from the teacher's play": { exploration: 'fixed' },
  'play with a share of random actions per episode': {},
  'the farthest of several': { selection: 'farthest' },
  'a box': { selection: 'box' },
  'rounds of a student': { rounds: 3 },
}

const doubles = (values: ArrayLike<number>, width: number): Tensor =>
  tensor(Float64Array.from(values), [values.length / width, width])

describe.each(Object.entries(teachers))('collecting from %s', (_, makeTeacher) => {
  const collected = (way: DistillOptions, changes: Changes = {}) => {
    const teacher = teacherOf(makeTeacher(), pendulum(), 30)
    return { teacher, dataset: someDataset({ env: pendulum(), teacher, labels: 30, ...way, ...changes }) }
  }

  it.each(Object.entries(ways))('costs exactly the labels asked for, none twice: %s', (_, way) => {
    const { teacher, dataset } = collected(way)
    expect([teacher.labels, dataset.labels, dataset.size]).toEqual([30, 30, 30])
    expect(new Set(statesOf(dataset)).size).toBe(30)
  })

  it.each(Object.entries(ways))('keeps for each state what the teacher does there: %s', (_, way) => {
    const { teacher, dataset } = collected(way)
    const again = labelsBy(teacher.agent, dataset.column('observations'), 30)
    for (const kind of teacher.kinds) {
      // Sums over all states may be taken in another order than over those of a round.
      for (const [i, each] of dataset.column(kind).entries()) expect(each).toBeCloseTo(again[kind]![i]!, 5)
    }
    expect(dataset.has('logStd')).toBe(!(teacher.agent instanceof DeterministicPolicy))
  })

  it.each(Object.entries(ways))('is a function of its seed: %s', (_, way) => {
    const of = (seed: number) => contentsOf(collected(way, { seed }).dataset)
    expect(of(3)).toEqual(of(3))
    expect(of(4).columns.observations).not.toEqual(of(3).columns.observations)
  })
})

describe('collecting', () => {
  /** A policy that always gives 0, and Pendulum-v1 that notes the torques it gets. */
  function still() {
    const agent = somePendulumTeachers.deterministic()
    for (const each of Object.values(agent.parameters())) each.view().fill(0)
    const torques: number[] = []
    const env = pendulum()
    const step = env.step.bind(env)
    env.step = (action) => {
      torques.push((action as unknown as Float32Array)[0]!)
      return step(action)
    }
    return { teacher: agent, env, torques }
  }
  const randomShare = (torques: readonly number[]) => torques.filter((each) => each !== 0).length / torques.length

  it('plays random actions as often as told', () => {
    const { torques, ...given } = still()
    someDataset({ ...given, labels: 1, seed: 0, rolloutSteps: 2000, exploration: 'fixed', epsilon: 0.3 })
    expect(randomShare(torques)).toBeGreaterThan(0.27)
    expect(randomShare(torques)).toBeLessThan(0.33)
    // Uniform within the bounds: half of them in the outer half, half of them positive.
    const random = torques.filter((each) => each !== 0)
    expect(random.filter((each) => Math.abs(each) > 1).length / random.length).toBeCloseTo(0.5, 1)
    expect(random.filter((each) => each > 0).length / random.length).toBeCloseTo(0.5, 1)
  })

  it('gives each episode a share of its own, uniform in [0, maxEpsilon), unless it is fixed', () => {
    const { torques, ...given } = still()
    someDataset({ ...given, labels: 1, seed: 1, rolloutSteps: 8000, maxEpsilon: 0.8 })
    const shares = Array.from({ length: 40 }, (_, i) => randomShare(torques.slice(200 * i, 200 * (i + 1))))
    expect(Math.min(...shares)).toBeLessThan(0.1)
    expect(Math.max(...shares)).toBeGreaterThan(0.7)
    expect(Math.max(...shares)).toBeLessThan(0.9)
    expect(shares.reduce((sum, each) => sum + each, 0) / 40).toBeCloseTo(0.4, 0.7)
  })

  it('lets students play with the share of random actions told', () => {
    const { torques, ...given } = still()
    const options = {
      ...{ labels: 4, rounds: 2, seed: 0, rolloutSteps: 400, studentEpsilon: 0, roundUpdates: 1, roundStudents: 1 },
    }
    someDataset({ ...given, ...options })
    const [first, later] = [torques.slice(0, 400), torques.slice(400)]
    expect(new Set(first).size).toBeGreaterThan(100) // random ones
    expect(randomShare(first)).toBeLessThan(1)
    // A fresh student: smooth in the state, and no torque is drawn.
    const jumps = later.slice(1, 200).map((each, i) => Math.abs(each - later[i]!))
    expect(Math.max(...jumps)).toBeLessThan(1.5)
  })

  it('has rounds of a student of all labels so far', () => {
    const sizes: number[] = []
    const options = { labels: 10, rounds: 3, seed: 0, rolloutSteps: 20, updates: 1, roundUpdates: 1, hidden: [4] }
    for (const { phase, dataset } of distill(pendulum(), somePendulumTeachers.gaussian(), options)) {
      if (phase === 'fit') sizes.push(dataset.labels)
    }
    expect(sizes).toEqual([3, 3, 7, 7, 10, 10, 10, 10])
  })

  it('labels no state twice where play returns to few', () => {
    /** Cosine, sine and speed rounded to whole numbers: some dozens of states. */
    class Coarse extends ObservationWrapper<Float32Array, Float32Array> {
      readonly observationSpace: Box

      constructor(env: Env<Float32Array, Float32Array>) {
        super(env)
        this.observationSpace = env.observationSpace as Box
      }

      protected override observation(observation: Float32Array): Float32Array {
        return observation.map(Math.round)
      }
    }
    const env = () => new Coarse(make<Float32Array, Float32Array>('Pendulum-v1')) as unknown as AnyEnv
    for (const [name, way] of Object.entries(ways)) {
      const teacher = teacherOf(somePendulumTeachers.gaussian(), env(), 24)
      const options = { ...way, env: env(), teacher, labels: 24, epsilon: 0.5, rolloutSteps: 4000 }
      const dataset = someDataset(options)
      expect([teacher.labels, new Set(statesOf(dataset)).size], name).toEqual([24, 24])
    }
  })

  it('selects states far apart, in units of their deviation', () => {
    const nearest = (selection: 'farthest' | 'random', seed: number) => {
      const dataset = someDataset({
        ...{ env: pendulum(), teacher: somePendulumTeachers.gaussian() },
        ...{ selection, ...(selection === 'farthest' && { candidates: 8 }), seed, labels: 12 },
      })
      const { std } = fitStandardizer((row) => dataset.observation(row), 12, 3)
      const distances = Array.from({ length: 12 }, (_, a) =>
        Array.from({ length: a }, (_, b) => {
          const [x, y] = [dataset.observation(a), dataset.observation(b)]
          return Math.hypot(...[0, 1, 2].map((j) => (x[j]! - y[j]!) / std[j]!))
        }),
      ).flat()
      return Math.min(...distances)
    }
    const seeds = Array.from({ length: 10 }, (_, i) => i)
    expect(seeds.filter((seed) => nearest('farthest', seed) > nearest('random', seed)).length).toBeGreaterThanOrEqual(9)
  })
})

describe.each(Object.entries(teachers))('a student of %s', (name, makeTeacher) => {
  const options = { rounds: 1, selection: 'random', labels: 150, hidden: [32], seed: 1 } as const
  const unexplained = (student: unknown, teacher: TeachingPolicy) => {
    const fresh = someDataset({ env: pendulum(), teacher, labels: 200, seed: 9 })
    const told = labelsBy(student as TeachingPolicy, fresh.column('observations'), 200)
    return (['mean', 'logStd'] as const).map((kind) => {
      if (!fresh.has(kind)) return 0
      const labels = fresh.column(kind)
      const mean = labels.reduce((sum, each) => sum + each, 0) / 200
      const meanSquare = (values: Float32Array) => values.reduce((sum, each) => sum + each * each, 0) / 200
      const variance = meanSquare(labels.map((each) => each - mean))
      return meanSquare(labels.map((each, i) => each - told[kind]![i]!)) / Math.max(variance, 0.01) // ln σ may be constant
    })
  }

  it.each(['forward-kl', 'reverse-kl'] as const)(
    'does as the teacher in states that it was not told about, by %s',
    (divergence) => {
      const teacher = makeTeacher()
      const { student, dataset } = finish(distill(pendulum(), teacher, { ...options, divergence }))
      expect(student).toBeInstanceOf(students[name as keyof typeof students])
      expect(dataset.labels).toBe(150)
      for (const each of unexplained(student, teacher)) expect(each).toBeLessThan(0.05)
    },
  )

  it('plays as it was taught: by its mode, within the bounds', () => {
    const { student, dataset } = finish(distill(pendulum(), makeTeacher(), options))
    const agent = student as unknown as ContinuousAgent
    for (let i = 0; i < 20; i++) {
      const action = agent.act(dataset.observation(i))[0]!
      expect(Math.abs(action)).toBeLessThanOrEqual(2)
      expect(action).toBeCloseTo(makeTeacher().act(dataset.observation(i))[0]!, 0)
    }
  })

  it('is a function of its seed', () => {
    const weights = (seed: number) => {
      const { student } = finish(distill(pendulum(), makeTeacher(), { ...options, updates: 10, seed }))
      return Object.values(namedParameters(student as HasParameters)).map((each) => Array.from(each.view()))
    }
    expect(weights(1)).toEqual(weights(1))
    expect(weights(1)).not.toEqual(weights(2))
  })
})

describe('the divergence that is learned', () => {
  it('costs Δμ² / 2σ² where the deviations agree, and nothing where all does', () => {
    const { loss, labels, width } = prepareObjective('policy', gaussianDataset(1, true))
    expect(width).toBe(4)
    const same = doubles(labels, 4)
    expect(loss(same, same).item()).toBeCloseTo(0, 12)
    const moved = doubles(
      labels.map((each, i) => (i === 0 ? each + 3 : each)),
      4,
    )
    expect(loss(moved, same).item()).toBeCloseTo(9 / (2 * 0.25), 5) // σ = ½
  })

  it('has a direction: KL(teacher ‖ student) or KL(student ‖ teacher)', () => {
    // Teacher N(0, 1), student N(1, 2²), the same for both actions: ln 2 + (1 + 1) / 8 - ½, and -ln 2 + (4 + 1) / 2 - ½
    const [teacher, student] = [doubles([0, 0, 0, 0], 4), doubles([1, 1, Math.LN2, Math.LN2], 4)]
    const of = (divergence: 'forward-kl' | 'reverse-kl') =>
      prepareObjective('policy', gaussianDataset(1, true), { divergence }).loss(student, teacher).item()
    expect(of('forward-kl')).toBeCloseTo(2 * 0.443147, 5)
    expect(of('reverse-kl')).toBeCloseTo(2 * 1.306853, 5)
  })

  it('is that of the actions themselves, squashed', () => {
    const [teacher, student] = [[0.8, -1.2, -0.5, 0.1] as const, [0.3, -0.9, -0.2, -0.4] as const]
    const { loss } = prepareObjective('policy', gaussianDataset(1, true))
    const squashed = (row: readonly number[]) => {
      const mean = doubles(new Array(20_000).fill(row.slice(0, 2)).flat(), 2)
      return new SquashedGaussian(mean, tensor(Float64Array.from(row.slice(2))))
    }
    const { action, logProb } = squashed(teacher).sampleWithLogProb(new Rng(2))
    const other = squashed(student).logProb(action).view()
    const differences = Array.from(logProb.view(), (each, i) => each - other[i]!)
    const estimate = differences.reduce((sum, each) => sum + each, 0) / differences.length
    expect(loss(doubles(student, 4), doubles(teacher, 4)).item()).toBeCloseTo(estimate, 1.5)
  })

  it('of student and teacher is that of their policies', () => {
    const [teacher, student] = [1, 7].map(
      (seed) => new SquashedGaussianPolicy(new MLP([3, 8, 2], new Rng(seed)), 3, bounds),
    ) as [SquashedGaussianPolicy, SquashedGaussianPolicy]
    const dataset = someDataset({ env: pendulum(), teacher })
    const { loss, labels } = prepareObjective('policy', dataset)
    for (const each of [teacher, student]) parametersToDtype(each, 'float64')
    const states = doubles(dataset.column('observations'), 3)
    const exact = Array.from(teacher.distribution(states).kl(student.distribution(states)).view())
    const mean = exact.reduce((sum, each) => sum + each, 0) / 40
    expect(loss(student.actor.forward(states), doubles(labels, 2)).item()).toBeCloseTo(mean, 5)
  })
})

it('a student of two layers of 64 has 7 % of the parameters of a teacher of two layers of 256', () => {
  const [student, teacher] = [64, 256].map((width) => countParameters(new MLP([3, width, width, 2], new Rng(0))))
  expect(student! / teacher!).toBeCloseTo(0.0675, 3)
})
