import fc from 'fast-check'
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
  smoothL1Loss,
} from '../../src/nn/index.ts'
import { smoothedLogits } from '../../src/nn/losses/distillation.ts'
import { klDivergences, zeroSafeProduct } from '../../src/nn/losses/kl.ts'
import { logSoftmax, reshape, sigmoid, softmax, type Tensor, tensor } from '../../src/tensor/index.ts'
import { float64, shapes, tensorOf } from '../support/arbitraries.ts'
import { gradientProperty } from '../support/gradients.ts'
import { lossCases } from '../support/loss-cases.ts'
import { forAll, property } from '../support/property.ts'

const table = fc.record({ batch: fc.integer({ min: 0, max: 4 }), classes: fc.integer({ min: 1, max: 4 }) })

it.each(Object.entries(lossCases))('the gradient in each input: of %s', (_, { calls }) => gradientProperty(calls))

describe('regression losses', () => {
  const losses = { mseLoss, l1Loss, huberLoss, smoothL1Loss }

  it('refuse to broadcast, to bend nowhere, and unknown reductions', () => {
    const [a, b] = [tensor([1, 2, 3]), tensor([[1], [2], [3]])]
    for (const loss of Object.values(losses)) {
      expect(() => loss(a, b)).toThrow('the prediction is [3], the target [3, 1]; they must have one shape')
    }
    expect(() => gaussianNllLoss(a, b, a)).toThrow('[3, 1]')
    expect(() => gaussianNllLoss(a, a, b)).toThrow('[3, 1]')
    expect(() => huberLoss(a, a, { delta: 0 })).toThrow('huberLoss: delta is 0; expected a positive, finite number')
    expect(() => smoothL1Loss(a, a, { beta: Infinity })).toThrow('smoothL1Loss: beta is Infinity')
    expect(() => gaussianNllLoss(a, a, a, { epsilon: -1 })).toThrow('epsilon is -1')
    expect(() => mseLoss(a, a, { reduction: 'meen' as 'mean' })).toThrow('Did you mean "mean"?')
  })
})

describe('crossEntropy and nllLoss', () => {
  const cases = table.chain(({ batch, classes }) =>
    fc.record({
      logits: tensorOf([batch, classes]),
      labels: fc
        .array(fc.nat(classes - 1), { minLength: batch, maxLength: batch })
        .map((l) => tensor(Int32Array.from(l))),
      labelSmoothing: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  )

  it('give labels and their one-hot probabilities the same loss, smoothed or not', () => {
    forAll([cases], { numRuns: 50 }, ({ logits, labels, labelSmoothing }) => {
      const [batch, classes] = logits.shape as [number, number]
      const oneHot = new Float64Array(batch * classes)
      for (const [row, label] of labels.view().entries()) oneHot[row * classes + label] = 1
      const options = { labelSmoothing, reduction: 'none' } as const
      const [a, b] = [
        crossEntropy(logits, labels, options),
        crossEntropy(logits, float64(oneHot, [batch, classes]), options),
      ]
      for (const [row, value] of a.view().entries()) expect(value).toBeCloseTo(b.view()[row]!, 10)
    })
  })

  it('leave an ignored row out of value, divisor and gradient, even if it is not finite', () => {
    const leaf = tensor(Float64Array.of(1, 2, -Infinity, Number.NaN, 3, 1), [3, 2], { requiresGrad: true })
    const loss = crossEntropy(leaf, tensor(Int32Array.of(0, -1, 1)), { ignoreIndex: -1 })
    loss.backward()
    const alone = crossEntropy(float64([1, 2, 3, 1], [2, 2]), tensor(Int32Array.of(0, 1)))
    expect(loss.item()).toBeCloseTo(alone.item(), 12)
    const gradient = leaf.grad!.toArray()
    expect([gradient[0], gradient[1], gradient[4], gradient[5]].every(Number.isFinite)).toBe(true)
  })

  it('keep a forbidden class (logit -Infinity, target 0) out of value and gradient', () => {
    const leaf = tensor([[1, -Infinity, 2]], undefined, { requiresGrad: true })
    const loss = crossEntropy(leaf, tensor([[0.25, 0, 0.75]]))
    loss.backward()
    expect(loss.item()).toBeCloseTo(-(0.25 * Math.log(1 / (1 + Math.E)) + 0.75 * Math.log(Math.E / (1 + Math.E))), 5)
    expect(leaf.grad!.view()[1]).toBe(0)
    expect([...leaf.grad!.view()].every(Number.isFinite)).toBe(true)
    const label = tensor(Int32Array.of(2))
    expect(crossEntropy(leaf, label).item()).toBeCloseTo(-Math.log(Math.E / (1 + Math.E)), 5)
  })

  it('say what does not fit', () => {
    const logits = tensor([[1, 2, 3]])
    expect(() => crossEntropy(logits, tensor(Int32Array.of(3)))).toThrow(
      'crossEntropy: the labels: index 3 at position 0; allowed are 0 to 2',
    )
    expect(() => crossEntropy(logits, tensor([1]))).toThrow('crossEntropy: the labels are float32; expected int32')
    expect(() => crossEntropy(logits, tensor([[1]]))).toThrow('[1, 3], the target [1, 1]')
    expect(() => crossEntropy(logits, logits, { ignoreIndex: 0 })).toThrow('go with int32 labels')
    expect(() => crossEntropy(logits, logits, { weight: logits })).toThrow('go with int32 labels')
  })
})

describe('binary cross-entropy', () => {
  const cases = shapes({ maxElements: 6, minAxes: 1 }).chain((shape) =>
    fc.record({ logits: tensorOf(shape), target: tensorOf(shape, 0, 1) }),
  )

  property('is the same from logits as from their probabilities', [cases], ({ logits, target }) => {
    const [a, b] = [binaryCrossEntropyWithLogits(logits, target), binaryCrossEntropy(sigmoid(logits), target)]
    if (logits.size > 0) expect(a.item()).toBeCloseTo(b.item(), 9)
  })

  it('stays finite and exact at large logits', () => {
    const loss = binaryCrossEntropyWithLogits(tensor([-1000, 1000, 200]), tensor([0, 1, 0]), { reduction: 'none' })
    expect([...loss.view()]).toEqual([0, 0, 200])
    expect(() => binaryCrossEntropyWithLogits(tensor([1]), tensor([[1]]))).toThrow('[1, 1]')
    expect(() => binaryCrossEntropy(tensor([1]), tensor([[1]]))).toThrow('[1, 1]')
  })
})

describe('klDivergence', () => {
  const cases = table.chain(({ batch, classes }) =>
    fc.record({ p: tensorOf([batch, classes]), q: tensorOf([batch, classes]) }),
  )
  const kl = (p: Tensor, q: Tensor) => klDivergence(logSoftmax(p), logSoftmax(q), { reduction: 'none' })

  property('is never negative, and 0 between equals', [cases], ({ p, q }) => {
    for (const value of kl(p, q).view()) expect(value).toBeGreaterThanOrEqual(-1e-12)
    for (const value of kl(p, p).view()) expect(Math.abs(value)).toBeLessThan(1e-12)
  })

  it('is no distance: its direction matters, and what P forbids adds nothing', () => {
    const [even, sure] = [tensor([[0, 0]]), tensor([[0, -Infinity]])]
    expect(kl(sure, even).item()).toBeCloseTo(Math.LN2, 6)
    expect(kl(even, sure).item()).toBe(Infinity)
    expect(kl(sure, sure).item()).toBe(0)
    const leaf = tensor([[0, -Infinity]], undefined, { requiresGrad: true })
    klDivergences(leaf, logSoftmax(even)).backward(tensor([[1, 1]]))
    expect(leaf.grad!.view()[1]).toBe(0)
    expect(() => klDivergence(even, tensor([0, 0]))).toThrow('[2]')
  })
})

it('losses of distributions: are over the last axis, whatever the axes before it', () => {
  const cases = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }).chain((dims) => {
    const shape = [...dims, 3]
    return fc.record({ shape: fc.constant(shape), z: tensorOf(shape), y: tensorOf(shape) })
  })
  const losses = {
    klDivergence: (z: Tensor, y: Tensor) => klDivergence(logSoftmax(y), logSoftmax(z)),
    crossEntropy: (z: Tensor, y: Tensor) => crossEntropy(z, softmax(y)),
    smoothedLogits: (z: Tensor, y: Tensor) => mseLoss(smoothedLogits(z, 0.5), y),
  }
  forAll([cases], ({ shape, z, y }) => {
    const rows = (x: Tensor) => reshape(x, [x.size / 3, 3])
    for (const loss of Object.values(losses)) {
      expect(loss(z, y).item(), shape.join()).toBeCloseTo(loss(rows(z), rows(y)).item(), 10)
    }
  })
})

describe('zeroSafeProduct', () => {
  it('is a product but where its first factor is 0', () => {
    const product = zeroSafeProduct(tensor([0, 0, 2, 3]), tensor([-Infinity, Number.NaN, 5, -Infinity]))
    expect([...product.view()]).toEqual([0, 0, 10, -Infinity])
  })

  it('gives an entropy that is right at the corners', () => {
    const probabilities = softmax(tensor([[0, -Infinity]]))
    expect([...zeroSafeProduct(probabilities, logSoftmax(tensor([[0, -Infinity]]))).view()]).toEqual([0, 0])
  })
})
