import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  autoRounds,
  Collector,
  type CollectorValues,
  collectorOptions,
  playTeacher,
  roundSizes,
} from '../../src/distill/collector.ts'
import { LabelledDataset } from '../../src/distill/dataset.ts'
import { distill } from '../../src/distill/distill.ts'
import { functionTeacher } from '../../src/distill/function-teacher.ts'
import { farthestOrder } from '../../src/distill/selection.ts'
import { policyTarget } from '../../src/distill/targets/policy.ts'
import type { Target } from '../../src/distill/targets/target.ts'
import { playerOf, type TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { fitStandardizer } from '../../src/nn/standardize.ts'
import type { DiscreteAgent } from '../../src/rl/discrete-policies.ts'
import { defaultsOf } from '../../src/rl/options.ts'
import { Rollout } from '../../src/rl/rollout.ts'
import { Discrete } from '../../src/rl/spaces.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import {
  type Changes,
  cartPole,
  constantly,
  contentsOf,
  corridor,
  quick,
  someAgent,
  someDataset,
  someTeacher,
  statesOf,
  ways,
} from './support.ts'

interface Seen {
  readonly size: number
  readonly states: readonly string[]
  readonly actionValues: Float32Array
}

/** A target whose students are all `student`; notes the datasets that they learn from. */
function studentsAre(student: TeachingAgent, seen: Seen[] = []): Target {
  return {
    ...(policyTarget as Target),
    prepare(dataset, options) {
      if (dataset.provenance.selection !== 'given') {
        const actionValues = dataset.column('actionValues').slice()
        seen.push({ size: dataset.size, states: statesOf(dataset), actionValues })
      }
      return { ...(policyTarget as Target).prepare(dataset, options), student: () => student }
    },
  }
}

const always = (action: number, observationSize = 4) =>
  functionTeacher(constantly(1 - action, action), new Discrete(2), new Float32Array(observationSize))

/** 23 labels in rounds, from students that are the given one. */
const inRounds = (student: TeachingAgent, changes: Changes = {}, seen: Seen[] = []) =>
  someDataset({ rounds: 4, labels: 23, ...changes, target: studentsAre(student, seen) } as Changes)

describe('the sizes of rounds', () => {
  it('share the labels out, the rest spread', () => {
    expect(roundSizes(50, 5, 1)).toEqual([10, 10, 10, 10, 10])
    expect(roundSizes(23, 5, 1)).toEqual([5, 4, 5, 4, 5])
    expect(roundSizes(150, 4, 2)).toEqual([10, 20, 40, 80])
  })

  it('sum to the labels, and no two of equal rounds differ by more than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 }), (labels, rounds) => {
        fc.pre(labels >= rounds)
        const sizes = roundSizes(labels, rounds, 1)
        expect(sizes.reduce((sum, size) => sum + size)).toBe(labels)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('leave no round empty', () => {
    expect(() => roundSizes(3, 5, 1)).toThrow(/3 labels in 5 rounds leave a round empty/)
    expect(() => roundSizes(20, 5, 10)).toThrow(ValueError)
  })
})

describe('auto', () => {
  it('is a round per 20 labels, from 5 to 10, and never more rounds than labels', () => {
    expect([1, 3, 20, 100, 140, 200, 5000].map(autoRounds)).toEqual([1, 3, 5, 5, 7, 10, 10])
    const options = { ...quick, labels: 140, rolloutSteps: 200 }
    expect(distill(cartPole(), someTeacher(), options).next().value).toMatchObject({ round: 0, rounds: 7 })
  })

  it('of roundUpdates is as many as updates', () => {
    const updatesOf = (changes: object) => {
      const updates = new Map<number, number>()
      const options = { hidden: [4], labels: 9, rounds: 3, rolloutSteps: 100, updates: 5, ...changes }
      for (const report of distill(cartPole(), someTeacher(), options)) {
        if (report.phase === 'fit') updates.set(report.round, report.update)
        expect(report.updates).toBe(report.round === 2 ? 5 : 'roundUpdates' in changes ? 3 : 5)
      }
      return [...updates.values()]
    }
    expect(updatesOf({})).toEqual([5, 5, 5])
    expect(updatesOf({ roundUpdates: 3 })).toEqual([3, 3, 5])
  })

  it('of roundSteps is as many as rolloutSteps', () => {
    const contents = (changes: Changes) => contentsOf(someDataset({ rounds: 3, rolloutSteps: 150, ...changes }))
    expect(contents({})).toEqual(contents({ roundSteps: 150 }))
    expect(contents({}).environmentSteps).toBeGreaterThanOrEqual(3 * 150)
    expect(contents({ roundSteps: 40 }).environmentSteps).toBeLessThan(3 * 150)
  })
})

describe('rounds', () => {
  const several = Object.entries(ways).filter(([, { selection }]) => selection !== 'box')

  it.each(several)('begin with that of a single round, bit for bit: %s', (_, way) => {
    const options = { ...quick, ...{ selection: 'random', rolloutSteps: 200, seed: 3, updates: 0 }, ...way }
    const first = distill(cartPole(), someTeacher(), { ...options, labels: 24, rounds: 4 } as object).next().value
    const { columns, environmentSteps, size } = (first as { dataset: LabelledDataset }).dataset.save()
    const single = someDataset({ ...way, labels: 6, rounds: 1 }).save()
    expect({ columns, environmentSteps, size }).toEqual({
      columns: single.columns,
      environmentSteps: single.environmentSteps,
      size: 6,
    })
  })

  it('train a student on all labels so far before each but the first', () => {
    const seen: Seen[] = []
    const dataset = inRounds(someAgent(5), {}, seen)
    expect(seen.map(({ size }) => size)).toEqual([6, 12, 17, 23])
    for (const { size, states, actionValues } of seen) {
      expect(states).toEqual(statesOf(dataset).slice(0, size))
      expect(actionValues).toEqual(dataset.column('actionValues').slice(0, 2 * size))
    }
    expect(dataset.environmentSteps).toBeGreaterThanOrEqual(4 * 200)
  })

  it('note what the student did where it went: its actions, but for the random share', () => {
    for (const action of [0, 1]) {
      const dataset = inRounds(always(action), { studentEpsilon: 0, rounds: 2, labels: 20 })
      expect(new Set(dataset.column('actions').slice(10))).toEqual(new Set([action]))
    }
    const random = inRounds(always(1), { studentEpsilon: 1 })
    expect(new Set(random.column('actions').slice(6))).toEqual(new Set([0, 1]))
  })

  it('play the student that was trained', () => {
    // After one round of labels the student has learned to push right, whatever its first parameters do.
    const options = { studentEpsilon: 0, rounds: 2, labels: 40, hidden: [8], roundUpdates: 150 }
    const dataset = someDataset({ teacher: constantly(-5, 5), ...options })
    expect(new Set(dataset.column('actions').slice(20))).toEqual(new Set([1]))
  })

  it('meet other states each time and with each seed, though the same student plays', () => {
    const rollout = playTeacher(cartPole(), someTeacher(), { seed: 0, rolloutSteps: 100 })
    const student = someAgent(5)
    const later = (seed: number) => statesOf(inRounds(student, { rollout, seed, rounds: 3, labels: 30 })).slice(10)
    expect(later(1)).toEqual(later(1))
    expect(later(1).filter((state) => later(2).includes(state))).toEqual([])
    const env = cartPole()
    const seeds: number[] = []
    const reset = env.reset.bind(env)
    const noted: typeof env.reset = (options) => {
      if (options?.seed !== undefined) seeds.push(options.seed)
      return reset(options)
    }
    Object.assign(env, { reset: noted })
    inRounds(student, { env, rollout, seed: 1, labels: 40, roundSteps: 50 })
    expect([seeds.length, new Set(seeds).size]).toEqual([3, 3])
  })

  it('measure distances from all that is labelled, in deviations of the first rollout', () => {
    const rollout = playTeacher(cartPole(), someTeacher(), { seed: 0, rolloutSteps: 100 })
    const student = someAgent(5)
    const [seed, roundSteps, candidates] = [4, 150, 6]
    const options = { selection: 'farthest', labels: 30, rounds: 2, studentEpsilon: 0.2, candidates } as const
    const dataset = inRounds(student, { ...options, seed, rollout, roundSteps, gamma: 0.99 })
    // The second round again, by hand.
    const rng = new Rng(seed).split().split()
    const play = { steps: roundSteps, seed: rng.integer(2 ** 32), gamma: 0.99, epsilon: () => 0.2, rng }
    const met = Rollout.play(playerOf(student as TeachingAgent), cartPole(), play)
    const standardizer = fitStandardizer((row) => rollout.observation(row), rollout.size, 4)
    const labelled = dataset.column('observations').slice(0, 4 * 15)
    const order = farthestOrder(met, labelled, 15, candidates, standardizer, rng)
    const expected = Array.from(new Set(order), (index) => met.observation(index).join())
    expect(statesOf(dataset).slice(15)).toEqual(expected.slice(0, 15))
  })
})

describe('a student that meets nothing new', () => {
  // In a corridor of ten cells the teacher walks right, and the students stay at the left end.
  const greedy = { exploration: 'fixed', epsilon: 0 } as const
  const stays = {
    teacher: constantly(0, 1),
    env: corridor(30),
    studentEpsilon: 0,
    rolloutSteps: 100,
    seed: 0,
    ...greedy,
  }
  const target: Target = {
    ...(policyTarget as Target),
    prepare: (dataset, options) => ({
      ...(policyTarget as Target).prepare(dataset, options),
      student: () => always(0, 1),
    }),
  }

  it.each(['random', 'farthest'] as const)('leaves its labels to the play of the first round: %s', (selection) => {
    const sizes: number[] = []
    const options = { ...quick, ...stays, selection, labels: 8, rounds: 4, target }
    const { teacher, env, ...rest } = options
    let dataset: LabelledDataset | undefined
    for (const report of distill(env, teacher, rest)) {
      if (report.phase === 'label') sizes.push(report.dataset.size)
      dataset = report.dataset
    }
    expect(sizes).toEqual([2, 4, 6, 8])
    expect([new Set(statesOf(dataset!)).size, dataset!.labels]).toEqual([8, 8])
    // The teacher pushes right wherever it plays; the students can only have met the left end.
    const actions = [...dataset!.column('actions')]
    const byStudents = actions.flatMap((action, i) => (action === 0 ? [dataset!.observation(i)[0]] : []))
    expect([[], [0]]).toContainEqual(byStudents)
  })

  it('is refused where the first round met too few states as well', () => {
    const dataset = () => someDataset({ ...stays, rounds: 4, labels: 12, target } as Changes)
    expect(dataset).toThrow(ValueError)
    expect(dataset).toThrow(/collect: 0 new states in 100 steps of play; expected 3/)
  })
})

describe('active labelling', () => {
  const env = cartPole()
  const values: CollectorValues = {
    ...{ ...defaultsOf(collectorOptions), labels: 20, rounds: 2, selection: 'disagreement', candidates: 10, seed: 3 },
    ...{ rolloutSteps: 200, roundSteps: 200 },
  }

  it('labels the most disputed of the candidates, asking a committee after the first round', () => {
    // Members that agree where the cart is left of the middle and disagree to the right of it.
    const committee = [1, -1].map((sign) =>
      functionTeacher(
        ([x]) => ({ logits: x! > 0 ? [sign * x!, -sign * x!] : [0, 0] }),
        new Discrete(2),
        new Float32Array(4),
      ),
    ) as DiscreteAgent[]
    const teacher = someTeacher()
    const dataset = new LabelledDataset({ envId: env.id, observationSize: 4, actionSpace: new Discrete(2) })
    const student = playerOf(someAgent(5) as TeachingAgent)
    const collector = new Collector(teacher, env, values, student)
    let asked = 0
    for (const round of [0, 1]) {
      collector.collect(round, student, dataset, () => {
        asked++
        return committee
      })
      expect(asked).toBe(round)
      dataset.label(teacher)
    }
    const places = Array.from({ length: 10 }, (_, i) => dataset.observation(10 + i)[0]!)
    expect(places.every((x) => x > 0)).toBe(true)
    expect(places).toEqual([...places].sort((a, b) => b - a)) // the further right, the more disputed
  })
})

describe('bad input', () => {
  it.each([
    [{ rounds: 0 }, /rounds is 0; expected a whole number from 1 on, or auto/],
    [{ growth: -1 }, /growth is -1/],
    [{ labels: 4, rounds: 5 }, /4 labels in 5 rounds leave a round empty/],
    [{ studentEpsilon: 1.5 }, /studentEpsilon is 1.5/],
    [{ roundSteps: 3, rounds: 5 }, /4 labels in round 1 from 3 states; make roundSteps larger/],
    [{ roundSteps: 'auot' as 'auto' }, /roundSteps is "auot"; expected .* or auto/],
    [{ roundUpdates: 0 }, /roundUpdates is 0/],
  ] as [Changes, RegExp][])('%j', (options, message) => {
    const collect = () => someDataset({ labels: 23, rounds: 5, ...options })
    expect(collect).toThrow(ValueError)
    expect(collect).toThrow(message)
  })
})
