import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prepareTarget, type TargetName } from '../../src/distill/targets.ts'
import { trainStudent } from '../../src/distill/train-student.ts'
import { type StateWeighting, stateWeightings, stateWeights } from '../../src/distill/weights.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { actionScores } from '../../src/rl/discrete-policies.ts'
import { finish } from '../../src/rl/training.ts'
import { Rng, tensor, ValueError } from '../../src/tensor/index.ts'
import { formulaSet, setOf } from './targets-set.ts'

describe('stateWeights', () => {
  const set = setOf([[0], [1]], [1, 0, 5, 2, 2, 4]) // max - mean: 3, 4/3; max - min: 5, 2

  it('gap is what a random action costs, viper what the worst costs, in shares of their mean', () => {
    const [first, second] = stateWeights('gap', set)!
    expect(first! / second!).toBeCloseTo(9 / 4, 6)
    const [worstFirst, worstSecond] = stateWeights('viper', set)!
    expect(worstFirst! / worstSecond!).toBeCloseTo(5 / 2, 6)
    expect(stateWeights('none', set)).toBeUndefined()
  })

  it('confidence is the largest share of the teacher’s policy', () => {
    const two = setOf([[0], [1]], [Math.log(3), 0, 0, 0]) // softmax: 3/4 and 1/2
    const [sure, unsure] = stateWeights('confidence', two, { temperature: { kind: 'abs', value: 1 } })!
    expect(sure! / unsure!).toBeCloseTo(3 / 2, 6)
    const { actionValues, ...rest } = two
    const byLogits = stateWeights(
      'confidence',
      { ...rest, logits: actionValues! },
      { temperature: { kind: 'abs', value: 1 } },
    )!
    expect(byLogits[0]! / byLogits[1]!).toBeCloseTo(3 / 2, 6)
  })

  it('has the mean 1, is never negative, and does not see what all actions of a state share', () => {
    const sets = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(sets, fc.integer({ min: -50, max: 50 }), (values, shared) => {
        fc.pre(values[0] !== values[1])
        const rows = [[0], [1], [2], [3]]
        for (const weighting of ['gap', 'viper', 'confidence'] as const) {
          const weights = stateWeights(weighting, setOf(rows, values))!
          expect(weights.reduce((sum, w) => sum + w, 0) / 4).toBeCloseTo(1, 5)
          expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
          const moved = stateWeights(
            weighting,
            setOf(
              rows,
              values.map((v, i) => v + (i < 3 ? shared : 0)),
            ),
          )!
          for (const [i, w] of weights.entries()) expect(moved[i]).toBeCloseTo(w, 4)
        }
      }),
    )
  })

  it('refuses a name nobody knows, labels that are missing, and a teacher who does not mind', () => {
    expect(() => stateWeights('vipr' as StateWeighting, set)).toThrow(/Did you mean "viper"/)
    const { actionValues: _, ...without } = set
    expect(() => stateWeights('gap', without)).toThrow(/gave no actionValues/)
    expect(() => stateWeights('viper', setOf([[0]], [2, 2]))).toThrow(/all actions alike/)
  })
})

describe('a weighted target', () => {
  // The same observation twice, with opposite labels: the state that counts more decides.
  const torn = setOf([[1], [1]], [5, 0, 0, 1])

  it.each(['policy', 'hard', 'regret', 'teacherCritic', 'actionValues', 'mix', 'hlGaussQ', 'advantages'] as const)(
    '%s follows the state that counts more',
    (name) => {
      const target = prepareTarget(name, torn, { stateWeights: 'gap' })
      expect(target.weights![0]).toBeCloseTo(5 / 3, 5)
      const network = new MLP([1, 8, target.outputs], new Rng(1))
      const student = finish(
        trainStudent(network, torn, target, { updates: 300, learningRate: 0.02, scaleObservations: false }),
      )
      const [first, second] = actionScores(student, tensor([[1]])).toArray()
      expect(first).toBeGreaterThan(second!)
    },
  )

  it('settles on the weighted mean of the values', () => {
    const target = prepareTarget('stateValues', torn, { stateWeights: 'viper' })
    const network = new MLP([1, 8, 1], new Rng(1))
    const student = finish(
      trainStudent(network, torn, target, { updates: 1000, learningRate: 0.02, scaleObservations: false }),
    )
    expect(student.stateValues(tensor([[1]])).item()).toBeCloseTo((5 * 5 + 1 * 1) / 6, 2)
  })

  it('does not exist for rankings of a whole batch, nor for the control without a teacher', () => {
    const set = formulaSet(8)
    for (const name of ['listwise', 'literal', 'literalKeras', 'returns'] as TargetName[]) {
      for (const weighting of stateWeightings.filter((each) => each !== 'none')) {
        expect(() => prepareTarget(name, set, { stateWeights: weighting }), name).toThrow(ValueError)
        expect(() => prepareTarget(name, set, { stateWeights: weighting }), name).toThrow(/cannot be weighted/)
      }
    }
  })
})
