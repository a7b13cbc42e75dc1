// Lessons of distillation that a correct implementation reproduces, with the committed teachers: coarse thresholds, two
// students each. The full figures are those of `npm run study -- small-data`.

import { describe, expect, it } from 'vitest'
import { meanOf } from '../../src/data/statistics.ts'
import { CellBench } from '../../studies/small-data/cell.ts'
import { MAIN_METHOD, studyMethod } from '../../studies/small-data/methods.ts'
import { MAIN_SIZE, studentSizes } from '../../studies/small-data/plan.ts'
import { Baselines } from '../../studies/small-data/run.ts'
import { studyTask, studyTasks } from '../../studies/small-data/tasks.ts'
import { TeacherFolder } from '../../studies/small-data/teachers/folder.ts'
import { teacherRecipes } from '../../studies/small-data/teachers/recipes.ts'

const baselines = new Baselines(new TeacherFolder('bench/teachers'))

/** Mean score of two students of 7 %: 0 is random play, 1 the teacher. */
function score(taskName: string, methodName: string, labels: number): number {
  const task = studyTask(taskName)
  const bench = () => new CellBench(task, baselines.teacher(task, 1), baselines.random(task), teacherRecipes[taskName]!)
  const method = studyMethod(methodName)
  const size = studentSizes.find(({ name }) => name === MAIN_SIZE)!
  return meanOf([0, 1].map((seed) => bench().run({ task, teacher: 1, method, size, labels, seed }).score))
}

describe('200 labels', () => {
  it.each(studyTasks.map(({ name }) => name))('are enough on %s, where the student chooses the states', (task) => {
    expect(score(task, MAIN_METHOD, 200)).toBeGreaterThan(0.93)
  })

  it.each(studyTasks.map(({ name }) => name))(
    'are more than enough on %s: a hundred are, where they lie apart',
    (task) => expect(score(task, MAIN_METHOD, 100)).toBeGreaterThan(0.93),
  )

  it('are not, in the first states of the teacher’s play: coverage beats the choice of a loss', () => {
    expect(score('pendulum', 'hard-contiguous', 200)).toBeLessThan(0.6)
  })
})

it('fifty labels teach more as soft choices than as numbers', () => {
  expect(score('pendulum', 'q-mse-iid', 50)).toBeLessThan(score('pendulum', MAIN_METHOD, 50) - 0.2)
})

it('the recipe with one output and a softmax over it learns nothing at all', () => {
  expect(Math.abs(score('cartpole', 'v-literal-keras-1', 200))).toBeLessThan(0.15)
})
