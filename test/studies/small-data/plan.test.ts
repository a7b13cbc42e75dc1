import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../src/data/options.ts'
import { distillOptions } from '../../../src/distill/options.ts'
import { targetOf } from '../../../src/distill/targets/index.ts'
import { MAIN_METHOD, studyMethod, studyMethods } from '../../../studies/small-data/methods.ts'
import {
  type Cell,
  finalSeeds,
  labelCounts,
  type PlanFilter,
  planStudy,
  studentSizes,
} from '../../../studies/small-data/plan.ts'
import { quickFilter } from '../../../studies/small-data/quick.ts'
import { namesOf } from '../../../studies/small-data/record.ts'
import { studyTasks } from '../../../studies/small-data/tasks.ts'
import { teacherRecipes } from '../../../studies/small-data/teachers/recipes.ts'
import { forAll } from '../../support/property.ts'

const cellsOf = (filter?: PlanFilter) => planStudy(filter).flatMap(({ cells }) => cells)
const textOf = (cell: Cell) => JSON.stringify(namesOf(cell))

describe('the plan', () => {
  it('has every method at 7 %, and the main one at all sizes', () => {
    const cells = cellsOf()
    const sizesOf = (name: string) =>
      new Set(cells.filter((cell) => cell.method.name === name).map(({ size }) => size.name))
    for (const { name } of studyMethods) {
      expect([...sizesOf(name)]).toEqual(name === MAIN_METHOD ? studentSizes.map((size) => size.name) : ['7'])
    }
  })

  it('has 20 seeds of 3 teachers up to 100 labels, and 10 from there on', () => {
    const runs = (labels: number) =>
      cellsOf({ tasks: ['acrobot'], methods: ['hard-iid'], labels: [labels] }).map(
        ({ teacher, seed }) => `${teacher} ${seed}`,
      )
    expect(runs(50)).toHaveLength(60)
    expect(runs(100)).toHaveLength(60)
    expect(runs(200)).toHaveLength(30)
    expect(new Set(runs(50)).size).toBe(60)
  })

  it('gives methods without a teacher one cell a seed, whatever the labels', () => {
    const cells = cellsOf({ tasks: ['acrobot'], methods: ['rl-10k'], teachers: [1], labels: [50] })
    expect(cells.map(({ labels }) => labels)).toEqual(new Array(10).fill(0))
  })

  it('crosses methods and sizes if it is to be full', () => {
    const one = { tasks: ['cartpole'], teachers: [1], seeds: [0] }
    const distilled = studyMethods.filter((method) => 'distillation' in method).length
    const others = studyMethods.length - distilled
    expect(cellsOf({ ...one, full: true })).toHaveLength(
      studentSizes.length * (distilled * labelCounts.length + others),
    )
  })

  it('is what its filters leave, each cell once', () => {
    const some = <Value>(values: readonly Value[]) =>
      fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined })
    const filters = fc.record({
      tasks: some(studyTasks.map(({ name }) => name)),
      methods: some(studyMethods.map(({ name }) => name)),
      labels: some(labelCounts),
      seeds: some([0, 3, 12]),
      teachers: some([1, 3]),
    })
    const whole = new Set(cellsOf({ seeds: finalSeeds }).map(textOf))
    forAll([filters], { numRuns: 20 }, (given) => {
      const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const cells = cellsOf(filter).map(textOf)
      expect(new Set(cells).size).toBe(cells.length)
      for (const cell of cells) expect(whole.has(cell)).toBe(true)
    })
  })

  it('says so if nothing is left', () => {
    expect(() => planStudy({ methods: ['hard-iid'], sizes: ['1'] })).toThrow(/leave no cells/)
  })

  it('has a quick form of less than 200 cells with every kind of method', () => {
    const cells = cellsOf(quickFilter)
    expect(cells.length).toBeLessThan(200)
    expect(new Set(cells.map(({ method }) => method.group))).toEqual(new Set(['policy', 'state values', 'controls']))
  })
})

describe('the methods', () => {
  it('have names of their own, known targets and options that distill accepts', () => {
    expect(new Set(studyMethods.map(({ name }) => name)).size).toBe(studyMethods.length)
    for (const method of studyMethods) {
      if (!('distillation' in method)) continue
      const { target, ...options } = method.distillation
      const table = { ...distillOptions, ...targetOf(target).options }
      expect(() => readOptions(method.name, table, options)).not.toThrow()
    }
  })

  it('are found by name, or the nearest is named', () => {
    expect(studyMethod('hard-iid').group).toBe('policy')
    expect(() => studyMethod('hard-idd')).toThrow(/hard-iid/)
  })
})

it('has a recipe for the teachers of every task', () => {
  expect(Object.keys(teacherRecipes)).toEqual(studyTasks.map(({ name }) => name))
})
