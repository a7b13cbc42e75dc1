// Each loss once with numbers that can be followed on paper, beside PyTorch's figures in losses.golden.test.ts. The losses of
// distillation have theirs in distillation-losses.test.ts.

import { describe, expect, it } from 'vitest'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  gaussianNllLoss,
  huberLoss,
  klDivergence,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
} from '../../src/nn/index.ts'
import { weightedMean } from '../../src/nn/losses/reduction.ts'
import { tensor } from '../../src/tensor/index.ts'
import { f64 } from '../support/numbers.ts'

const none = { reduction: 'none' } as const
const expectTerms = (got: { toArray(): ArrayLike<number> }, expected: readonly number[]) => {
  const terms = Array.from(got.toArray())
  expect(terms).toHaveLength(expected.length)
  for (const [i, each] of expected.entries()) expect(terms[i]).toBeCloseTo(each, 6)
}

describe('numbers', () => {
  // differences 0.5 and -3
  const [prediction, target] = [f64([1.5, 1]), f64([1, 4])]

  it('mseLoss: d²', () => {
    expectTerms(mseLoss(prediction, target, none), [0.25, 9])
    expectTerms(mseLoss(prediction, target), [4.625])
    expectTerms(mseLoss(prediction, target, { reduction: 'sum' }), [9.25])
  })

  it('l1Loss: |d|', () => {
    expectTerms(l1Loss(prediction, target, none), [0.5, 3])
  })

  it('huberLoss: d² / 2 up to δ, then δ (|d| - δ / 2)', () => {
    expectTerms(huberLoss(prediction, target, none), [0.125, 2.5])
    expectTerms(huberLoss(prediction, target, { delta: 2, reduction: 'none' }), [0.125, 4])
  })

  it('smoothL1Loss: huberLoss / β', () => {
    expectTerms(smoothL1Loss(prediction, target, { beta: 2, reduction: 'none' }), [0.0625, 2])
  })

  it('gaussianNllLoss: (ln σ² + d² / σ²) / 2, with `full` and ln(2π) / 2', () => {
    // σ² = 1 and 4: (0 + 0.25) / 2 and (1.386294 + 9 / 4) / 2
    const variance = f64([1, 4])
    expectTerms(gaussianNllLoss(prediction, target, variance, none), [0.125, 1.818147])
    expectTerms(gaussianNllLoss(prediction, target, variance, { full: true, ...none }), [1.043939, 2.737086])
    // A variance of 0 counts as ε: (ln 0.5 + 0.25 / 0.5) / 2
    expectTerms(gaussianNllLoss(f64([1.5]), f64([1]), f64([0]), { epsilon: 0.5 }), [-0.096574])
  })
})

describe('one of several classes', () => {
  // softmax: (¼, ¼, ½) and (⅓, ⅓, ⅓)
  const logits = f64([0, 0, Math.LN2, 0, 0, 0], [2, 3])
  const labels = tensor(Int32Array.of(2, 0))
  const logProbs = f64([[0.25, 0.25, 0.5].map(Math.log), [1 / 3, 1 / 3, 1 / 3].map(Math.log)])

  it('crossEntropy and nllLoss: -ln p of the label', () => {
    expectTerms(crossEntropy(logits, labels, none), [Math.LN2, 1.098612]) // ln 2, ln 3
    expectTerms(nllLoss(logProbs, labels, none), [Math.LN2, 1.098612])
    expectTerms(crossEntropy(logits, labels), [0.89588])
  })

  it('crossEntropy with probabilities: -Σ t ln p', () => {
    // ½ ln 4 + ½ ln 2, and ln 3 whatever the target
    const target = f64([0.5, 0, 0.5, 0.2, 0.3, 0.5], [2, 3])
    expectTerms(crossEntropy(logits, target, none), [1.039721, 1.098612])
  })

  it('labelSmoothing: a share of the target is spread over all classes', () => {
    // 0.7 ln 2 + 0.1 (ln 4 + ln 4 + ln 2) = 0.485203 + 0.346574
    const smoothed = { labelSmoothing: 0.3, reduction: 'none' } as const
    expectTerms(crossEntropy(logits, labels, smoothed), [0.831777, 1.098612])
    expectTerms(crossEntropy(logits, f64([0, 0, 1, 1, 0, 0], [2, 3]), smoothed), [0.831777, 1.098612])
  })

  it('weight: a row counts by its label, in the sum and in the divisor of the mean', () => {
    const weight = f64([1, 1, 3])
    expectTerms(crossEntropy(logits, labels, { weight, ...none }), [2.079442, 1.098612])
    expectTerms(crossEntropy(logits, labels, { weight, reduction: 'sum' }), [3.178054])
    expectTerms(crossEntropy(logits, labels, { weight }), [0.794513]) // 3.178054 / (3 + 1)
    // With smoothing each class has its weight: 0.7 · 3 ln 2 + 0.1 (ln 4 + ln 4 + 3 ln 2)
    expectTerms(crossEntropy(logits, labels, { weight, labelSmoothing: 0.3, ...none }), [1.940812, 1.318335])
  })

  it('ignoreIndex: a row with this label counts neither in the sum nor in the divisor', () => {
    const some = tensor(Int32Array.of(2, -1))
    expectTerms(crossEntropy(logits, some, { ignoreIndex: -1 }), [Math.LN2])
    expectTerms(crossEntropy(logits, some, { ignoreIndex: -1, ...none }), [Math.LN2, 0])
    const weight = f64([1, 1, 3])
    expectTerms(nllLoss(logProbs, labels, { ignoreIndex: 0, weight }), [Math.LN2]) // 3 ln 2 / 3
  })
})

describe('classes that do not fit', () => {
  const scores = f64([[0, 0]])
  const label = tensor(Int32Array.of(1))

  it('are refused by the name of the loss, with both shapes', () => {
    const expected = 'do not fit; expected [batch, classes] and [batch]'
    const two = tensor(Int32Array.of(0, 1))
    expect(() => crossEntropy(scores, two)).toThrow(`crossEntropy: scores [1, 2] and labels [2] ${expected}`)
    expect(() => nllLoss(scores, two)).toThrow(`nllLoss: scores [1, 2] and labels [2] ${expected}`)
    expect(() => nllLoss(f64([0]), label)).toThrow(`nllLoss: scores [1] and labels [1] ${expected}`)
    expect(() => nllLoss(scores, tensor(Int32Array.of(0), [1, 1]))).toThrow(`labels [1, 1] ${expected}`)
    expect(() => nllLoss(f64([[[0]]]), label)).toThrow(`scores [1, 1, 1] and labels [1] ${expected}`)
    expect(() => nllLoss(scores, f64([1]))).toThrow('nllLoss: the labels are float64; expected int32')
    expect(() => crossEntropy(scores, f64([[0, 0, 1]]))).toThrow('crossEntropy: the prediction is [1, 2]')
  })

  it('labelSmoothing is from 0 to 1, both included', () => {
    expect(() => crossEntropy(scores, label, { labelSmoothing: -0.1 })).toThrow('labelSmoothing is -0.1; expected')
    expect(() => crossEntropy(scores, label, { labelSmoothing: 1.1 })).toThrow(
      'labelSmoothing is 1.1; expected a number from 0 to 1',
    )
    expectTerms(crossEntropy(f64([[0, Math.log(3)]]), label, { labelSmoothing: 1 }), [0.836988]) // (ln 4 + ln 4/3) / 2
  })
})

describe('yes or no', () => {
  // p = ¾ and ¼
  const logits = f64([Math.log(3), -Math.log(3)])
  const [yes, mixed] = [f64([1, 1]), f64([0.5, 0])]

  it('-t ln p - (1 - t) ln(1 - p), from logits and from probabilities', () => {
    for (const [loss, x] of [
      [binaryCrossEntropyWithLogits, logits],
      [binaryCrossEntropy, f64([0.75, 0.25])],
    ] as const) {
      expectTerms(loss(x, yes, none), [0.287682, 1.386294]) // ln 4/3, ln 4
      expectTerms(loss(x, mixed, none), [0.836988, 0.287682]) // (ln 4/3 + ln 4) / 2, ln 4/3
    }
  })

  it('posWeight multiplies what a yes costs', () => {
    const posWeight = f64([2, 2])
    // (2 ln 4/3 + ln 4) / 2
    expectTerms(binaryCrossEntropyWithLogits(logits, mixed, { posWeight, ...none }), [0.980829, 0.287682])
  })

  it('logarithms below -100 count as -100', () => {
    expectTerms(binaryCrossEntropy(f64([0]), f64([1])), [100])
    expectTerms(binaryCrossEntropy(f64([1]), f64([0])), [100])
  })
})

describe('divergences', () => {
  const [p, q] = [f64([[0.75, 0.25].map(Math.log)]), f64([[0.5, 0.5].map(Math.log)])]

  it('klDivergence: Σ p (ln p - ln q)', () => {
    expectTerms(klDivergence(p, q, none), [0.130812]) // ¾ ln 3/2 + ¼ ln ½
    expectTerms(klDivergence(q, p, none), [0.143841]) // ½ ln ⅔ + ½ ln 2
  })
})

it('weightedMean: Σ w term / rows', () => {
  expectTerms(weightedMean(f64([1, 4]), f64([0.5, 1.5])), [3.25])
  expectTerms(weightedMean(f64([1, 4])), [2.5])
})
