import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Box, Discrete } from '../../src/data/spaces.ts'
import { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { mirrorImages, withMirrorImages } from '../../src/distill/dataset/dataset-operations.ts'
import { noCost } from '../../src/distill/dataset/provenance.ts'
import { jacobiansBy } from '../../src/distill/teachers/jacobians.ts'
import type { MirrorSymmetry } from '../../src/rl/envs/mirror-symmetry.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { concat, mul, narrow, tensor, ValueError } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'
import { prepare } from './every-target.ts'
import { formulaDataset, gaussianDataset } from './formula-dataset.ts'
import { cartPole, contentsOf, pendulum, someAgent, someDataset, somePendulumTeachers } from './support.ts'

const discrete: MirrorSymmetry = { observationSigns: [1, -1, 1], actionPermutation: [2, 1, 0] }
const continuous: MirrorSymmetry = { observationSigns: [1, -1], actionSigns: [1, -1] }

describe('the mirror image of a dataset', () => {
  it('of discrete actions has the signs of the observations and the permutation of the actions', () => {
    const dataset = LabelledDataset.of(
      { envId: 'Somewhere-v0', observationSize: 2, actionSpace: new Discrete(3) },
      {
        observations: Float32Array.of(1, 2, -3, 4),
        actions: [0, 1],
        returns: Float32Array.of(9, 8),
        logits: Float32Array.of(1, 2, 3, 4, 5, 6),
        actionValues: Float32Array.of(10, 20, 30, 40, 50, 60),
        stateValues: Float32Array.of(7, 6),
        jacobians: Float32Array.from({ length: 12 }, (_, i) => i + 1),
      },
      { cost: { ...noCost(), labels: 5 } },
    )
    const both = withMirrorImages(dataset, { observationSigns: [1, -1], actionPermutation: [2, 1, 0] })
    expect(both.column('observations')).toEqual(Float32Array.of(1, 2, -3, 4, 1, -2, -3, -4))
    expect(both.column('actions')).toEqual(Float32Array.of(0, 1, 2, 1))
    expect(both.column('returns')).toEqual(Float32Array.of(9, 8, 9, 8))
    expect(both.column('logits')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 3, 2, 1, 6, 5, 4))
    expect(both.column('actionValues')).toEqual(Float32Array.of(10, 20, 30, 40, 50, 60, 30, 20, 10, 60, 50, 40))
    expect(both.column('stateValues')).toEqual(Float32Array.of(7, 6, 7, 6))
    expect(both.column('jacobians').slice(12)).toEqual(Float32Array.of(5, -6, 3, -4, 1, -2, 11, -12, 9, -10, 7, -8))
    expect([both.size, both.labels]).toEqual([4, 5])
    expect(both.provenance).toEqual(dataset.provenance)
    expect(dataset.size).toBe(2)
  })

  it('of continuous actions has the signs of actions and means, and the same standard deviations', () => {
    const dataset = LabelledDataset.of(
      { envId: 'Elsewhere-v0', observationSize: 1, actionSpace: new Box([-1, 0], [1, 2]), squashed: true },
      {
        observations: Float32Array.of(1, 2),
        actions: [0.5, 1, -0.25, 2],
        mean: Float32Array.of(1, 2, 3, 4),
        logStd: Float32Array.of(-1, -2, -3, -4),
      },
    )
    const images = mirrorImages(dataset, { observationSigns: [-1], actionSigns: [-1, 1] })
    expect(images.column('observations')).toEqual(Float32Array.of(-1, -2))
    expect(images.column('actions')).toEqual(Float32Array.of(-0.5, 1, 0.25, 2))
    expect(images.column('mean')).toEqual(Float32Array.of(-1, 2, -3, 4))
    expect(images.column('logStd')).toEqual(Float32Array.of(-1, -2, -3, -4))
    expect([images.squashed, images.labels]).toEqual([true, 2])
  })

  it('of what a teacher labelled takes the symmetry that the environment declares', () => {
    const gaussians = { env: pendulum(), teacher: somePendulumTeachers.gaussian() }
    for (const [dataset, { mirror }] of [
      [someDataset(), cartPole()],
      [someDataset(gaussians), pendulum()],
    ] as const) {
      const both = withMirrorImages(dataset, mirror!)
      expect([both.size, both.labels]).toEqual([2 * dataset.size, dataset.labels])
    }
  })

  it('has the Jacobians of the mirrored teacher', () => {
    const states = Float32Array.of(0.3, -0.2, 0.1, 0.5, -0.4, 0.6, 0.2, 0.1)
    const { mirror } = cartPole()
    const agent = someAgent() as TeachingPolicy
    const flipped: TeachingPolicy = {
      observationSize: 4,
      actionValues(x) {
        const values = agent.actionValues!(mul(x, -1))
        return concat([narrow(values, 1, 1, 1), narrow(values, 1, 0, 1)], 1)
      },
    }
    const dataset = LabelledDataset.of(
      { envId: 'CartPole-v1', observationSize: 4, actionSpace: new Discrete(2) },
      { observations: states, actionValues: new Float32Array(4), jacobians: jacobiansBy(agent, states, 2) },
    )
    const images = mirrorImages(dataset, mirror!)
    expect(images.column('jacobians')).toEqual(jacobiansBy(flipped, images.column('observations'), 2))
  })

  it('of a mirror image is the dataset', () => {
    forAll([fc.integer({ min: 1, max: 20 }), fc.nat(), fc.boolean()], { numRuns: 20 }, (size, seed, squashed) => {
      const cases = [
        [formulaDataset(size, seed), discrete],
        [gaussianDataset(size, squashed, seed), continuous],
      ] as const
      for (const [dataset, mirror] of cases) {
        expect(contentsOf(mirrorImages(mirrorImages(dataset, mirror), mirror))).toEqual(contentsOf(dataset))
      }
    })
  })

  it('throws on a symmetry of other sizes, and on bounds that are not symmetric', () => {
    const dataset = formulaDataset(2)
    const wrong = (mirror: MirrorSymmetry) => () => mirrorImages(dataset, mirror)
    expect(wrong(continuous)).toThrow(ValueError)
    expect(wrong(continuous)).toThrow('mirrorImages: the mirror symmetry of formula has 2 observationSigns; expected 3')
    expect(wrong({ ...discrete, actionPermutation: [1, 2, 0] })).toThrow(
      /actionPermutation Array \[1, 2, 0\]; expected 3/,
    )
    expect(wrong({ ...discrete, observationSigns: [1, 0, 1] })).toThrow('has the sign 0; expected 1 or -1')
    const gaussians = gaussianDataset(2, false)
    expect(() => mirrorImages(gaussians, { observationSigns: [1, 1] })).toThrow(/actionSigns undefined; expected 2/)
  })
})

describe('the objective of a dataset with its mirror images', () => {
  const options = [
    ['policy', { divergence: 'forward-kl' }],
    ['policy', { divergence: 'reverse-kl' }],
    ['policy', { divergence: 'jsd' }],
    ['q-softmax', {}],
    ['q-mse', {}],
  ] as const

  it.each(options)('is, for a symmetric student, that of the dataset: %s %o', (target, given) => {
    const outputs = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 12, maxLength: 12 })
    forAll([fc.nat(), outputs], { numRuns: 20 }, (seed, z) => {
      const dataset = formulaDataset(4, seed)
      const mirrored = z.map((_, i) => z[i - (i % 3) + discrete.actionPermutation![i % 3]!]!)
      const lossOf = (set: LabelledDataset, values: number[]) => {
        const { labels, loss } = prepare(target, set, given)
        const shape = [set.size, 3]
        return loss(tensor(values, shape), tensor(labels, shape))
      }
      const alone = lossOf(dataset, z).item()
      expect(lossOf(withMirrorImages(dataset, discrete), [...z, ...mirrored]).item()).toBeCloseTo(alone, 4)
    })
  })
})
