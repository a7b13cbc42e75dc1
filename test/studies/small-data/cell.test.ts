import { describe, expect, it } from 'vitest'
import { MLP } from '../../../src/nn/layers/mlp.ts'
import { QPolicy } from '../../../src/rl/policies/discrete-policies.ts'
import { Rng, type Tensor, tensor } from '../../../src/tensor/index.ts'
import { CellBench, cellFingerprint, randomReturn, type StudyTeacher } from '../../../studies/small-data/cell.ts'
import { fingerprint } from '../../../studies/small-data/fingerprint.ts'
import { type StudyMethod, studyMethod, studyMethods } from '../../../studies/small-data/methods.ts'
import { type Cell, studentSizes } from '../../../studies/small-data/plan.ts'
import { studyTask } from '../../../studies/small-data/tasks.ts'
import { teacherRecipes } from '../../../studies/small-data/teachers/recipes.ts'

const task = studyTask('cartpole')
const recipe = teacherRecipes.cartpole!
const tiny = { name: 'tiny', hidden: [4] }

/** Q of pushing left and right: under the falling pole. Balances for all 500 steps. */
const balancing = Object.assign(new QPolicy(new MLP([4, 2], new Rng(0)), 4, 2), {
  actionValues(observations: Tensor): Tensor {
    const numbers = observations.view()
    const lean = (i: number) =>
      0.3 * numbers[4 * i]! + 0.5 * numbers[4 * i + 1]! + 10 * numbers[4 * i + 2]! + 2 * numbers[4 * i + 3]!
    const rows = observations.shape[0]!
    return tensor(
      Float32Array.from({ length: 2 * rows }, (_, k) => (k % 2 === 0 ? -1 : 1) * lean(k >> 1)),
      [rows, 2],
    )
  },
})
const teacher: StudyTeacher = { agent: balancing, mean: 500, gamma: 0.99, fingerprint: 'balancing' }
const bench = () => new CellBench(task, teacher, 20, recipe)
const cellOf = (method: StudyMethod, more: Partial<Cell> = {}): Cell => ({
  ...{ task, teacher: 1, method, size: tiny, labels: 20, seed: 3, ...more },
})

describe('a cell', () => {
  it('of cloning learns to balance, and says what it cost', () => {
    // A teacher of 410 and random play of 10, so that no student's score is that of another formula by chance.
    const outcome = new CellBench(task, { ...teacher, mean: 410 }, 10, recipe).run(
      cellOf(studyMethod('hard-iid'), { labels: 200 }),
    )
    expect(outcome.score).toBeCloseTo((outcome.mean - 10) / 400, 12)
    expect(outcome).toMatchObject({ randomReturn: 10, teacherReturn: 410 })
    expect(outcome.score).toBeGreaterThan(0.5)
    expect(outcome.returns).toHaveLength(100)
    expect(outcome).toMatchObject({ teacherLabels: 200, parameters: 4 * 4 + 4 + 2 * 4 + 2, updates: 1500 })
    expect(outcome.environmentSteps).toBeGreaterThanOrEqual(10_000)
  })

  it('is the same whatever ran before it', () => {
    const cell = cellOf(studyMethod('soft-iid'))
    const shared = bench()
    shared.run(cellOf(studyMethod('hard-iid'), { labels: 50 }))
    const outcome = shared.run(cell)
    expect(outcome).toEqual(bench().run(cell))
    expect(outcome).not.toEqual(shared.run({ ...cell, seed: 4 }))
  })

  it('of the first states of the teacher’s play takes hardly more steps than labels', () => {
    const { environmentSteps } = bench().run(cellOf(studyMethod('hard-contiguous')))
    expect(environmentSteps).toBeLessThanOrEqual(500)
  })

  it('without a teacher asks none', () => {
    expect(bench().run(cellOf(studyMethod('no-teacher')))).toMatchObject({ teacherLabels: 0 })
    const scratch: StudyMethod = { name: 'rl', group: 'controls', about: '', environmentSteps: 1500 }
    expect(bench().run(cellOf(scratch, { labels: 0 }))).toMatchObject({ teacherLabels: 0, environmentSteps: 1500 })
  })

  const sharedBench = bench()
  // Whether every literal is one that `distill` takes; what comes of it is for the study to say.
  it.each(studyMethods.filter((method) => 'distillation' in method).map((method) => method.name))('%s runs', (name) => {
    const outcome = sharedBench.run(cellOf(studyMethod(name), { labels: 10 }))
    expect(outcome.teacherLabels).toBe(name === 'no-teacher' ? 0 : 10)
    expect(Number.isFinite(outcome.score)).toBe(true)
  })
})

describe('the fingerprint of a cell', () => {
  const [first, second] = [studyMethod('soft-iid'), studyMethod('hard-iid')]
  const of = (cell: Cell, other = teacher) => cellFingerprint(cell, other, recipe)

  it('changes with the method, the size and the teacher, not with the words about a method', () => {
    const cell = cellOf(first)
    expect(of(cellOf({ ...first, name: 'other', about: 'other' }))).toBe(of(cell))
    expect(of(cellOf(second))).not.toBe(of(cell))
    expect(of(cellOf(first, { size: studentSizes[0]! }))).not.toBe(of(cell))
    expect(of(cell, { ...teacher, fingerprint: 'other' })).not.toBe(of(cell))
  })

  it('is FNV-1a', () => expect(fingerprint('foobar')).toBe('ac5268de'))
})

it('knows what random actions return: about 22 steps', () => {
  expect(randomReturn(task)).toBeGreaterThan(20)
  expect(randomReturn(task)).toBeLessThan(25)
})
