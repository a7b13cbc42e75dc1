// The choice among final students, and what a distillation costs.

import { describe, expect, it } from 'vitest'
import { trialOf } from '../../src/distill/choice.ts'
import { stepsOf } from '../../src/distill/dataset/provenance.ts'
import { type DistillOptions, distill, type TeacherFunction } from '../../src/distill/index.ts'
import { type Checkpoint, type DiscretePolicy, finish, make, makeVec } from '../../src/rl/index.ts'
import { cartPole, someAgent } from './support.ts'

const always = (action: number) => ({ actBatch: (x: Float32Array) => new Float32Array(x.length / 4).fill(action) })
const quick = { labels: 20, rounds: 2, rolloutSteps: 120, hidden: [6], updates: 30, roundUpdates: 10, seed: 4 } as const
const run = (options: DistillOptions = {}) => finish(distill(cartPole(), someAgent(), { ...quick, ...options }))

describe('a trial', () => {
  it('is the mean return of whole episodes within the steps', () => {
    // A pole that is always pushed to one side falls after 8 to 11 steps.
    const { mean, environmentSteps } = trialOf(always(1), make('CartPole-v1'), 100, 0)
    expect(mean).toBeGreaterThan(7)
    expect(mean).toBeLessThan(12)
    expect(environmentSteps).toBe(100)
  })

  it('is the return so far where no episode ends', () => {
    const trial = trialOf({ actBatch: () => Float32Array.of(0) }, make('Pendulum-v1'), 50, 0)
    expect(trial.mean).toBeLessThan(0)
    expect(trialOf(always(1), make('CartPole-v1'), 3, 0)).toEqual({ mean: 3, environmentSteps: 3 })
  })

  it('has the same start states for every player, and never more steps than told', () => {
    const trial = (steps: number) => trialOf(always(1), makeVec('CartPole-v1', 4), steps, 3)
    expect(trial(102).environmentSteps).toBe(100)
    expect(trial(100)).toEqual(trial(100))
  })

  it('clears the memory of a player at the end of each episode', () => {
    const remembered: number[] = []
    const actBatch = (_: Float32Array, __?: Float32Array, memory?: Float32Array) => {
      remembered.push(memory![0]!)
      memory!.fill(1)
      return Float32Array.of(1)
    }
    trialOf({ actBatch, memorySize: 1 }, make('CartPole-v1'), 100, 0)
    expect(remembered.filter((each) => each === 0).length).toBeGreaterThan(8)
  })
})

it('refuses a trial with next-step autoreset, whose steps would be miscounted', () => {
  const envs = makeVec('CartPole-v1', 2, { autoreset: 'next-step' })
  expect(() => trialOf(always(1), envs, 100, 0)).toThrow(/distill: .*next-step/)
})

describe('final students', () => {
  it('are several, of which the one with the best return is kept', () => {
    const few = { labels: 8, seed: 5 }
    // Against the way that the pole falls.
    const rule: TeacherFunction = ([, , angle, speed]) => ({ logits: [-10 * angle! - speed!, 10 * angle! + speed!] })
    const students = [1, 2, 3, 4].map((finalStudents) => {
      return finish(distill(cartPole(), rule, { ...quick, ...few, finalStudents })).student as DiscretePolicy
    })
    const returns = students.map((student) => {
      const player = { actBatch: (x: Float32Array) => student.actBatch(x) as Int32Array }
      return trialOf(player, cartPole(), 600, few.seed).mean
    })
    // The students of fewer are among those of more.
    expect(returns).toEqual([...returns].sort((a, b) => a - b))
    expect(new Set(returns).size).toBe(4)
  })

  it('cannot be several where the student cannot play, or goes on from the round before', () => {
    expect(() => run({ target: 'value-mse' as never, finalStudents: 2 })).toThrow(
      /finalStudents is 2.*cannot play.*use 1/,
    )
    expect(() => run({ warmStart: true, finalStudents: 2 })).toThrow(
      /1 roundStudents and 2 finalStudents; leave them out/,
    )
  })
})

describe('the cost', () => {
  it('counts labels, evaluations, steps by purpose and updates', () => {
    const { cost, dataset } = run({ exploration: 'fixed', epsilon: 0, studentEpsilon: 0 })
    const { firstRound, laterRounds, choice } = cost.environmentSteps
    expect(cost.labels).toBe(20)
    expect(cost.jacobians).toBe(0)
    expect(cost.teacherEvaluations).toBe(20 + firstRound) // it is asked at every step of its greedy play
    expect(firstRound).toBeGreaterThanOrEqual(120)
    expect(laterRounds).toBeGreaterThanOrEqual(120)
    expect(choice).toBe(4 * 600)
    expect(stepsOf(cost)).toBe(firstRound + laterRounds + choice)
    expect(cost.updates).toBe(2 * 10 + 4 * 30)
    expect(dataset.cost).toEqual(cost)
  })

  it('counts no teacher where all actions are random, and all students of a later round', () => {
    const { cost } = run({ exploration: 'fixed', epsilon: 1, roundStudents: 3, finalStudents: 1 })
    expect(cost.teacherEvaluations).toBe(20)
    expect(cost.updates).toBe(3 * 10 + 30)
    expect(cost.environmentSteps.choice).toBe(0)
  })

  it('counts the states in which the teacher was asked for the errors of students', () => {
    const candidates = 4
    const { cost } = run({ exploration: 'fixed', epsilon: 1, selection: 'errors', candidates })
    const asked = cost.teacherEvaluations - 20
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThanOrEqual((candidates - 1) * 10) // the ten labels of the second round; fewer where one state is drawn twice
    // Unless given, 1 + 200 / labels: 5 for 20 labels.
    const automatic = run({ exploration: 'fixed', epsilon: 1, selection: 'errors' }).cost
    expect(automatic).toEqual(run({ exploration: 'fixed', epsilon: 1, selection: 'errors', candidates: 5 }).cost)
    expect(automatic.teacherEvaluations - 20).toBeGreaterThan(asked)
  })

  it('grows from report to report', () => {
    const seen = Array.from(distill(cartPole(), someAgent(), quick), ({ cost }) => cost.updates)
    expect(seen.slice(0, 4)).toEqual([0, 1, 2, 3])
    expect(seen.at(-1)).toBe(2 * 10 + 4 * 30)
  })
})

describe('a budget', () => {
  const play = { exploration: 'fixed', epsilon: 0 } as const

  it('of evaluations is not exceeded where they also select', () => {
    for (const evaluations of [135, 140, 145, 150, 155]) {
      const { cost } = run({ ...play, selection: 'errors', rounds: 4, evaluations, labels: 40 })
      expect(cost.teacherEvaluations).toBeLessThanOrEqual(evaluations)
      expect(cost.teacherEvaluations).toBeGreaterThan(evaluations - 10) // what is left pays for no label with its candidates
    }
  })

  it('of evaluations ends the rounds when it is used', () => {
    const { cost, dataset } = run({ ...play, rounds: 4, evaluations: 140, labels: 40 })
    const played = cost.environmentSteps.firstRound
    expect(cost.teacherEvaluations).toBe(140)
    expect(dataset.labels).toBe(140 - played)
    expect(cost.environmentSteps.laterRounds).toBeLessThan(3 * 120)
    const ample = run({ ...play, rounds: 4, evaluations: 10_000, labels: 40 })
    expect(ample.dataset.labels).toBe(40)
    expect(ample.cost).toEqual(run({ ...play, rounds: 4, labels: 40 }).cost)
  })

  it('of evaluations counts a Jacobian once per action', () => {
    const { cost } = run({ ...play, rounds: 1, evaluations: 150, labels: 40, jacobians: true })
    expect(cost.jacobians).toBe(Math.floor((150 - cost.environmentSteps.firstRound) / 3))
  })

  it('that the first play uses up is refused with both numbers', () => {
    expect(() => run({ ...play, evaluations: 100 })).toThrow(/play took 1\d\d of 100 evaluations.*smaller rolloutSteps/)
  })

  it('ends with rounds whose students agree, also after a resume', () => {
    const options = { ...quick, ...play, labels: 40, rounds: 5, minDisagreement: 1 }
    const reports = [...distill(cartPole(), someAgent(), options)]
    expect(reports.at(-1)).toMatchObject({ round: 1, rounds: 2 })
    expect(run({ ...options, minDisagreement: 0 }).dataset.labels).toBe(40)
    const whole = run(options)
    for (const place of ['label', 'fit']) {
      const broken = distill(cartPole(), someAgent(), options)
      let saved: Checkpoint | undefined
      for (const { phase, round, save } of broken) {
        if (round < 1 || phase !== place) continue
        saved = save()
        break
      }
      const { dataset, cost } = run({ ...options, resume: saved })
      expect([dataset.labels, cost]).toEqual([whole.dataset.labels, whole.cost])
    }
    const refused = (more: object, env = cartPole() as never) =>
      expect(() => distill(env, someAgent(), { ...options, ...more }))
    refused({ roundStudents: 1 }).toThrow(/minDisagreement needs 2 or more roundStudents/)
  })
})
