// A learner's own target: one object, given to `distill` as it is.

import { describe, expect, it } from 'vitest'
import { type DistillReport, defineTarget, distill, prepareObjective } from '../../src/distill/index.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { finish, positive, QPolicy } from '../../src/rl/index.ts'
import {
  add,
  amax,
  argmax,
  gradcheck,
  mean,
  mul,
  oneHot,
  Rng,
  sub,
  sum,
  tensor,
  ValueError,
} from '../../src/tensor/index.ts'
import { datasetOf } from './formula-dataset.ts'
import { cartPole, someAgent, someDataset } from './support.ts'

/** A large margin between the best action of the teacher and all others, as in a support vector machine. */
const margin = defineTarget({
  name: 'margin',
  about: 'the best action ahead of all others by a margin',
  options: { margin: positive(0.8, 'how far ahead') },
  columns: ['logits', 'actionValues'],
  acts: true,
  prepare(dataset, options) {
    const { numActions, observationSize, size } = dataset
    const best = argmax(tensor(dataset.scores(), [size, numActions]), 1)
    return {
      outputs: numActions,
      width: numActions,
      labels: Float32Array.from(oneHot(best, numActions).view()),
      loss(outputs, labels) {
        const rivals = add(outputs, mul(sub(1, labels), options.margin)) // z + margin, but for the best action
        return mean(sub(amax(rivals, 1), sum(mul(outputs, labels), 1)))
      },
      student: (network) => new QPolicy(network, observationSize, numActions),
      metrics: { margin: options.margin },
    }
  },
})

const quick = { labels: 40, rolloutSteps: 200, selection: 'random', hidden: [16], seed: 3 } as const

describe('a target of one’s own', () => {
  it('is given as an object, with its option beside those of distill', () => {
    const { student, dataset, metrics } = finish(
      distill(cartPole(), someAgent(), { ...quick, rounds: 1, target: margin, margin: 0.5 }),
    )
    const agent: QPolicy = student // its type is that of the target's students
    expect(metrics).toEqual({ margin: 0.5 })
    const states = tensor(dataset.column('observations'), [40, 4])
    const values = agent.actionValues(states).toArray()
    const taught = argmax(someAgent().actionValues(states), 1).toArray()
    const gaps = Array.from(taught, (best, i) => values[2 * i + best]! - values[2 * i + 1 - best]!)
    expect(gaps.filter((gap) => gap > 0.4).length).toBeGreaterThan(36)
  })

  it('plays between rounds, as it acts, and is resumed by its name', () => {
    const options = { ...quick, rounds: 3, target: margin, updates: 5 } as const
    const reports = distill(cartPole(), someAgent(), options)
    const saved = (reports.next().value as DistillReport).save()
    expect(finish(reports).dataset.size).toBe(40)
    expect(finish(distill(cartPole(), someAgent(), { ...options, resume: saved })).dataset.size).toBe(40)
    expect(() => distill(cartPole(), someAgent(), { ...options, margin: 2, resume: saved })).toThrow(
      /margin = 0.8, this one 2/,
    )
  })

  it('has a misspelt option refused, with the nearest name', () => {
    const start = (options: object) => () => distill(cartPole(), someAgent(), { ...quick, target: margin, ...options })
    expect(start({ margn: 0.5 })).toThrow(ValueError)
    expect(start({ margn: 0.5 })).toThrow(/unknown option "margn".*Did you mean "margin"/)
    expect(start({ margin: -1 })).toThrow(/margin is -1; expected a number above 0/)
    expect(start({ temperature: 'auto' })).toThrow(/unknown option "temperature"/)
    expect(() => distill(cartPole(), () => ({ stateValues: 0 }), { ...quick, target: margin })).toThrow(
      /margin: learns from logits or actionValues; the labels are/,
    )
  })

  it('has a loss like any other: 0 where the best action is ahead, 0.5 + 2 - 1 where it is behind', () => {
    const { loss, labels } = prepareObjective(margin, datasetOf([[0], [1]], [3, 1, 5, 2]), { margin: 0.5 })
    expect(Array.from(labels)).toEqual([1, 0, 1, 0])
    const best = tensor(Float64Array.from(labels), [2, 2])
    expect(loss(tensor(Float64Array.of(2, 1, 2, 1), [2, 2]), best).item()).toBe(0)
    expect(loss(tensor(Float64Array.of(2, 1, 1, 2), [2, 2]), best).item()).toBe(0.75) // (0 + 1.5) / 2
    const rng = new Rng(0)
    const z = tensor(
      Float64Array.from({ length: 4 }, () => rng.normal()),
      [2, 2],
    )
    gradcheck((x) => loss(x, best), z, [1])
  })

  it('may be prepared and fitted by hand, and its network may be one’s own', () => {
    const dataset = someDataset()
    const network = new MLP([4, 8, 2], new Rng(0))
    const { student } = finish(distill(cartPole(), null, { dataset, target: margin, network, updates: 3 }))
    expect(student.network).toBe(network)
  })
})
