// Students of torques: what a difference costs, and what is learned from few labels.

import { describe, expect, it } from 'vitest'
import { LabelledDataset } from '../../src/distill/dataset.ts'
import { distill } from '../../src/distill/distill.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import { labelsBy } from '../../src/distill/teaching-agent.ts'
import { Box } from '../../src/rl/spaces.ts'
import { finish } from '../../src/rl/training.ts'
import { tensor, ValueError } from '../../src/tensor/index.ts'
import { pendulum, someDataset, somePendulumTeachers, statesOf } from './support.ts'

const logStd = Math.log(2)
const oneState = LabelledDataset.of(
  { envId: 'formula', observationSize: 1, actionSpace: new Box([-1], [1]), squashed: true },
  { observations: Float32Array.of(0), mean: Float32Array.of(0.5), logStd: Float32Array.of(logStd) },
)

it('a Gaussian costs Δμ² / 2σ² where the deviations agree, and nothing where all does', () => {
  const { loss, labels } = prepareObjective('policy', oneState)
  const cost = (mean: number) => loss(tensor([[mean, logStd]]), tensor(labels, [1, 2])).item()
  expect(cost(0.5)).toBeCloseTo(0, 6)
  expect(cost(3.5)).toBeCloseTo(9 / 8, 5)
})

it('an action costs half the squared distance of the squashed output', () => {
  const { loss, labels } = prepareObjective(
    'policy',
    LabelledDataset.of(oneState.spec, {
      observations: oneState.column('observations'),
      mean: oneState.column('mean'),
    }),
  )
  const cost = (output: number) => loss(tensor([[output]]), tensor(labels, [1, 1])).item()
  expect(cost(0)).toBeCloseTo(0.25 / 2, 6)
  expect(cost(Math.atanh(0.5))).toBeCloseTo(0, 6)
})

describe.each(Object.entries(somePendulumTeachers))('a student of a %s policy', (_, teacherOf) => {
  const teacher = teacherOf()

  it('is of its kind, and does as it does in states that it was not told about', () => {
    const options = { labels: 150, hidden: [32], rounds: 1, updates: 2000, seed: 1 } as const
    const { student, dataset } = finish(distill(pendulum(), teacher, options))
    expect(student).toBeInstanceOf(teacher.constructor)
    expect([dataset.size, dataset.labels]).toEqual([150, 150])
    const fresh = someDataset({ env: pendulum(), teacher, labels: 100, seed: 9 })
    const told = labelsBy(student, fresh.column('observations'), 100)
    for (const kind of ['mean', 'logStd'] as const) {
      if (!fresh.has(kind)) {
        expect(told[kind]).toBeUndefined()
        continue
      }
      const wanted = fresh.column(kind)
      const mean = wanted.reduce((sum, each) => sum + each) / wanted.length
      const square = (values: Float32Array) => values.reduce((sum, each) => sum + each * each, 0)
      const error = square(wanted.map((each, i) => each - told[kind]![i]!))
      expect(error / square(wanted.map((each) => each - mean))).toBeLessThan(0.05)
    }
  })

  it.each([{ exploration: 'fixed', epsilon: 0.3 }, { selection: 'farthest' }, { rounds: 3 }] as const)(
    'learns from as many states as asked, each once, as its seed says: %j',
    (way) => {
      const some = (seed: number) => someDataset({ env: pendulum(), teacher, labels: 30, seed, ...way })
      const dataset = some(3)
      expect([dataset.labels, new Set(statesOf(dataset)).size]).toEqual([30, 30])
      expect(dataset.save()).toEqual(some(3).save())
      expect(dataset.save()).not.toEqual(some(4).save())
    },
  )

  it('is not chosen by the disagreement of students, which is one of discrete actions', () => {
    const disagreement = () => someDataset({ env: pendulum(), teacher, rounds: 3, selection: 'disagreement' })
    expect(disagreement).toThrow(ValueError)
  })
})
