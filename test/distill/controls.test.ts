// The controls of the small-data study, which are targets of its own: what they learn, and what they do not.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitStudent } from '../../src/distill/fit.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import type { TargetLike } from '../../src/distill/targets/index.ts'
import type { Objective } from '../../src/distill/targets/target.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import type { ActionValueAgent, StateValueAgent } from '../../src/rl/discrete-policies.ts'
import { finish } from '../../src/rl/training.ts'
import { checkGradient, Rng, tensor } from '../../src/tensor/index.ts'
import { monteCarloReturns, softmaxOverOneClass, softmaxOverStates } from '../../studies/controls.ts'
import { datasetOf, formulaDataset } from './formula-dataset.ts'

const dataset = formulaDataset(80)
const observations = tensor(dataset.column('observations'), [80, 3])
const column = (values: readonly number[]) => tensor(Float64Array.from(values), [values.length, 1])
const prepare = (target: TargetLike, given = dataset) => prepareObjective(target, given) as Objective<unknown>
const numbers = (n: number) => fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: n, maxLength: n })
const states = fc.integer({ min: 2, max: 6 }).chain((n) => fc.tuple(numbers(n), numbers(n)))

describe('the softmax over states, taken literally', () => {
  it('has the gradient q - p', () => {
    const { loss } = prepare(softmaxOverStates)
    fc.assert(
      fc.property(states, ([y, z]) => {
        checkGradient((x) => loss(x, column(y)), column(z), [1])
      }),
      { numRuns: 50 },
    )
  })

  it('gives values that are read as they come', () => {
    const objective = prepare(softmaxOverStates)
    const network = new MLP([3, 32, 1], new Rng(5))
    const losses = Array.from(fitStudent(network, dataset, objective, { updates: 200 }), ({ loss }) => loss)
    const student = objective.student(network) as StateValueAgent
    expect(student.stateValues(observations).toArray()).toEqual(network.forward(observations).toArray())
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
  })

  it('refuses to rank a single state', () => {
    expect(() => prepare(softmaxOverStates, datasetOf([[1, 2, 3]], [1, 2, 3]))).toThrow(/at least 2 labels/)
  })
})

describe('the softmax over one class', () => {
  it('has no loss and no gradient', () => {
    const { loss } = prepare(softmaxOverOneClass)
    fc.assert(
      fc.property(states, ([y, z]) => {
        const safe = z.map((v) => (Math.abs(v) < 1e-3 ? 1 : v))
        const leaf = tensor(Float64Array.from(safe), [z.length, 1], { requiresGrad: true })
        const value = loss(leaf, column(y))
        expect(Math.abs(value.item())).toBe(0)
        value.backward()
        for (const g of leaf.grad!.view()) expect(Math.abs(g)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('learns nothing: every bit is as it was', () => {
    const network = new MLP([3, 8, 1], new Rng(4))
    const before = saveParameters(network)
    const options = { updates: 50, standardize: false }
    const student = finish(fitStudent(network, dataset, prepare(softmaxOverOneClass), options)) as StateValueAgent
    expect(saveParameters(network)).toEqual(before)
    expect(student.stateValues(observations).toArray()).toEqual(network.forward(observations).toArray())
  })
})

describe('returns without a teacher', () => {
  it('are learned of the action played alone', () => {
    const { loss } = prepare(monteCarloReturns, datasetOf([[0], [1]], [1, 0, 0, 1]))
    const played = tensor([[0, 1, 0, 3]]) // action 1 was played and returned 3
    expect(loss(tensor([[9, 1]]), played).item()).toBe(2) // ½ (1 - 3)²
    fc.assert(
      fc.property(numbers(2), numbers(1), (z, [g]) => {
        const labels = tensor(Float64Array.of(1, 0, g!, 0), [1, 4])
        checkGradient((x) => loss(x, labels), tensor(Float64Array.from(z), [1, 2]), [1])
      }),
    )
  })

  it('tell the best action where every action was played', () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i % 2])
    const values = rows.flatMap(([x]) => [x!, 1 - x!, 0.2])
    const returns = Float32Array.from(rows, (_, i) => values[3 * i + (i % 3)]!) // of action i mod 3, which was played
    const played = datasetOf(rows, values, { returns })
    const objective = prepare(monteCarloReturns, played)
    const network = new MLP([1, 16, objective.outputs], new Rng(0))
    const student = finish(fitStudent(network, played, objective, { updates: 500 })) as ActionValueAgent
    expect([student.act(Float32Array.of(0)), student.act(Float32Array.of(1))]).toEqual([1, 0])
  })
})
