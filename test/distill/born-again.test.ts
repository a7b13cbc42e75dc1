import { describe, expect, it } from 'vitest'
import { bornAgain, relabelled } from '../../src/distill/born-again.ts'
import { requireUsable } from '../../src/distill/labelled-set.ts'
import { prepareTarget } from '../../src/distill/targets.ts'
import { trainStudent } from '../../src/distill/train-student.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { HasParameters } from '../../src/nn/module.ts'
import type { PolicyAgent, StateValueAgent } from '../../src/rl/discrete-policies.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { someSet, someTeacher } from './support.ts'

const set = someSet({ labels: 60 })
const observations = tensor(set.observations, [60, 4])
const bytesOf = (student: unknown) => saveParameters(student as HasParameters)
const quick = { set, hidden: [8], updates: 20, seed: 4 }

describe('born-again generations', () => {
  it('hand down what the teacher chose', () => {
    const students = bornAgain({ set, hidden: [16], updates: 500, generations: 3 }) as PolicyAgent[]
    expect(students).toHaveLength(3)
    const taught = argmax(someTeacher().agent.actionValues!(observations), 1).toArray()
    for (const student of students) {
      const learned = argmax(student.logits(observations), 1).toArray()
      expect(learned.filter((action, i) => action === taught[i]).length).toBeGreaterThan(54)
    }
  })

  it('the first is plain distillation, each later one that of the one before', () => {
    const [first, second] = bornAgain({ ...quick, generations: 2 })
    const train = (from: typeof set, seed: number) => {
      const target = prepareTarget('policy', from)
      const network = new MLP([4, 8, 2], new Rng(seed))
      return finish(trainStudent(network, from, target, { updates: 20, seed }))
    }
    expect(bytesOf(first)).toEqual(bytesOf(train(set, 4)))
    expect(bytesOf(second)).toEqual(bytesOf(train(relabelled(set, first!, 'first'), 5)))
    expect(bytesOf(second)).not.toEqual(bytesOf(train(set, 5)))
  })

  it('learn state values and action values as well', () => {
    const students = bornAgain({ ...quick, target: 'stateValues', updates: 400 }) as StateValueAgent[]
    const off = students[2]!
      .stateValues(observations)
      .toArray()
      .map((v, i) => Math.abs(v - set.stateValues![i]!))
    expect(Math.max(...off)).toBeLessThan(0.2)
    expect(bornAgain({ ...quick, target: 'actionValues' })).toHaveLength(3)
  })

  it('ask no teacher: the states and their count of labels stay, what was said is replaced', () => {
    const [student] = bornAgain({ ...quick, generations: 1 })
    const again = relabelled(set, student!, 'generation 0')
    requireUsable('test', again)
    expect([again.labels, again.size, again.provenance.teacher]).toEqual([60, 60, 'generation 0'])
    expect(again.observations).toBe(set.observations)
    expect(again.logits).toEqual((student as PolicyAgent).logits(observations).toArray())
    expect([again.actionValues, again.stateValues]).toEqual([undefined, undefined])
  })

  it('end where students cannot teach what they were taught, before any training', () => {
    expect(() => bornAgain({ ...quick, target: 'regret', updates: 1e9 })).toThrow(
      /gave no actionValues; it gave logits/,
    )
    expect(() => bornAgain({ ...quick, generations: 0 })).toThrow(ValueError)
    expect(() => bornAgain({ ...quick, set: { ...set, size: 0 } })).toThrow(/labelled set is empty/)
  })
})
