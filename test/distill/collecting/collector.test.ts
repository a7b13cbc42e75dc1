import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector } from '../../../src/distill/collecting/collector.ts'
import {
  autoRounds,
  type CollectorValues,
  collectorOptions,
  roundSizes,
} from '../../../src/distill/collecting/collector-options.ts'
import { farthestOrder } from '../../../src/distill/collecting/selection.ts'
import { LabelledDataset } from '../../../src/distill/dataset/dataset.ts'
import { type Teacher, teacherOf } from '../../../src/distill/teachers/teacher.ts'
import { fitStandardizer } from '../../../src/nn/layers/standardize.ts'
import { type Discrete, defaultsOf, makeVec, Rollout } from '../../../src/rl/index.ts'
import type { Player } from '../../../src/rl/policies/policy.ts'
import { Rng, ValueError } from '../../../src/tensor/index.ts'
import { monteCarloReturns } from '../../../studies/controls.ts'
import { forAll } from '../../support/property.ts'
import {
  cartPole,
  constantly,
  contentsOf,
  corridor,
  pendulum,
  someDataset,
  somePendulumTeachers,
  someTeacher,
  statesOf,
  ways,
} from '../support.ts'

/** Play of the untrained teacher, to select from. */
function playOf(teacher: Teacher, steps: number, seed = 0): Rollout {
  const rng = new Rng(seed)
  return Rollout.play(teacher.player(), cartPole(), { steps, seed, gamma: 0.99, epsilon: () => rng.uniform(), rng })
}

interface ByHand extends Partial<CollectorValues> {
  readonly student?: (round: number, dataset: LabelledDataset) => Player
  readonly rollout?: Rollout
  readonly env?: ReturnType<typeof cartPole>
  readonly teacher?: Teacher
}

/** All rounds, with a given player in place of the student of each. */
function collectByHand(given: ByHand): LabelledDataset {
  const { env = cartPole(), teacher = someTeacher(), rollout, ...options } = given
  const { student = () => playing(0), ...values } = options
  const defaults = { ...defaultsOf(collectorOptions), selection: 'random', rolloutSteps: 200, roundSteps: 200 } as const
  const o = { ...defaults, seed: 3, labels: 23, rounds: 5, roundStudents: 1, ...values }
  const collector = new Collector(teacher, env, o, teacher.player(), rollout)
  const { observationSize } = teacher.agent
  const dataset = new LabelledDataset({ envId: env.id, observationSize, actionSpace: env.actionSpace as Discrete })
  collector.sizes.forEach((_, round) => {
    collector.collect(round, [student(round, dataset)], dataset)
    dataset.label(teacher)
  })
  return dataset
}

/** Plays the same action in every state. */
const playing = (action: number): Player => ({ actBatch: (states) => new Int32Array(states.length / 4).fill(action) })

describe('the sizes of rounds', () => {
  it('share the labels out, the rest spread', () => {
    expect(roundSizes(50, 5, 1)).toEqual([10, 10, 10, 10, 10])
    expect(roundSizes(23, 5, 1)).toEqual([5, 4, 5, 4, 5])
    expect(roundSizes(150, 4, 2)).toEqual([10, 20, 40, 80])
  })

  it('sum to the labels, and no two of equal rounds differ by more than one', () => {
    forAll([fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 })], (labels, rounds) => {
      fc.pre(labels >= rounds)
      const sizes = roundSizes(labels, rounds, 1)
      expect(sizes.reduce((sum, size) => sum + size)).toBe(labels)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    })
  })

  it('leave no round empty', () => {
    expect(() => roundSizes(3, 5, 1)).toThrow(/3 labels in 5 rounds leave a round empty/)
    expect(() => roundSizes(20, 5, 10)).toThrow(ValueError)
  })

  it('are one per 20 labels, from 5 to 10, unless given; never more than there are labels', () => {
    expect([1, 3, 50, 100, 120, 160, 200, 5000].map(autoRounds)).toEqual([1, 3, 5, 5, 6, 8, 10, 10])
  })
})

describe.each(Object.entries(ways))('%s', (_, way) => {
  it('labels exactly as many states as asked, each once, and counts them', () => {
    forAll([fc.integer({ min: 5, max: 60 }), fc.integer({ min: 0, max: 1000 })], { numRuns: 8 }, (labels, seed) => {
      const teacher = someTeacher(labels)
      const dataset = someDataset({ ...way, teacher, labels, seed, rolloutSteps: 100 })
      expect([dataset.labels, dataset.size, teacher.labels]).toEqual([labels, labels, labels])
      expect(new Set(statesOf(dataset)).size).toBe(labels)
      expect(dataset.environmentSteps).toBeGreaterThanOrEqual(labels)
    })
  })

  it('is a function of its seed', () => {
    const of = (seed: number) => contentsOf(someDataset({ ...way, seed }))
    expect(of(5)).toEqual(of(5))
    expect(of(5).columns.observations).not.toEqual(of(6).columns.observations)
  })

  it('gives a dataset to learn from, with the environment’s name and sizes', () => {
    const dataset = someDataset(way)
    dataset.requireUsable('test')
    dataset.requireTask('test', cartPole())
    const { selection = 'random', rounds = 1 } = way
    expect(dataset.provenance).toEqual({ selection, rounds, seed: 3, teacher: 'untrained' })
  })
})

describe('a collection', () => {
  it('keeps all outputs of the teacher, with V = max Q, and the returns that were seen', () => {
    const dataset = someDataset({ selection: 'sequential', exploration: 'fixed', labels: 6, gamma: 0.5 })
    for (let i = 0; i < dataset.size; i++) {
      const row = dataset.column('actionValues').subarray(2 * i, 2 * i + 2)
      expect(dataset.column('stateValues')[i]).toBe(Math.max(...row))
      expect(dataset.column('returns')[i]).toBeGreaterThanOrEqual(1) // at least the reward of its own step
      expect(dataset.column('returns')[i]).toBeLessThanOrEqual(2) // 1 + ½ + ¼ + …
    }
    expect(dataset.has('logits')).toBe(false)
  })

  it('plays the teacher greedily but for epsilon', () => {
    const dataset = someDataset({ exploration: 'fixed', epsilon: 0, labels: 100 })
    for (let i = 0; i < dataset.size; i++) {
      const [left, right] = dataset.column('actionValues').subarray(2 * i, 2 * i + 2)
      expect(dataset.column('actions')[i]).toBe(right! > left! ? 1 : 0)
    }
  })

  it('gives each episode its own share of random actions unless exploration is fixed', () => {
    const greedyShare = (options: object) => {
      const dataset = someDataset({ labels: 190, ...options })
      const values = dataset.column('actionValues')
      const isGreedy = Array.from(dataset.column('actions'), (action, i) => {
        return action === (values[2 * i + 1]! > values[2 * i]! ? 1 : 0)
      })
      return isGreedy.filter((each) => each).length / dataset.size
    }
    expect(greedyShare({ exploration: 'fixed', epsilon: 0.05 })).toBeGreaterThan(0.93)
    expect(greedyShare({ exploration: 'per-episode', epsilon: 0 })).toBeLessThan(0.9)
    expect(greedyShare({ exploration: 'fixed', epsilon: 1 })).toBeLessThan(0.65)
  })

  it.each(Object.entries(ways).filter(([, { selection }]) => selection !== 'box'))(
    'labels no state twice where there are few and play returns to them all the time: %s',
    (_, way) => {
      forAll([fc.integer({ min: 5, max: 9 }), fc.integer({ min: 0, max: 1000 })], { numRuns: 8 }, (labels, seed) => {
        const teacher = teacherOf(([x]) => ({ logits: [0, x! + 1] }), corridor(), labels)
        const dataset = someDataset({
          ...{ epsilon: 0.5, studentEpsilon: 0.5, ...way, teacher, env: corridor(), labels, seed, rolloutSteps: 500 },
        })
        const different = new Set(dataset.column('observations')).size
        expect([different, dataset.size, teacher.labels]).toEqual([labels, labels, labels])
      })
    },
  )

  it('of a box has no actions and returns, so returns cannot be learned from it', () => {
    const dataset = someDataset({ selection: 'box' })
    expect([dataset.has('actions'), dataset.has('returns')]).toEqual([false, false])
    expect(() => someDataset({ selection: 'box', target: monteCarloReturns as never })).toThrow(
      /monte-carlo-returns: learns from returns; the labels are actionValues, stateValues/,
    )
  })

  it('selects the farthest of 5 candidates unless told otherwise', () => {
    const of = (options: object) => statesOf(someDataset({ selection: 'farthest', ...options }))
    expect(of({})).toEqual(of({ candidates: 5 }))
    expect(of({})).not.toEqual(of({ candidates: 2 }))
  })

  it('selects many datasets from one rollout: nothing more is played, and another seed selects others', () => {
    const rollout = playOf(someTeacher(), 200, 8)
    const notAllowed = () => {
      throw new Error('nothing may be played')
    }
    const env = Object.assign(cartPole(), { step: notAllowed, reset: notAllowed })
    const of = (seed: number, selection: 'random' | 'sequential') =>
      someDataset({ env, rollout, labels: 50, seed, selection })
    expect(contentsOf(of(1, 'random'))).toEqual(contentsOf(of(1, 'random')))
    expect(of(1, 'random').environmentSteps).toBe(rollout.environmentSteps)
    expect(statesOf(of(1, 'random'))).not.toEqual(statesOf(of(2, 'random')))
    expect(statesOf(of(1, 'sequential'))).toEqual(Array.from({ length: 50 }, (_, i) => rollout.observation(i).join()))
  })

  it.each([
    ['SAC', somePendulumTeachers.gaussian, ['mean', 'logStd']],
    ['TD3', somePendulumTeachers.deterministic, ['mean']],
  ] as const)('has the same ways for continuous actions: a teacher like that of %s', (_, make, kinds) => {
    for (const way of Object.values(ways)) {
      const teacher = teacherOf(make(), pendulum(), 20)
      const options = { ...way, teacher, env: makeVec('Pendulum-v1', 2), labels: 20 }
      const dataset = someDataset(options)
      expect([dataset.labels, dataset.size, teacher.labels]).toEqual([20, 20, 20])
      expect(new Set(statesOf(dataset)).size).toBe(20)
      expect(teacher.kinds).toEqual(kinds)
      for (const kind of kinds) expect(dataset.column(kind).length).toBe(20)
      if (dataset.isPlayed) expect(dataset.column('actions').every((action) => Math.abs(action) <= 2)).toBe(true)
    }
  })
})

describe('the first states of the teacher’s play', () => {
  const first = (labels: number) =>
    someDataset({
      ...{ teacher: constantly(0, 1), env: corridor(30), labels, seed: 0 },
      ...{ selection: 'sequential', exploration: 'fixed', epsilon: 0.5 },
    })

  it('are all different, however often play returns to some', () => {
    const dataset = first(9)
    expect(new Set(dataset.column('observations')).size).toBe(9)
    expect(dataset.environmentSteps).toBeGreaterThan(9)
    expect(statesOf(first(4))).toEqual(statesOf(dataset).slice(0, 4))
  })

  it('are not looked for without end where there are fewer', () => {
    expect(() => first(30)).toThrow(/(9|10) new states in \d{3} steps of play; expected 30/)
  })
})

describe('rounds', () => {
  it('begin with what one round of as many labels is', () => {
    for (const selection of ['random', 'farthest'] as const) {
      const one = someDataset({ selection, labels: 5 })
      expect(statesOf(someDataset({ selection, rounds: 5, labels: 23 })).slice(0, 5)).toEqual(statesOf(one))
    }
  })

  it('play a student of all labels so far', () => {
    const seen: number[][] = []
    const student = (_: number, { size, labels }: LabelledDataset) => {
      seen.push([size, labels])
      return playing(0)
    }
    const dataset = collectByHand({ rounds: 4, student })
    expect(seen).toEqual([0, 6, 12, 17].map((size) => [size, size]))
    expect(dataset.environmentSteps).toBeGreaterThanOrEqual(4 * 200)
  })

  it('keep what the student did where it went: its actions, but for the random ones', () => {
    for (const action of [0, 1]) {
      const dataset = collectByHand({ student: () => playing(action), studentEpsilon: 0, rounds: 2, labels: 20 })
      expect(new Set(dataset.column('actions').slice(10))).toEqual(new Set([action]))
    }
    const random = collectByHand({ student: () => playing(1), studentEpsilon: 1 })
    expect(new Set(random.column('actions').slice(6))).toEqual(new Set([0, 1]))
  })

  it('meet other states in each round and with each seed, though the same student plays', () => {
    const rollout = playOf(someTeacher(), 100)
    const student = () => someTeacher(1, 7).player()
    const later = (seed: number) =>
      collectByHand({ rollout, seed, student, rounds: 3, labels: 30 }).column('observations')
    expect(later(1)).toEqual(later(1))
    expect(later(1).slice(40)).not.toEqual(later(2).slice(40))
    const env = cartPole()
    const seeds: number[] = []
    const reset = env.reset.bind(env)
    const noted: typeof env.reset = (options) => {
      if (options?.seed !== undefined) seeds.push(options.seed)
      return reset(options)
    }
    Object.assign(env, { reset: noted })
    collectByHand({ env, labels: 40, seed: 1, rollout, student, rounds: 4, roundSteps: 50 })
    expect([seeds.length, new Set(seeds).size]).toEqual([3, 3])
    const starts = (seed: number) => new Set(later(seed).slice(40))
    expect([...starts(1)].filter((x) => starts(2).has(x))).toEqual([])
  })

  it('fill up from the teacher’s play where a student meets nothing new', () => {
    // A corridor of ten cells, and students that stay at its left end: after the first round they meet one state again and again.
    const env = corridor(30)
    const right = (limit: number) => teacherOf(constantly(0, 1), env, limit)
    const left = { actBatch: (states: Float32Array) => new Int32Array(states.length) }
    const options = { env, labels: 8, rounds: 4, studentEpsilon: 0, seed: 0, student: () => left, rolloutSteps: 100 }
    const dataset = collectByHand({ ...options, teacher: right(8) })
    expect(new Set(dataset.column('observations')).size).toBe(8)
    expect(() => collectByHand({ ...options, teacher: right(12), labels: 12 })).toThrow(
      /new states in 100 steps of play/,
    )
  })

  it('select what lies apart from all that is labelled, by the scale of the first rollout', () => {
    const teacher = someTeacher()
    const rollout = playOf(teacher, 100)
    const student = someTeacher(1, 7).player()
    const [seed, roundSteps, candidates] = [4, 150, 6]
    const options = { labels: 30, rounds: 2, studentEpsilon: 0.2, gamma: 0.99, selection: 'farthest' } as const
    const dataset = collectByHand({ ...options, seed, candidates, rollout, roundSteps, student: () => student })
    // The second round again, by hand.
    const rng = new Rng(seed).split().split()
    const settings = { steps: roundSteps, seed: rng.integer(2 ** 32), gamma: 0.99, epsilon: () => 0.2, rng }
    const met = Rollout.play(student, cartPole(), settings)
    const standardizer = fitStandardizer((row) => rollout.observation(row), rollout.size, 4)
    const labelled = dataset.column('observations').slice(0, 60)
    const order = farthestOrder(met, labelled, 15, candidates, standardizer, rng)
    const states = Array.from(new Set(order), (index) => met.observation(index).join())
    expect(statesOf(dataset).slice(15)).toEqual(states.slice(0, 15))
  })

  describe('mix teacher and student', () => {
    // The teacher pushes right, the student left.
    const teacher = () => teacherOf(constantly(0, 1), cartPole())
    const shares = (options: ByHand) => {
      const dataset = collectByHand({
        ...{ teacher: teacher(), labels: 400, rounds: 2, rolloutSteps: 2000, roundSteps: 2000 },
        ...{ exploration: 'fixed' as const, epsilon: 0, studentEpsilon: 0, student: () => playing(0), ...options },
      })
      const right = (actions: Float32Array) => actions.reduce((sum, action) => sum + action, 0) / actions.length
      return [dataset.column('actions').slice(0, 200), dataset.column('actions').slice(200)].map(right)
    }

    it('the teacher alone in the first round, the student alone later: DAgger with β = 1, 0, 0, …', () => {
      // The first 200 are the teacher's. Before there is a student, the untrained one plays: here the teacher.
      expect(shares({})).toEqual([1, 0])
    })

    it('the teacher with probability β per step, which decays by round', () => {
      const [first, second] = shares({ betaDecay: 0.5 })
      expect(first).toBe(1)
      expect(Math.abs(second! - 0.5)).toBeLessThan(0.1)
      const [, third] = shares({ firstBeta: 0.5, betaDecay: 0.5 })
      expect(Math.abs(third! - 0.25)).toBeLessThan(0.1)
    })

    it('one coin per sub-environment for all numbers of a vector action', () => {
      const env = makeVec('Pendulum-v1', 3)
      const mean = teacherOf(() => ({ action: [1] }), env)
      const o: CollectorValues = {
        ...{
          ...defaultsOf(collectorOptions),
          selection: 'random',
          rolloutSteps: 200,
          roundSteps: 600,
          roundStudents: 1,
        },
        ...{ exploration: 'fixed', epsilon: 0, studentEpsilon: 0, labels: 400, rounds: 2, betaDecay: 0.5, seed: 1 },
      }
      const student = { actBatch: (states: Float32Array) => new Float32Array(states.length / 3).fill(-1) }
      const collector = new Collector(mean, env, o, student)
      const dataset = new LabelledDataset({ envId: env.id, observationSize: 3, actionSpace: env.actionSpace as never })
      for (const round of [0, 1]) collector.collect(round, [student], dataset)
      const actions = dataset.column('actions').slice(200)
      expect(new Set(actions)).toEqual(new Set([-1, 1]))
      expect(Math.abs(actions.reduce((sum, x) => sum + x, 0) / 200)).toBeLessThan(0.2)
    })
  })
})

describe('bad input', () => {
  it.each([
    [{ labels: 0 }, /distill: labels is 0; expected a whole number from 1/],
    [{ labels: 1.5 }, /labels is 1.5/],
    [{ labels: 101, rolloutSteps: 100 }, /101 labels in round 0 from 100 states; make rolloutSteps larger/],
    [{ epsilon: 2 }, /epsilon is 2/],
    [{ gamma: Number.NaN }, /gamma is NaN/],
    [{ rolloutSteps: 0, selection: 'box' as const }, /rolloutSteps is 0/],
    [{ selection: 'randon' as 'random' }, /selection is "randon"; expected one of farthest, errors, random/],
    [{ rounds: 0 }, /rounds is 0; expected a whole number from 1 on, or auto/],
    [{ growth: -1, rounds: 5 }, /growth is -1/],
    [{ labels: 4, rounds: 5 }, /4 labels in 5 rounds leave a round empty/],
    [{ exploration: 'random' as 'fixed' }, /exploration is "random"/],
    [{ studentEpsilon: 1.5 }, /studentEpsilon is 1.5/],
    [{ firstBeta: 1.5 }, /firstBeta is 1.5/],
    [{ betaDecay: -1 }, /betaDecay is -1/],
    [{ candidates: 0 }, /candidates is 0; expected a whole number from 1/],
    [{ candidates: 1.5 }, /candidates is 1.5/],
    [{ candidates: Number.NaN }, /candidates is NaN/],
    [{ candidates: 3 }, /candidates is 3, but selection is random; leave it out, or use errors or farthest/],
    [{ candidates: 3, selection: 'sequential' as const }, /candidates is 3, but selection is sequential/],
    [{ candidates: 3, selection: 'box' as const }, /candidates is 3, but selection is box/],
    [
      { candidates: 201, selection: 'farthest' as const },
      /201 candidates in round 0 from 200 states; make rolloutSteps larger/,
    ],
    [{ roundSteps: 3, rounds: 5 }, /8 labels in round 1 from 3 states; make roundSteps larger/],
    [{ selection: 'box' as const, rounds: 2 }, /selection is box in 2 rounds.*use rounds 1/],
  ])('%j', (options, message) => {
    expect(() => someDataset(options)).toThrow(ValueError)
    expect(() => someDataset(options)).toThrow(message)
  })

  it.each([
    [{}, /new states in .* of play; expected 12 for round 0. Use a larger rolloutSteps, or exploration fixed/],
    [{ selection: 'sequential' as const }, /for round 0. Use another selection, or exploration fixed/],
    [
      { selection: 'sequential' as const, rounds: 2 },
      /for round 1. Use another selection, or a larger roundSteps or stu/,
    ],
  ])('more labels than there are states, with what helps: %j', (options, message) => {
    const few = { env: corridor(), teacher: constantly(0, 1), labels: 12 }
    expect(() => someDataset({ ...few, ...options })).toThrow(message)
  })

  it('more labels than the teacher may give', () => {
    expect(() => someDataset({ teacher: someTeacher(10), labels: 11 })).toThrow(
      /11 more states after 0; .* may label 10/,
    )
  })

  it('a rollout too small, or of another environment', () => {
    const rollout = playOf(someTeacher(), 20)
    expect(() => someDataset({ rollout, labels: 21 })).toThrow(/21 labels in round 0 from 20 states/)
    const elsewhere = Rollout.ofStates('Acrobot-v1', 6, new Float32Array(120), 20)
    expect(() => someDataset({ rollout: elsewhere, labels: 5 })).toThrow(
      /the rollout is of Acrobot-v1 with 6 numbers per state, not of CartPole-v1 with 4/,
    )
  })

  it('a teacher that cannot play', () => {
    const critic = () => ({ stateValues: 1 })
    expect(() => someDataset({ teacher: critic, target: 'value-mse' as never, labels: 5 })).toThrow(
      /"CartPole-v1" gives stateValues, so it cannot choose actions/,
    )
    const random = { exploration: 'fixed', epsilon: 1, target: 'value-mse' as never, labels: 5 } as const
    expect(someDataset({ teacher: critic, ...random }).size).toBe(5)
    expect(someTeacher().kinds).toEqual(['actionValues', 'stateValues'])
  })
})
