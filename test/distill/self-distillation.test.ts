import { describe, expect, it } from 'vitest'
import type { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { relabel } from '../../src/distill/dataset/dataset-operations.ts'
import { fitStudent } from '../../src/distill/fit.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import { selfDistill } from '../../src/distill/self-distillation.ts'
import { policyTarget } from '../../src/distill/targets/policy.ts'
import type { Target } from '../../src/distill/targets/target.ts'
import { labelsBy, type TeachingPolicy } from '../../src/distill/teachers/teaching-agent.ts'
import { saveParameters } from '../../src/nn/files/parameters.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import type { HasParameters } from '../../src/nn/module.ts'
import type { CategoricalPolicy } from '../../src/rl/policies/discrete-policies.ts'
import { finish } from '../../src/rl/training/training.ts'
import { argmax, Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { someAgent, someDataset } from './support.ts'

const dataset = someDataset({ labels: 60 })
const observations = tensor(dataset.column('observations'), [60, 4])
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)
const quick = { hidden: [8], updates: 20, seed: 4 }
/** Its students have no action values, from which the next generation would learn. */
const policyOfValues = { ...policyTarget, name: 'policy of values', columns: ['actionValues'] } as Target as never

const relabelled = (student: unknown, name = 'a student'): LabelledDataset =>
  relabel(dataset, labelsBy(student as TeachingPolicy, dataset.column('observations'), dataset.size), name)

describe('self-distillation', () => {
  it('hands down what the teacher chose', () => {
    const students = selfDistill(dataset, { hidden: [16], updates: 500, generations: 3 }) as CategoricalPolicy[]
    expect(students).toHaveLength(3)
    const taught = argmax(someAgent().actionValues(observations), 1).toArray()
    for (const student of students) {
      const learned = argmax(student.logits(observations), 1).toArray()
      expect(learned.filter((action, i) => action === taught[i]).length).toBeGreaterThan(54)
    }
  })

  it('begins with plain distillation, and each later student learns from the one before', () => {
    const [first, second] = selfDistill(dataset, { ...quick, generations: 2 })
    const train = (from: LabelledDataset, seed: number) => {
      const network = new MLP([4, 8, 2], new Rng(seed))
      return finish(fitStudent(network, from, prepareObjective('policy', from), { updates: 20, seed }))
    }
    expect(bytesOf(first)).toEqual(bytesOf(train(dataset, 4)))
    expect(bytesOf(second)).toEqual(bytesOf(train(relabelled(first), 5)))
    expect(bytesOf(second)).not.toEqual(bytesOf(train(dataset, 5)))
  })

  it('learns from the dataset, then from each generation in turn, which is tried first on that of the first student', () => {
    const taught: string[] = []
    const target: Target = {
      ...(policyTarget as Target),
      prepare(given, options) {
        taught.push(given.provenance.teacher)
        return (policyTarget as Target).prepare(given, options)
      },
    }
    const options = { ...quick, updates: 1, target: target as never }
    expect(selfDistill(dataset, { ...options, generations: 3 })).toHaveLength(3)
    expect(taught.splice(0)).toEqual(['untrained', 'generation 0', 'generation 0', 'generation 1'])
    selfDistill(dataset, { ...options, generations: 1 })
    expect(taught).toEqual(['untrained'])
    // A policy has no action values to hand down, but one generation need not.
    const ofValues = { ...quick, updates: 1, target: policyOfValues }
    expect(selfDistill(dataset, { ...ofValues, generations: 1 })).toHaveLength(1)
    expect(() => selfDistill(dataset, { ...ofValues, generations: 2 })).toThrow(/learns from actionValues/)
  })

  it('also hands down state values and action values', () => {
    const students = selfDistill(dataset, { ...quick, target: 'value-mse', updates: 400 })
    const stateValues = dataset.column('stateValues')
    const errors = Array.from(students[2]!.stateValues(observations).toArray(), (v, i) => Math.abs(v - stateValues[i]!))
    expect(Math.max(...errors)).toBeLessThan(0.2)
    expect(selfDistill(dataset, { ...quick, target: 'q-mse' })).toHaveLength(3)
  })

  it('asks no teacher: the states and the count of labels stay, the labels are replaced', () => {
    const [student] = selfDistill(dataset, { ...quick, generations: 1 })
    const again = relabelled(student, 'generation 0')
    again.requireUsable('test')
    expect([again.labels, again.size, again.provenance.teacher]).toEqual([60, 60, 'generation 0'])
    expect(again.column('observations')).toEqual(dataset.column('observations'))
    expect(again.column('logits')).toEqual((student as CategoricalPolicy).logits(observations).toArray())
    expect([again.has('actionValues'), again.has('stateValues')]).toEqual([false, false])
  })

  it('takes the options of its target, in every generation', () => {
    const students = (changes: object) => selfDistill(dataset, { ...quick, ...changes }).map(bytesOf)
    const cold = students({ temperature: { absolute: 0.01 } })
    expect(cold[1]).not.toEqual(students({})[1])
  })

  it('throws where students have no labels to learn from, before any training', () => {
    const forever = { ...quick, updates: 1e9 }
    expect(() => selfDistill(dataset, { ...forever, target: policyOfValues })).toThrow(
      /policy of values: learns from actionValues; the labels are actions, returns, logits/,
    )
    expect(() => selfDistill(dataset, { ...quick, generations: 0 })).toThrow(ValueError)
    const empty = someDataset({ labels: 5 })
    empty.clear()
    expect(() => selfDistill(empty, quick)).toThrow(/the dataset is empty/)
  })
})
