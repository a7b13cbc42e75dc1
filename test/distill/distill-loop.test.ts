// The loop of distill by tiny examples: what it refuses, counts, reports and saves, and how finalists are tried.

import { describe, expect, it } from 'vitest'
import { trialOf } from '../../src/distill/choice.ts'
import { type DistillOptions, type DistillReport, distill, type TeacherFunction } from '../../src/distill/index.ts'
import type { Teacher } from '../../src/distill/teachers/teacher.ts'
import { type HasParameters, namedParameters } from '../../src/nn/module.ts'
import { SyncVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { type CategoricalPolicy, type Checkpoint, finish } from '../../src/rl/index.ts'
import type { Player } from '../../src/rl/policies/policy.ts'
import { CheckpointError, ValueError } from '../../src/tensor/index.ts'
import { cartPole, constantly, corridor, someAgent, someDataset, someTeacher } from './support.ts'

const tiny = {
  ...{ labels: 6, rounds: 2, rolloutSteps: 12, hidden: [2], updates: 3, roundUpdates: 2, seed: 1, choiceSteps: 5 },
} as const
const start = (changes: object = {}, teacher: TeacherFunction | Teacher = constantly(0, 1), env = cartPole()) =>
  distill(env, teacher as never, { ...tiny, ...changes } as DistillOptions)
/** Something of each report, at the time of it. */
function seen<Value>(reports: Iterable<DistillReport>, of: (report: DistillReport) => Value): Value[] {
  const values: Value[] = []
  for (const report of reports) values.push(of(report))
  return values
}
const bitsOf = (student: unknown) =>
  Object.values(namedParameters(student as HasParameters)).map((each) => each.toArray())
const right: Player = { actBatch: (x) => new Int32Array(x.length).fill(1) }

describe('a trial', () => {
  // The end of a corridor of ten cells is nine steps to the right, at -1 each.
  it('is the mean return of the complete episodes, or of the running ones', () => {
    expect(trialOf(right, corridor(), 20, 0)).toEqual({ mean: -9, environmentSteps: 20 })
    expect(trialOf(right, corridor(), 9, 0)).toEqual({ mean: -9, environmentSteps: 9 })
    expect(trialOf(right, corridor(), 8, 0)).toEqual({ mean: -8, environmentSteps: 8 })
    expect(trialOf(right, corridor(4), 10, 0)).toEqual({ mean: -4, environmentSteps: 10 })
  })

  it('takes as many steps in each sub-environment, at least one', () => {
    const three = () =>
      new SyncVectorEnv(
        [4, 5, 60].map((limit) => corridor(limit)),
        'same-step',
      )
    expect(trialOf(right, three(), 8, 0)).toEqual({ mean: -2, environmentSteps: 6 })
    expect(trialOf(right, three(), 1, 0)).toEqual({ mean: -1, environmentSteps: 3 })
    expect(trialOf(right, three(), 15, 0)).toEqual({ mean: -4.5, environmentSteps: 15 })
    expect(trialOf(right, three(), 17, 0).environmentSteps).toBe(15)
  })
})

describe('a distillation', () => {
  it('reports the gradient steps of each student, of the round and of all rounds', () => {
    const options = { rounds: 3, roundStudents: 2, finalStudents: 2 }
    const reports = seen(start(options), ({ phase, round, rounds, update, updates, totalUpdates, cost }) =>
      [phase, round, rounds, update, updates, totalUpdates, cost.updates].join(' '),
    )
    const total = 2 * 2 * 2 + 2 * 3
    const fits = (round: number, updates: number, before: number) =>
      Array.from({ length: updates }, (_, i) => `fit ${round} 3 ${i + 1} ${updates} ${total} ${before + i + 1}`)
    expect(reports).toEqual([
      ...[`label 0 3 0 4 ${total} 0`, ...fits(0, 4, 0), `label 1 3 0 4 ${total} 4`, ...fits(1, 4, 4)],
      ...[`label 2 3 0 6 ${total} 8`, ...fits(2, 6, 8)],
    ])
  })

  it('has a student from the first gradient step on', () => {
    const [before, first] = seen(start(), ({ student }) => student())
    expect(before).toBeUndefined()
    expect(first).toMatchObject({ observationSize: 4, numActions: 2 })
  })

  it('counts the steps of final students, if there are several, and what the labels cost', () => {
    const { cost, dataset } = finish(start({ finalStudents: 3, choiceSteps: 5 }))
    expect(cost).toMatchObject({ labels: 6, updates: 2 * 2 + 3 * 3 })
    expect(cost.environmentSteps.choice).toBe(3 * 5)
    expect(cost).toBe(dataset.cost)
    expect(finish(start({ finalStudents: 1 })).cost.environmentSteps.choice).toBe(0)
    expect(dataset.provenance).toEqual({ selection: 'farthest', rounds: 2, seed: 1, teacher: 'CartPole-v1' })
  })

  it('of given labels counts on from their cost, which stays as it was', () => {
    const given = someDataset({ labels: 6, rolloutSteps: 12 })
    const before = structuredClone(given.save())
    const { cost } = finish(distill(null, null, { ...tiny, dataset: given, finalStudents: 1 }))
    expect(cost).toEqual({ ...before.cost, updates: 3 })
    expect(given.save()).toEqual(before)
    const [report] = distill(cartPole(), null, { ...tiny, dataset: given, finalStudents: 2 })
    expect(report).toMatchObject({ phase: 'fit', round: 0, rounds: 1, updates: 2 * 3, totalUpdates: 2 * 3 })
  })

  it('keeps the first of the students with the best return', () => {
    const kept = (changes: object) => bitsOf(finish(start({ rounds: 1, ...changes })).student)
    // One step gives a return of 1, whoever plays.
    expect(kept({ finalStudents: 3, choiceSteps: 1 })).toEqual(kept({ finalStudents: 1 }))
    const untrained = { rounds: 1, updates: 1, learningRate: 1e-9, choiceSteps: 60, seed: 4 }
    const returns = [1, 2, 3].map((finalStudents) => {
      const { student } = finish(start({ ...untrained, finalStudents }, someTeacher()))
      const player: Player = { actBatch: (x) => (student as CategoricalPolicy).actBatch(x) as Int32Array }
      return trialOf(player, cartPole(), 60, untrained.seed).mean
    })
    // The second is better than the first, and than the third.
    expect(returns[1]).toBeGreaterThan(returns[0]!)
    expect(returns[2]).toBe(returns[1])
  })

  it('learns from mirror images on request', () => {
    const learned = (symmetries: boolean) => finish(start({ symmetries, rounds: 1, finalStudents: 1 }, someTeacher()))
    const [both, alone] = [learned(true), learned(false)]
    expect(bitsOf(both.student)).not.toEqual(bitsOf(alone.student))
    expect([both.dataset.size, both.cost]).toEqual([6, alone.cost])
  })

  it('drops the labels of earlier rounds on request', () => {
    const sizes = (aggregate: boolean) =>
      seen(start({ aggregate }), ({ phase, dataset }) => (phase === 'label' ? [dataset.size] : [])).flat()
    expect([sizes(true), sizes(false)]).toEqual([
      [3, 6],
      [3, 3],
    ])
  })

  it('with look-aheads counts the steps of the model by their purpose', () => {
    const values: TeacherFunction = ([x]) => ({ stateValues: x! })
    const options = { target: 'value-successors', exploration: 'fixed', epsilon: 0.5, maxEpsilon: 0.5, labels: 4 }
    const run = (changes: object) =>
      finish(start({ ...options, ...changes }, values, corridor() as never)).cost.environmentSteps
    // One round of random play, at most 60 steps an episode: two successors of each of four states.
    const random = run({ rounds: 1, firstBeta: 0, epsilon: 1, finalStudents: 1, rolloutSteps: 12 })
    expect(random).toMatchObject({ laterRounds: 0, choice: 0 })
    const played = random.firstRound - 8
    expect(played).toBeGreaterThanOrEqual(12)
    const two = run({ rounds: 2, firstBeta: 0, epsilon: 1, studentEpsilon: 1, finalStudents: 1, rolloutSteps: 12 })
    expect(two.firstRound).toBe(random.firstRound - 4)
    // A student's step looks two steps ahead.
    const chosen = run({ rounds: 1, firstBeta: 0, epsilon: 1, finalStudents: 2, choiceSteps: 7, rolloutSteps: 12 })
    expect(chosen).toEqual({ ...random, choice: 2 * 7 * (1 + 2) })
  })
})

describe('a saved distillation', () => {
  const savedAt = (place: string, changes: object = {}) => {
    for (const { phase, round, update, save } of start(changes, someTeacher())) {
      if (`${phase} ${round} ${update}` === place) return structuredClone(save())
    }
    return expect.unreachable(place)
  }

  it('has the parts that the rest depends on', () => {
    const partsOf = (changes: object) => Object.keys(savedAt('label 0 0', changes).parts)
    expect(partsOf({})).toEqual(['dataset', 'students', 'counters'])
    expect(partsOf({ warmStart: true })).toEqual(['dataset', 'network', 'students', 'counters'])
    const given = someDataset({ labels: 6, rolloutSteps: 12 })
    const [report] = distill(cartPole(), null, { ...tiny, dataset: given })
    expect(Object.keys(report!.save().parts)).toEqual(['cost', 'students', 'counters'])
    const agent = someTeacher()
    const { save } = start({ jacobians: true, rounds: 2 }, agent).next().value as DistillReport
    expect(Object.keys(save().parts)).toEqual(['dataset', 'students', 'collector', 'counters'])
  })

  it('counts on: labels are not asked for again', () => {
    for (const place of ['label 0 0', 'fit 0 3', 'label 1 0', 'fit 1 2']) {
      const teacher = someTeacher()
      const { cost } = finish(start({ resume: savedAt(place) }, teacher))
      expect([cost.updates, cost.labels], place).toEqual([4 * 2 - 4 + 4 * 3, 6])
      expect(teacher.labels, place).toBe(place.includes(' 0 ') ? 3 : 0)
    }
  })

  it.each([
    ['label 0 0', {}, undefined],
    ['label 0 0', { rounds: 1 }, undefined], // ended early
    ['label 1 0', {}, undefined],
    ['label 0 0', { rounds: 3 }, 'resume is in round 0 of 2 with 3 states of 6'],
    ['label 0 0', { round: 2 }, 'resume is in round 2 of 2 with 3 states of 6'],
    ['label 0 0', { rounds: 1, round: 1 }, 'resume is in round 1 of 2'],
    ['label 0 0', { collected: 3 }, 'resume is in round 0 of 2'],
    ['label 0 0', { rounds: 1, collected: 2 }, 'resume is in round 0 of 2'],
  ])('at %s with the counters %j', (place, counters, message) => {
    const saved = savedAt(place) as { -readonly [Name in keyof Checkpoint]: Checkpoint[Name] }
    saved.parts = { ...saved.parts, counters: { ...(saved.parts.counters as object), ...counters } }
    const resumed = () => start({ resume: saved }, someTeacher())
    if (message === undefined) expect(resumed).not.toThrow()
    else expect(resumed).toThrow(CheckpointError)
    if (message !== undefined) expect(resumed).toThrow(`distill: ${message}`)
  })

  it('has no more labels than asked for', () => {
    const saved = savedAt('label 1 0') as { -readonly [Name in keyof Checkpoint]: Checkpoint[Name] }
    const dataset = saved.parts.dataset as { cost: object }
    saved.parts = { ...saved.parts, dataset: { ...dataset, cost: { ...dataset.cost, labels: 7 } } as never }
    expect(() => start({ resume: saved })).toThrow('resume is in round 1 of 2 with 6 states of 6')
  })
})

describe('bad input', () => {
  const given = someDataset({ labels: 6, rolloutSteps: 12 })

  it('no source of labels', () => {
    for (const teacher of [null, undefined]) {
      expect(() => distill(cartPole(), teacher as never, tiny)).toThrow(ValueError)
      expect(() => distill(cartPole(), teacher as never, tiny)).toThrow('no source of labels; give a teacher')
    }
    expect(() => distill(cartPole(), null, { ...tiny, dataset: given })).not.toThrow()
  })

  it('no environment where one is played', () => {
    const message = 'no environment to play; give one, or labels as dataset and finalStudents 1'
    expect(() => distill(null, someAgent(), { ...tiny, finalStudents: 1 })).toThrow(message)
    expect(() => distill(null, null, { ...tiny, dataset: given, finalStudents: 2 })).toThrow(message)
    expect(() => distill(null, null, { ...tiny, dataset: given })).not.toThrow()
    expect(() => distill({} as never, someAgent(), tiny)).toThrow(/^distill: /)
  })

  it('symmetries where there are none', () => {
    expect(() => start({ symmetries: true }, constantly(0, 1), corridor() as never)).toThrow(
      `symmetries is true, but ${corridor().id} declares no mirror symmetry; leave it out`,
    )
    expect(() => distill(null, null, { ...tiny, dataset: given, finalStudents: 1, symmetries: true })).toThrow(
      'symmetries is true, but CartPole-v1 declares no mirror symmetry',
    )
    expect(() => start({ symmetries: true })).not.toThrow()
  })

  it('no policy that could play between rounds', () => {
    const values = () => ({ stateValues: 1 })
    const random = { target: 'value-mse', exploration: 'fixed', epsilon: 1, rolloutSteps: 12 }
    expect(() => start({ ...random, rounds: 2 }, values)).toThrow(/has no "actionValues"/)
    expect(() => start({ ...random, rounds: 1 }, values)).not.toThrow()
  })

  it('labels of another environment', () => {
    expect(() => distill(corridor() as never, null, { ...tiny, dataset: given })).toThrow(
      `distill: the dataset is of CartPole-v1, the environment is ${corridor().id}`,
    )
  })
})
