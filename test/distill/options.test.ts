import { describe, expect, it } from 'vitest'
import type { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { readDistillOptions, smallestDataset } from '../../src/distill/options.ts'
import { type TargetName, targetOf } from '../../src/distill/targets/index.ts'
import { ValueError } from '../../src/tensor/errors.ts'
import { datasetOf } from './formula-dataset.ts'

const given: LabelledDataset = datasetOf([[0], [1]], [0, 1, 1, 0])
const read = (values: object = {}, target: TargetName = 'policy', dataset?: LabelledDataset) =>
  readDistillOptions(targetOf(target), values, dataset)

describe('auto', () => {
  const autoOf = (...args: Parameters<typeof read>) => {
    const { rounds, roundUpdates, roundSteps, roundStudents, finalStudents } = read(...args)
    return { rounds, roundUpdates, roundSteps, roundStudents, finalStudents }
  }

  it('is a round per 20 labels, a third of the updates, the steps of the first round, 2 students and 4 at the end', () => {
    const automatic = { rounds: 10, roundUpdates: 2000, roundSteps: 700, roundStudents: 2, finalStudents: 4 }
    expect(autoOf()).toEqual(automatic)
    expect(autoOf({ labels: 120, updates: 100, rolloutSteps: 50 })).toEqual({
      ...{ rounds: 6, roundUpdates: 33, roundSteps: 50, roundStudents: 2, finalStudents: 4 },
    })
    const all = { rounds: 3, roundUpdates: 5, roundSteps: 6, roundStudents: 7, finalStudents: 8 }
    expect(autoOf(all)).toEqual(all)
  })

  it('is one final student where they cannot be compared by play', () => {
    expect(autoOf({}, 'value-mse').finalStudents).toBe(1)
    expect(autoOf({}, 'policy', given).finalStudents).toBe(1)
    expect(autoOf({ updates: 0 }).finalStudents).toBe(1)
    expect(autoOf({ updates: 1 }).finalStudents).toBe(4)
    expect(autoOf({ warmStart: true })).toMatchObject({ roundStudents: 1, finalStudents: 1 })
  })
})

describe('the temperature', () => {
  const temperatureOf = (...args: Parameters<typeof read>) => read(...args).temperature

  it('is relative: 1, or 0.5 where students select the states, unless given', () => {
    expect(temperatureOf()).toEqual({ relative: 0.5 })
    expect(temperatureOf({ rounds: 1 })).toEqual({ relative: 1 })
    expect(temperatureOf({ rounds: 2 })).toEqual({ relative: 0.5 })
    expect(temperatureOf({ temperature: { absolute: 3 } })).toEqual({ absolute: 3 })
    expect(temperatureOf({ temperature: { relative: 1 } })).toEqual({ relative: 1 })
  })

  it('is that of the rounds of given labels', () => {
    expect(temperatureOf({}, 'policy', given)).toEqual({ relative: 1 })
    const rounds = datasetOf([[0], [1]], [0, 1, 1, 0])
    rounds.provenance = { selection: 'random', rounds: 3, seed: 0, teacher: 'some' }
    expect(temperatureOf({ rounds: 1 }, 'policy', rounds)).toEqual({ relative: 0.5 })
  })

  it('is left alone where it cannot be cross-validated', () => {
    expect(temperatureOf({}, 'value-successors')).toEqual({ relative: 0.3 })
    expect(temperatureOf({}, 'value-mse')).toBeUndefined()
  })
})

describe('options that contradict each other', () => {
  it.each([
    [
      { warmStart: true, roundStudents: 2 },
      'warmStart trains one network on and on, but there are 2 roundStudents and 1',
    ],
    [{ warmStart: true, finalStudents: 3 }, 'there are 1 roundStudents and 3 finalStudents; leave them out'],
    [{ temperature: 'auto', jacobians: true }, 'temperature is auto, which holds labels out'],
    [{ temperature: 'auto', symmetries: true }, 'temperature is auto, which holds labels out'],
    [
      { jacobians: true },
      'jacobians is true, but value-mse learns no outputs of the policy; leave it out',
      'value-mse',
    ],
    [
      { evaluations: 100 },
      'evaluations is 100, but value-successors evaluates 2 successors per label; use labels alone',
      'value-successors',
    ],
    [
      { selection: 'errors' },
      'selection is errors, but students of value-successors act by a look-ahead',
      'value-successors',
    ],
    [{ finalStudents: 2 }, 'finalStudents is 2, but a student of value-mse cannot play; use 1', 'value-mse'],
  ] as const)('%j', (values, message, target: TargetName = 'policy') => {
    expect(() => read(values, target)).toThrow(ValueError)
    expect(() => read(values, target)).toThrow(message)
  })

  it('Jacobians beside given labels', () => {
    expect(() => read({ jacobians: true }, 'policy', given)).toThrow(
      'jacobians is true, but there is no play near the given labels; leave it out',
    )
  })

  it.each([
    [{ warmStart: true, roundStudents: 1, finalStudents: 1 }, 'policy'],
    [{ roundStudents: 3, finalStudents: 3 }, 'policy'],
    [{ temperature: 'auto' }, 'policy'],
    [{ jacobians: true }, 'policy'],
    [{ symmetries: true }, 'policy'],
    [{ evaluations: 100 }, 'policy'],
    [{ evaluations: Infinity }, 'value-successors'],
    [{ selection: 'errors' }, 'policy'],
    [{ selection: 'farthest' }, 'value-successors'],
    [{ finalStudents: 1 }, 'value-mse'],
    [{ finalStudents: 2 }, 'value-successors'],
  ] as const)('but not %j of %s', (values, target) => expect(() => read(values, target)).not.toThrow())

  it('an option of another target, with the name that is nearest', () => {
    expect(() => read({ divergence: 'jsd' }, 'q-mse')).toThrow(/unknown option "divergence"/)
    expect(() => read({ reseume: 1 })).toThrow(/Did you mean "resume"/)
  })
})

describe('the fewest states that a student learns from', () => {
  const smallest = (values: object, target: TargetName = 'policy') =>
    smallestDataset(targetOf(target), read(values, target))

  it('are the first round, or the smallest one where rounds are learned apart, at most a minibatch', () => {
    // Rounds of 40, 20 and 10 labels.
    const rounds = { labels: 70, rounds: 3, growth: 0.5 }
    expect(smallest(rounds)).toBe(40)
    expect(smallest({ ...rounds, batchSize: 30 })).toBe(30)
    expect(smallest({ ...rounds, aggregate: false })).toBe(10)
    expect(smallest({ ...rounds, aggregate: false, batchSize: 1 })).toBe(2)
    expect(smallest({ labels: 1, rounds: 1 })).toBe(1)
  })

  it('are all labels for values, which are learned in the last round alone', () => {
    const rounds = { labels: 70, rounds: 3, growth: 2 } // 10, 20, 40
    expect(smallest(rounds, 'value-mse')).toBe(64)
    expect(smallest({ ...rounds, batchSize: 100 }, 'value-mse')).toBe(70)
    expect(smallest({ ...rounds, aggregate: false }, 'value-mse')).toBe(40)
  })
})
