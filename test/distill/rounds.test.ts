// What distill makes of rounds: who plays in each, and what the students between them learn from.

import { describe, expect, it } from 'vitest'
import { Discrete } from '../../src/data/spaces.ts'
import { distill, type LabelledDataset } from '../../src/distill/index.ts'
import { functionTeacher } from '../../src/distill/teachers/teacher-sources.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { ValueError } from '../../src/tensor/index.ts'
import {
  type Changes,
  cartPole,
  constantly,
  contentsOf,
  corridor,
  quick,
  type Seen,
  someAgent,
  someDataset,
  someTeacher,
  statesOf,
  studentsAre,
  ways,
} from './support.ts'

const always = (action: number, observationSize = 4) =>
  functionTeacher(constantly(1 - action, action), new Discrete(2), new Float32Array(observationSize))

/** 23 labels in rounds, from students that are the given one. */
const inRounds = (student: TeachingPolicy, changes: Changes = {}, seen: Seen[] = []) =>
  someDataset({ rounds: 4, labels: 23, ...changes, target: studentsAre(student, seen) as never })

describe('auto', () => {
  it('of rounds is one per 20 labels', () => {
    const options = { ...quick, labels: 140, rolloutSteps: 200 }
    expect(distill(cartPole(), someTeacher(), options).next().value).toMatchObject({ round: 0, rounds: 7 })
  })

  it('of roundUpdates is a third of updates, of roundStudents 2, of finalStudents 4', () => {
    const updatesOf = (changes: object) => {
      const updates = new Map<number, number>()
      const options = { hidden: [4], labels: 9, rounds: 3, rolloutSteps: 100, updates: 6, ...changes }
      for (const report of distill(cartPole(), someTeacher(), options)) {
        if (report.phase === 'fit') updates.set(report.round, report.update)
        expect(report.updates).toBe(report.round === 2 ? 24 : 'roundUpdates' in changes ? 6 : 4)
      }
      return [...updates.values()]
    }
    expect(updatesOf({})).toEqual([4, 4, 24])
    expect(updatesOf({ roundUpdates: 3 })).toEqual([6, 6, 24])
  })

  it('of roundSteps is as many as rolloutSteps', () => {
    const contents = (changes: Changes) => contentsOf(someDataset({ rounds: 3, rolloutSteps: 150, ...changes }))
    expect(contents({})).toEqual(contents({ roundSteps: 150 }))
    expect(contents({}).cost.environmentSteps.laterRounds).toBeGreaterThanOrEqual(2 * 150)
    expect(contents({ roundSteps: 40 }).cost.environmentSteps.laterRounds).toBeLessThan(2 * 150)
  })
})

describe('rounds', () => {
  const several = Object.entries(ways).filter(([, { selection }]) => selection !== 'box')

  it.each(several)('begin with that of a single round, bit for bit: %s', (_, way) => {
    const options = { ...quick, ...{ selection: 'random', rolloutSteps: 200, seed: 3, updates: 0 }, ...way }
    const first = distill(cartPole(), someTeacher(), { ...options, labels: 24, rounds: 4 } as object).next().value
    const { columns, cost, size } = (first as { dataset: LabelledDataset }).dataset.save()
    const single = someDataset({ ...way, labels: 6, rounds: 1 }).save()
    expect({ columns, cost, size }).toEqual({ columns: single.columns, cost: single.cost, size: 6 })
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

  it('play the student that was trained', () => {
    // After one round of labels the student has learned to push right, whatever its first parameters do.
    const options = { studentEpsilon: 0, rounds: 2, labels: 40, hidden: [8], roundUpdates: 150 }
    const dataset = someDataset({ teacher: constantly(-5, 5), ...options })
    expect(new Set(dataset.column('actions').slice(20))).toEqual(new Set([1]))
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
  it.each(['random', 'farthest'] as const)('leaves its labels to the play of the first round: %s', (selection) => {
    const sizes: number[] = []
    const options = { ...quick, ...stays, selection, labels: 8, rounds: 4, target: studentsAre(always(0, 1)) }
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
})

describe('bad input is found before any play', () => {
  const untouchable = () => {
    const still = () => {
      throw new Error('a step was played')
    }
    return Object.assign(cartPole(), { step: still, reset: still })
  }

  it.each([
    [{ rounds: 2, selection: 'box' }, /selection is box in 2 rounds; .* so use rounds 1/],
    [{ rounds: 5, labels: 4 }, /4 labels in 5 rounds leave a round empty/],
    [{ rounds: 5, roundSteps: 3 }, /8 labels in round 1 from 3 states; make roundSteps larger/],
    [{ labels: 201 }, /201 labels in round 0 from 200 states; make rolloutSteps larger/],
    [{ roundSteps: 'auot' as 'auto' }, /roundSteps is "auot"; expected a whole number from 1 on, or auto/],
    [{ roundUpdates: 0 }, /roundUpdates is 0; expected a whole number from 1 on, or auto/],
  ] as [Changes, RegExp][])('%j', (options, message) => {
    const dataset = () => someDataset({ env: untouchable(), ...options })
    expect(dataset).toThrow(ValueError)
    expect(dataset).toThrow(message)
  })

  it('a teacher that cannot play, in whichever round it would', () => {
    const agent = someAgent()
    const teacher = { observationSize: 4, numActions: 2, actionValues: agent.actionValues.bind(agent) }
    const random = { teacher, rounds: 2, exploration: 'fixed', epsilon: 1 } as const
    expect(() => someDataset({ ...random, env: untouchable(), betaDecay: 0.5 })).toThrow(/cannot choose actions/)
    expect(someDataset(random).size).toBe(40)
    expect(someDataset({ ...random, betaDecay: 0.5, studentEpsilon: 1 }).size).toBe(40)
  })

  it('state values alone, from which no student of the policy could play', () => {
    const critic = () => ({ stateValues: 1 })
    const random = {
      teacher: critic,
      rounds: 2,
      exploration: 'fixed',
      epsilon: 1,
      target: 'value-mse' as never,
    } as const
    expect(() => someDataset(random)).toThrow(/the dataset of CartPole-v1 has no "actionValues"; it has .*stateValues/)
  })
})
