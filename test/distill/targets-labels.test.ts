// The labels that targets prepare, and what they refuse.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Box, Discrete } from '../../src/data/spaces.ts'
import { LabelledDataset, prepareObjective } from '../../src/distill/index.ts'
import { type TargetLike, targetNames } from '../../src/distill/targets/index.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { gradcheck, Rng, softmax, tensor, ValueError } from '../../src/tensor/index.ts'
import { advantageMse, softmaxOverStates, valueListNet } from '../../studies/controls.ts'
import { forAll } from '../support/property.ts'
import { controls, policyTargets, prepare } from './every-target.ts'
import { datasetOf, formulaDataset, withColumns } from './formula-dataset.ts'

const dataset = formulaDataset(80)

describe('labels by hand', () => {
  const given = datasetOf([[0], [1]], [0, 1, 1, 0], { stateValues: Float32Array.of(0, 1) })
  const labelsOf = (target: TargetLike, options: object = {}) => [...prepare(target, given, options).labels]
  const expectLabels = (got: number[], expected: number[]) => {
    expect(got).toHaveLength(expected.length)
    for (const [i, each] of expected.entries()) expect(got[i]).toBeCloseTo(each, 5)
  }

  it('of value-mse are (y - μ) / σ, here (y - ½) / ½', () => {
    expectLabels(labelsOf('value-mse'), [-1, 1])
  })

  it('of policy are Q / τ, τ in units of the mean deviation of Q over the actions, here ½', () => {
    expectLabels(labelsOf('policy'), [0, 2, 2, 0])
    expectLabels(labelsOf('policy', { temperature: { relative: 0.5 } }), [0, 4, 4, 0])
    expectLabels(labelsOf('policy', { temperature: { absolute: 0.25 } }), [0, 4, 4, 0])
  })

  it('of q-softmax are (Q - mean Q) / deviation', () => {
    expectLabels(labelsOf('q-softmax'), [-1, 1, 1, -1])
  })
})

describe('labels of vectors by hand', () => {
  const spec = { envId: 'formula', observationSize: 1, actionSpace: new Box([0, -1], [10, 1]) }
  const observations = Float32Array.of(1, 2)
  const [mean, logStd] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(-1, -2, -3, -4)]
  const objectiveOf = (columns: object, squashed = false) =>
    prepareObjective('policy', LabelledDataset.of({ ...spec, squashed }, { observations, ...columns }))

  it('are the means, then ln σ of each state; the student is of the kind of the teacher', () => {
    const gaussian = objectiveOf({ mean, logStd })
    expect([...gaussian.labels]).toEqual([1, 2, -1, -2, 3, 4, -3, -4])
    expect([gaussian.outputs, gaussian.width]).toEqual([4, 4])
    const student = (squashed: boolean) => objectiveOf({ mean, logStd }, squashed).student(new MLP([1, 4], new Rng(0)))
    expect([student(true), student(false)]).toEqual([expect.any(SquashedGaussianPolicy), expect.any(GaussianPolicy)])
  })

  it('are the actions alone, in [-1, 1], of a teacher or of play', () => {
    const actions = [5, 1, 10, -0.5]
    const [taught, played] = [objectiveOf({ mean, actions }), objectiveOf({ actions })]
    expect([[...taught.labels], [...played.labels]]).toEqual([
      [1, 2, 3, 4],
      [0, 1, 1, -0.5],
    ])
    expect([played.outputs, played.width, played.metrics]).toEqual([2, 2, {}])
    expect(played.student(new MLP([1, 2], new Rng(0)))).toBeInstanceOf(DeterministicPolicy)
  })
})

describe('labels of successors by hand', () => {
  it('are r + γ V, r + γ μ and γ σ over τ; terminations count neither in μ nor in σ', () => {
    const given = LabelledDataset.of(
      { envId: 'formula', observationSize: 1, actionSpace: new Discrete(2) },
      {
        ...{ observations: Float32Array.of(0, 1), successors: Float32Array.of(1, 2, 3, 4) },
        ...{ successorRewards: Float32Array.of(1, 0, 2, 0), successorDiscounts: Float32Array.of(0.5, 0.5, 0, 0.5) },
        successorValues: Float32Array.of(2, 4, 99, 6),
      },
    )
    // μ = 4, σ² = 8/3. Scores 2 and 2, 2 and 3.
    const { labels, metrics, width, inputs } = prepare('value-successors', given, { temperature: { absolute: 0.5 } })
    const sigma = Math.sqrt(8 / 3)
    const expected = [4, 4, 6, 4, sigma, sigma, 4, 6, 4, 4, 0, sigma]
    expect(labels).toHaveLength(expected.length)
    for (const [i, each] of expected.entries()) expect(labels[i]).toBeCloseTo(each, 5)
    expect([metrics.mean, metrics.temperature, width]).toEqual([4, 0.5, 6])
    expect(metrics.std).toBeCloseTo(sigma, 6)
    expect(inputs).toEqual(Float32Array.of(1, 2, 3, 4))
  })
})

describe('numbers for reports', () => {
  it('are the temperature, and jsBeta of a Jensen-Shannon divergence alone', () => {
    const of = (options: object) => prepare('policy', dataset, { temperature: { absolute: 2 }, ...options }).metrics
    expect(of({})).toEqual({ temperature: 2 })
    expect(of({ divergence: 'reverse-kl' })).toEqual({ temperature: 2 })
    expect(of({ divergence: 'jsd', jsBeta: 0.3 })).toEqual({ temperature: 2, jsBeta: 0.3 })
    expect(of({ divergence: 'hard' })).toEqual({})
  })
})

describe('labels', () => {
  it('of the control advantage-mse are without the value of the state, those of q-mse with it', () => {
    const shifted = datasetOf([[0], [1]], [1, 3, 101, 103])
    expect(Array.from(prepareObjective(advantageMse, shifted).labels)).toEqual([-1, 1, -1, 1])
    const { labels } = prepareObjective('q-mse', shifted)
    expect(labels[0]).toBeLessThan(-0.9)
    expect(labels[2]).toBeGreaterThan(0.9)
  })

  it('of reverse-kl and jsd give every action a probability of 1e-3 / actions, however sure the teacher', () => {
    for (const divergence of ['reverse-kl', 'jsd'] as const) {
      const { labels } = prepareObjective('policy', dataset, { divergence, temperature: { relative: 1e-3 } })
      const least = Math.min(...softmax(tensor(labels, [dataset.size, 3])).toArray())
      expect(least, divergence).toBeGreaterThan(0.999e-3 / 3)
      expect(least, divergence).toBeLessThan(1.001e-3 / 3)
    }
  })

  it("of a teacher with logits are its logits, for targets that learn the teacher's policy", () => {
    const logits = Float32Array.from({ length: 240 }, (_, i) => i % 3)
    const withLogits = withColumns(dataset, { actionValues: undefined, logits })
    expect(prepareObjective('policy', withLogits, { temperature: { absolute: 1 } }).labels).toEqual(logits)
    expect(() => prepareObjective('q-softmax', withLogits)).toThrow(
      'q-softmax: learns from actionValues; the labels are actions, returns, logits, stateValues',
    )
  })

  it('of behaviour cloning are the actions played where the teacher gives neither logits nor action values', () => {
    const played = withColumns(datasetOf([[0], [1], [2]], [0, 1, 1, 0, 0, 1]), { actionValues: undefined })
    const { labels } = prepareObjective('policy', played, { divergence: 'hard' })
    expect([...labels]).toEqual([1, 0, 0, 1, 1, 0]) // actions 0, 1, 0
  })
})

describe('continuous actions', () => {
  const gaussian = (logStd: number) =>
    LabelledDataset.of(
      { envId: 'formula', observationSize: 1, actionSpace: new Box([-2], [2]), squashed: true },
      { observations: Float32Array.of(0), mean: Float32Array.of(0), logStd: Float32Array.of(logStd) },
    )

  const deterministic = LabelledDataset.of(gaussian(0).spec, {
    observations: Float32Array.of(0),
    mean: Float32Array.of(0),
  })

  it('have losses with the gradients that central differences give, and none for the labels', () => {
    const numbers = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 })
    const float64 = (values: number[], shape: number[], requiresGrad = false) =>
      tensor(values, shape, { dtype: 'float64', requiresGrad })
    forAll([numbers, numbers], { numRuns: 30 }, (y, z) => {
      for (const divergence of ['forward-kl', 'reverse-kl'] as const) {
        for (const given of [gaussian(0), deterministic]) {
          const { loss, width } = prepareObjective('policy', given, { divergence })
          const [labels, outputs] = [float64(y, [4 / width, width], true), float64(z, [4 / width, width])]
          gradcheck((x) => loss(x, labels), outputs, [1])
          expect(labels.grad).toBeNull()
        }
      }
    })
  })

  it('reverse-kl throws on a teacher of almost no deviation, and names the alternative', () => {
    const reverse = () => prepareObjective('policy', gaussian(-9), { divergence: 'reverse-kl' })
    expect(reverse).toThrow(ValueError)
    expect(reverse).toThrow(/logStd is -9; reverse-kl needs at least -6.91 .*; use forward-kl/)
    expect(prepareObjective('policy', gaussian(-6.9), { divergence: 'reverse-kl' }).outputs).toBe(2)
    const { loss, labels } = prepareObjective('policy', gaussian(-9))
    expect(loss(tensor([[0, 0]]), tensor(labels, [1, 2])).item()).toBeGreaterThan(0)
  })

  it('a divergence of discrete actions throws', () => {
    for (const divergence of ['jsd', 'hard'] as const) {
      expect(() => prepareObjective('policy', gaussian(0), { divergence })).toThrow(/use forward-kl or reverse-kl/)
    }
  })
})

describe('bad input', () => {
  it.each([...targetNames, ...controls.map((each) => each.name)])('labels that are NaN, for %s', (name) => {
    const target = controls.find((each) => each.name === name) ?? (name as TargetLike)
    const broken = formulaDataset(80)
    for (const column of ['returns', 'stateValues'] as const) broken.column(column)[4] = Number.NaN
    broken.column('actionValues')[14] = Number.NaN
    expect(() => prepare(target as TargetLike, broken)).toThrow(ValueError)
    expect(() => prepare(target as TargetLike, broken)).toThrow(/is NaN in state 4; expected finite numbers/)
  })

  it('a temperature that is not positive, for every target that has one', () => {
    const soft = [...policyTargets, ['q-softmax', {}], [valueListNet, {}]] as const
    for (const [target, options] of soft) {
      for (const tau of [0, -1, Number.NaN, Infinity]) {
        for (const temperature of [{ absolute: tau }, { relative: tau }]) {
          expect(() => prepare(target, dataset, { ...options, temperature })).toThrow(ValueError)
          expect(() => prepare(target, dataset, { ...options, temperature })).toThrow(/temperature is/)
        }
      }
    }
  })

  it('a ranking of a single state', () => {
    const single = datasetOf([[1, 2, 3]], [1, 2, 3])
    expect(() => prepare(softmaxOverStates as TargetLike, single)).toThrow(/at least 2 labels, given 1/)
    expect(prepare(valueListNet, single).minBatch).toBe(2) // fitStudent throws
  })

  it.each([
    ['policy', { jsBeta: -0.1 }, 'jsBeta is -0.1; expected a number from 0 to 1'],
    ['value-successors', { valueCoef: Number.NaN }, 'valueCoef is NaN'],
    ['value-mse', { alpha: 0.5 }, 'unknown option "alpha"'],
  ] as const)('options out of range: %s %o', (target, options, message) => {
    expect(() => prepare(target, dataset, options)).toThrow(ValueError)
    expect(() => prepare(target, dataset, options)).toThrow(message)
  })

  it('an unknown target', () => {
    expect(() => prepare('value-msee' as TargetLike, dataset)).toThrow(/Did you mean "value-mse"/)
    expect(() => prepare('toString' as TargetLike, dataset)).toThrow(/unknown target/i)
  })
})
