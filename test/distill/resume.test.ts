// A distillation that is saved to a file at any report and resumed from it ends with the same bits, and pays for no label twice.

import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import { type DistillOptions, distill, type LabelledDataset } from '../../src/distill/index.ts'
import { Teacher } from '../../src/distill/teachers/teacher.ts'
import { type HasParameters, MLP, namedParameters } from '../../src/nn/index.ts'
import { type Checkpoint, type EnvLike, finish, make, makeVec, Rollout } from '../../src/rl/index.ts'
import { GaussianPolicy } from '../../src/rl/policies/continuous-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng, ValueError } from '../../src/tensor/index.ts'
import { cartPole, someAgent, someDataset, somePendulumTeachers } from './support.ts'

/** Keeps the states that it is asked about. */
class CountingTeacher extends Teacher {
  readonly asked: string[] = []

  override label(observations: Float32Array, count: number) {
    const width = observations.length / count
    for (let i = 0; i < count; i++) this.asked.push(observations.slice(i * width, (i + 1) * width).join())
    return super.label(observations, count)
  }
}

interface Task {
  readonly env: () => EnvLike
  readonly agent: TeachingPolicy
}

const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }
const tasks: Readonly<Record<string, Task>> = {
  'discrete actions': { env: () => makeVec('CartPole-v1', 2), agent: someAgent() },
  'Gaussians before tanh': { env: () => make('Pendulum-v1'), agent: somePendulumTeachers.gaussian() },
  'Gaussians in environment units': {
    env: () => makeVec('Pendulum-v1', 2),
    agent: new GaussianPolicy(new MLP([3, 8, 2], new Rng(1)), 3, bounds),
  },
  'continuous actions': { env: () => make('Pendulum-v1'), agent: somePendulumTeachers.deterministic() },
}

const rounds = {
  ...{ labels: 12, rounds: 3, rolloutSteps: 60, hidden: [6], roundUpdates: 5, updates: 7, seed: 2, choiceSteps: 40 },
} as const
const variants: Readonly<Record<string, DistillOptions>> = {
  rounds: {},
  'one round': { rounds: 1 },
  'states drawn at random': { selection: 'random' },
  warmStart: { warmStart: true },
  'the last labels alone': { aggregate: false },
  'warmStart on the last labels alone, students from the first step': {
    ...{ warmStart: true, aggregate: false, firstBeta: 0 },
  },
  'teacher and student mixed': { firstBeta: 0.8, betaDecay: 0.5 },
  'state values': { target: 'value-mse' as never },
  'a temperature to be chosen': { temperature: 'auto', rounds: 1, labels: 8 },
  'Jacobians, one student a round': { jacobians: true, roundStudents: 1, finalStudents: 2 },
}
/** Those that only discrete actions have, or teachers of values. */
const discreteAlone = ['state values', 'a temperature to be chosen']

/** Where to save, as `round`, `phase` and `update`: each student of all rounds but the last has 5 updates, of the last 7. */
const places = (options: DistillOptions) => {
  const last = (options.rounds ?? rounds.rounds) === 1 ? 0 : 2
  const all = [
    { name: 'the first labels', round: 0, update: 0 },
    { name: 'the next student', round: 0, update: options.warmStart || options.roundStudents === 1 ? 2 : 8 },
    { name: 'the first update', round: 0, update: 1 },
    { name: 'mid-round', round: Math.min(1, last), update: 3 },
    { name: 'the last update of a round', round: Math.min(1, last), update: last === 0 ? 7 : 5 },
    { name: 'the labels of the next round', round: Math.min(2, last), update: 0 },
    { name: 'the first update of the next round', round: Math.min(2, last), update: 1 },
    { name: 'the last update', round: last, update: 7 },
  ]
  // To choose a temperature takes a hundred times as long as the rest, and happens before the first update.
  return options.temperature === 'auto' ? all.slice(0, 3) : all
}

function start({ env, agent }: Task, options: DistillOptions, resume?: Checkpoint) {
  const teacher = new CountingTeacher(agent, 'counting')
  return { teacher, reports: distill(env(), teacher, { ...rounds, ...options, resume }) }
}

/** The bits of a student and of its dataset. */
function bitsOf({ student, dataset }: { student: unknown; dataset: LabelledDataset }) {
  const parameters = Object.values(namedParameters(student as HasParameters)).map((each) => each.toArray())
  return { parameters, dataset: dataset.save(), provenance: dataset.provenance }
}

const cases = Object.entries(tasks).flatMap(([task, each]) =>
  Object.entries(variants)
    .filter(([variant]) => task === 'discrete actions' || !discreteAlone.includes(variant))
    .map(([variant, options]) => [task, variant, each, options] as const),
)

describe.each(cases)('%s, %s', (_, __, task, options) => {
  it('goes on from every report as if it had not stopped, and asks no label twice', () => {
    const whole = start(task, options)
    const expected = bitsOf(finish(whole.reports))
    const asked = whole.teacher.asked
    expect(asked).toHaveLength(options.labels ?? 12)
    expect(new Set(asked).size).toBe(asked.length)
    for (const { name, round, update } of places(options)) {
      const broken = start(task, options)
      let file: Uint8Array | undefined
      for (const report of broken.reports) {
        if (report.round === round && report.update === update) file = writeCheckpoint(report.save())
        if (file !== undefined) break
      }
      expect(file, name).toBeDefined()
      const resumed = start(task, options, readCheckpoint(file!))
      expect(bitsOf(finish(resumed.reports)), name).toEqual(expected)
      // What was paid before is kept, what comes after is what would have come.
      expect([...broken.teacher.asked, ...resumed.teacher.asked], name).toEqual(asked)
      expect(broken.teacher.labels + resumed.teacher.labels, name).toBe(asked.length)
    }
  })
})

describe('a saved distillation', () => {
  const task = tasks['discrete actions']!

  it('does not change while the training goes on', () => {
    const { reports } = start(task, {})
    const first = reports.next().value as { save(): Checkpoint }
    const saved = first.save()
    const before = writeCheckpoint(saved)
    finish(reports)
    expect(writeCheckpoint(saved)).toEqual(before)
  })

  it('may be saved at every report without a change of what follows', () => {
    const { reports } = start(task, { warmStart: true })
    for (;;) {
      const next = reports.next()
      if (next.done) {
        expect(bitsOf(next.value)).toEqual(bitsOf(finish(start(task, { warmStart: true }).reports)))
        return
      }
      next.value.save()
    }
  })

  it('may have labels that exist already, or a rollout to select from', () => {
    const dataset = someDataset()
    const rng = new Rng(0)
    const settings = { steps: 60, seed: 0, gamma: 0.99, epsilon: () => 0.5, rng }
    const rollout = Rollout.play(someAgent(), cartPole(), settings)
    for (const [teacher, own] of [
      [null, { dataset }],
      [someAgent(), { rollout }],
    ] as const) {
      const run = (resume?: Checkpoint) => distill(cartPole(), teacher, { ...rounds, ...own, resume })
      const expected = bitsOf(finish(run()))
      let saved: Checkpoint | undefined
      for (const { update, save } of run()) {
        if (update === 4) saved = readCheckpoint(writeCheckpoint(save()))
      }
      expect(bitsOf(finish(run(saved)))).toEqual(expected)
    }
  })

  it('may have a network of its own', () => {
    const run = (resume?: Checkpoint) => {
      const network = new MLP([4, 5, 2], new Rng(7))
      return distill(cartPole(), someAgent(), { ...rounds, network, warmStart: true, firstBeta: 0.5, resume })
    }
    const expected = bitsOf(finish(run()))
    const broken = run()
    let step = broken.next()
    while (!step.done && !(step.value.round === 1 && step.value.update === 2)) step = broken.next()
    const saved = (step.value as { save(): Checkpoint }).save()
    expect(bitsOf(finish(run(saved)))).toEqual(expected)
  })

  it('is refused by another target, other options and another algorithm', () => {
    const saved = (start(task, {}).reports.next().value as { save(): Checkpoint }).save()
    expect(() => start(task, { target: 'q-mse' as never }, saved)).toThrow(/target = "policy", this one "q-mse"/)
    expect(() => start(task, { labels: 15 }, saved)).toThrow(/labels = 12, this one 15/)
    expect(() => start(task, { divergence: 'hard' }, saved)).toThrow(ValueError)
    expect(() => start(task, {}, { ...saved, algorithm: 'ppo' })).toThrow(/the saved training is of ppo/)
  })
})
