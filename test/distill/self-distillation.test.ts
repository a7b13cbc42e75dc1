import { describe, expect, it } from 'vitest'
import { LabelledDataset } from '../../src/distill/dataset.ts'
import { relabel } from '../../src/distill/dataset-operations.ts'
import { distill } from '../../src/distill/distill.ts'
import { fitStudent } from '../../src/distill/fit.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import { selfDistill } from '../../src/distill/self-distillation.ts'
import { labelsBy, type TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { HasParameters } from '../../src/nn/module.ts'
import { DeterministicAgent, GaussianAgent, SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import type { PolicyAgent } from '../../src/rl/discrete-policies.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { gaussianDataset } from './formula-dataset.ts'
import { pendulum, quick, someAgent, someDataset, somePendulumTeachers } from './support.ts'

const dataset = someDataset({ labels: 60 })
const observations = tensor(dataset.column('observations'), [60, 4])
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)
const short = { hidden: [8], updates: 20, seed: 4 }

/** The states of a dataset with the labels of a student. */
const relabelled = (given: LabelledDataset, student: unknown) =>
  relabel(given, labelsBy(student as TeachingAgent, given.column('observations'), given.size), 'student')

describe('self-distillation', () => {
  it('hands down what the teacher chose', () => {
    const students = selfDistill(dataset, { hidden: [16], updates: 500, generations: 3 }) as PolicyAgent[]
    expect(students).toHaveLength(3)
    const taught = argmax(someAgent().actionValues(observations), 1).toArray()
    for (const student of students) {
      const learned = argmax(student.logits(observations), 1).toArray()
      expect(learned.filter((action, i) => action === taught[i]).length).toBeGreaterThan(54)
    }
  })

  it('begins with a student of the teacher; each later one learns from the one before', () => {
    const [first, second] = selfDistill(dataset, { ...short, generations: 2 })
    const fitted = (given: LabelledDataset, seed: number) => {
      const network = new MLP([4, 8, 2], new Rng(seed))
      return finish(fitStudent(network, given, prepareObjective('policy', given), { updates: 20, seed }))
    }
    expect(bytesOf(first)).toEqual(bytesOf(fitted(dataset, 4)))
    expect(bytesOf(second)).toEqual(bytesOf(fitted(relabelled(dataset, first), 5)))
    expect(bytesOf(second)).not.toEqual(bytesOf(fitted(dataset, 5)))
  })

  it('hands down state values and action values as well', () => {
    const students = selfDistill(dataset, { ...short, target: 'value-mse', updates: 400 })
    const values = students[2]!.stateValues(observations).toArray()
    const errors = values.map((v, i) => Math.abs(v - dataset.column('stateValues')[i]!))
    expect(Math.max(...errors)).toBeLessThan(0.2)
    expect(selfDistill(dataset, { ...short, target: 'q-softmax' })).toHaveLength(3)
  })

  it.each([
    ['like that of SAC', true, SquashedGaussianAgent],
    ['like that of PPO', false, GaussianAgent],
  ])('hands down a Gaussian policy: %s', (_, squashed, Kind) => {
    const given = gaussianDataset(60, squashed)
    const students = selfDistill(given, { hidden: [32], updates: 1500, generations: 2 })
    for (const student of students) {
      expect(student).toBeInstanceOf(Kind)
      const { mean, logStd } = labelsBy(student, given.column('observations'), 60)
      const error = (values: Float32Array, labels: Float32Array) =>
        values.reduce((sum, each, i) => sum + Math.abs(each - labels[i]!), 0) / values.length
      expect(error(mean!, given.column('mean'))).toBeLessThan(0.1)
      expect(error(logStd!, given.column('logStd'))).toBeLessThan(0.1)
    }
  })

  it('hands down continuous actions; its students may teach together', () => {
    const given = someDataset({ env: pendulum(), teacher: somePendulumTeachers.deterministic() })
    const students = selfDistill(given, { ...short, generations: 2 })
    expect(students.every((student) => student instanceof DeterministicAgent)).toBe(true)
    const options = { ...quick, labels: 20, rounds: 1, rolloutSteps: 100 }
    const { dataset: anew } = finish(distill(pendulum(), students, options))
    expect(anew.column('mean')).toHaveLength(20)
  })

  it('asks no teacher: the states and the count of labels stay, the labels are replaced', () => {
    const [student] = selfDistill(dataset, { ...short, generations: 1 })
    const again = relabelled(dataset, student)
    expect([again.labels, again.size, again.provenance.teacher]).toEqual([60, 60, 'student'])
    expect(again.column('observations')).toEqual(dataset.column('observations'))
    expect(again.column('logits')).toEqual((student as PolicyAgent).logits(observations).toArray())
    expect([again.has('actionValues'), again.has('stateValues')]).toEqual([false, false])
  })

  it('ends before any training where students lack what they were taught', () => {
    expect(() => selfDistill(dataset, { ...short, target: 'expected-regret', updates: 1e9 })).toThrow(
      /expected-regret: learns from actionValues; the labels are .*logits/,
    )
    expect(() => selfDistill(dataset, { ...short, generations: 0 })).toThrow(ValueError)
    expect(() => selfDistill(dataset, { ...short, generation: 2 } as never)).toThrow(/Did you mean "generations"/)
    expect(() => selfDistill(new LabelledDataset(dataset.spec), short)).toThrow(/the dataset is empty/)
  })
})
