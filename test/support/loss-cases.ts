// Every loss of the library, with its gradient in each input that has one.

import fc from 'fast-check'
import * as nn from '../../src/nn/index.ts'
import type { Reduction } from '../../src/nn/losses/reduction.ts'
import { add, type Tensor, tensor } from '../../src/tensor/index.ts'
import { awayFromZero, shapes, tensorOf } from './arbitraries.ts'
import { constantLike, type GradientCall, type GradientCases, gradientCase, shown } from './gradient-case.ts'

const reductions = fc.constantFrom<Reduction>('mean', 'sum', 'none')
const positive = fc.double({ min: 0.3, max: 4, noNaN: true })
const share = fc.double({ min: 0, max: 1, noNaN: true })

type Pairwise = (prediction: Tensor, target: Tensor, options: { reduction: Reduction }) => Tensor

/** Distances stay off the kinks: 0 for l1, and ±1, where Huber's parabola becomes a line. */
const distances = (name: string, loss: Pairwise) =>
  shapes({ maxElements: 8 })
    .chain((shape) =>
      fc.tuple(tensorOf(shape), fc.oneof(awayFromZero(shape, 0.1, 0.9), awayFromZero(shape, 1.1, 3)), reductions),
    )
    .map(([target, distance, reduction]): GradientCall => {
      const inputs = [add(target, distance), target]
      return {
        call: shown(name, inputs, reduction),
        run: (x, y) => loss(x!, y!, { reduction }),
        inputs,
        names: ['prediction', 'target'],
      }
    })

const gaussianNlls = shapes({ maxElements: 6 })
  .chain((shape) =>
    fc.tuple(fc.tuple(tensorOf(shape), tensorOf(shape), tensorOf(shape, 0.2, 2)), reductions, fc.boolean()),
  )
  .map(
    ([inputs, reduction, full]): GradientCall => ({
      call: shown('gaussianNllLoss', inputs, { reduction, full }),
      run: (mean, target, variance) => nn.gaussianNllLoss(mean!, target!, variance!, { reduction, full }),
      inputs,
      names: ['mean', 'target', 'variance'],
    }),
  )

/** Scores [batch, classes], one label a row, weights of the classes. At least one row: the mean of nothing is NaN. */
const labelled = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([batch, classes]) =>
  fc.record({
    scores: tensorOf([batch, classes]),
    soft: tensorOf([batch, classes], 0.1, 1),
    labels: fc
      .array(fc.nat(classes - 1), { minLength: batch, maxLength: batch })
      .map((l) => tensor(Int32Array.from(l))),
    weight: tensorOf([classes], 0.5, 2),
    labelSmoothing: share,
    reduction: reductions,
  }),
)

const LABEL_OPTIONS = ['none', 'weight', 'weight and smoothing', 'ignoreIndex'] as const

const crossEntropyOfLabels = fc
  .tuple(labelled, fc.constantFrom(...LABEL_OPTIONS), fc.nat(3))
  .map(([{ scores, labels, weight, labelSmoothing, reduction }, kind, ignored]): GradientCall => {
    // An ignored label that all rows have would leave nothing to average.
    const ignoreIndex = labels.view().every((label) => label === ignored) ? 7 : ignored
    const options = (x: Tensor) => ({
      reduction,
      ...(kind.startsWith('weight') ? { weight: constantLike(x, weight) } : {}),
      ...(kind === 'weight and smoothing' ? { labelSmoothing } : {}),
      ...(kind === 'ignoreIndex' ? { ignoreIndex } : {}),
    })
    return {
      call: shown('crossEntropy', [scores], { labels: Array.from(labels.view()), options: kind, reduction }),
      run: (x) => nn.crossEntropy(x!, labels, options(x!)),
      inputs: [scores],
      names: ['logits'],
    }
  })

const crossEntropyOfProbabilities = labelled.map(({ scores, soft, labelSmoothing, reduction }): GradientCall => {
  const inputs = [scores, soft]
  return {
    call: shown('crossEntropy', inputs, { labelSmoothing, reduction }),
    run: (x, p) => nn.crossEntropy(x!, p!, { labelSmoothing, reduction }),
    inputs,
    names: ['logits', 'probabilities'],
  }
})

const nllLosses = labelled.map(
  ({ scores, labels, reduction }): GradientCall => ({
    call: shown('nllLoss', [scores], { labels: Array.from(labels.view()), reduction }),
    run: (x) => nn.nllLoss(x!, labels, { reduction }),
    inputs: [scores],
    names: ['logProbs'],
  }),
)

const binaryWithLogits = shapes({ maxElements: 6, minAxes: 1, minSize: 1 })
  .chain((shape) =>
    fc.tuple(tensorOf(shape), tensorOf(shape, 0, 1), tensorOf(shape.slice(-1), 0.5, 2), fc.boolean(), reductions),
  )
  .map(([logits, target, posWeight, weighted, reduction]): GradientCall => {
    const inputs = weighted ? [logits, target, posWeight] : [logits, target]
    return {
      call: shown('binaryCrossEntropyWithLogits', inputs, reduction),
      run: (x, t, w) =>
        nn.binaryCrossEntropyWithLogits(x!, t!, w === undefined ? { reduction } : { reduction, posWeight: w }),
      inputs,
      names: ['logits', 'target', 'posWeight'],
    }
  })

const binary = shapes({ maxElements: 6, minAxes: 1 })
  .chain((shape) => fc.tuple(fc.tuple(tensorOf(shape, 0.1, 0.9), tensorOf(shape, 0, 1)), reductions))
  .map(
    ([inputs, reduction]): GradientCall => ({
      call: shown('binaryCrossEntropy', inputs, reduction),
      run: (p, t) => nn.binaryCrossEntropy(p!, t!, { reduction }),
      inputs,
      names: ['probabilities', 'target'],
    }),
  )

const klDivergences = labelled
  .chain(({ scores, reduction }) => fc.tuple(fc.constant(scores), tensorOf(scores.shape), fc.constant(reduction)))
  .map(
    ([p, q, reduction]): GradientCall => ({
      call: shown('klDivergence', [p, q], reduction),
      run: (logP, logQ) => nn.klDivergence(logP!, logQ!, { reduction }),
      inputs: [p, q],
      names: ['logP', 'logQ'],
    }),
  )

export const lossCases: GradientCases = {
  mseLoss: gradientCase(
    'L = d², d = x − target, then reduced;  dx = 2 d dy, dtarget = −dx',
    distances('mseLoss', nn.mseLoss),
  ),
  l1Loss: gradientCase(
    'L = |d|, d = x − target, then reduced;  dx = sign(d) dy, dtarget = −dx',
    distances('l1Loss', nn.l1Loss),
  ),
  huberLoss: gradientCase(
    'L = d² / 2 where |d| ≤ δ, else δ (|d| − δ / 2), d = x − target;  dx = min(max(d, −δ), δ) dy, dtarget = −dx',
    distances('huberLoss', nn.huberLoss),
  ),
  smoothL1Loss: gradientCase(
    'L = huber(x, target; β) / β;  dx = min(max(d / β, −1), 1) dy, dtarget = −dx',
    distances('smoothL1Loss', nn.smoothL1Loss),
  ),
  gaussianNllLoss: gradientCase(
    'L = (ln v + (μ − t)² / v) / 2;  dμ = dy (μ − t) / v, dt = −dμ, dv = dy (1 / v − (μ − t)² / v²) / 2',
    gaussianNlls,
  ),
  'crossEntropy (labels)': gradientCase(
    'L = −w[label] ln q[label], q = softmax(z), over Σ w;  dz = dy w (q − onehot(label)) / Σ w',
    crossEntropyOfLabels,
  ),
  'crossEntropy (probabilities)': gradientCase(
    'L = −Σ p ln q, q = softmax(z);  dz = dy (q Σ p − p), dp = −dy ln q',
    crossEntropyOfProbabilities,
  ),
  nllLoss: gradientCase('L = −x[label], then reduced;  dx = −dy at the label, else 0', nllLosses),
  binaryCrossEntropyWithLogits: gradientCase(
    'L = −w t ln σ(x) − (1 − t) ln(1 − σ(x));  dx = dy ((1 − t) σ(x) − w t (1 − σ(x)))',
    binaryWithLogits,
  ),
  binaryCrossEntropy: gradientCase(
    'L = −t ln p − (1 − t) ln(1 − p);  dp = dy (p − t) / (p (1 − p)), dt = dy (ln(1 − p) − ln p)',
    binary,
  ),
  klDivergence: gradientCase('L = Σ p (ln p − ln q);  d ln p = dy p (ln p − ln q + 1), d ln q = −dy p', klDivergences),
}

/** The divergence of logits from constant labels, both [batch, actions], with weights of the states or without. */
const divergences = (betas: fc.Arbitrary<number>) =>
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .chain(([batch, actions]) =>
      fc.tuple(
        tensorOf([batch, actions], -3, 3),
        tensorOf([batch, actions], -3, 3),
        tensorOf([batch], 0.1, 2),
        fc.boolean(),
        betas,
      ),
    )
    .map(
      ([z, labels, weights, weighted, beta]): GradientCall => ({
        call: shown('generalizedJsd', [z], { beta, labels: Array.from(labels.view()), weighted }),
        run: (x) => {
          const sampleWeights = weighted ? constantLike(x!, weights) : undefined
          return nn.generalizedJsd(x!, constantLike(x!, labels), { beta, sampleWeights })
        },
        inputs: [z],
        names: ['logits'],
      }),
    )

const listNets = fc
  .integer({ min: 2, max: 6 })
  .chain((n) => fc.tuple(tensorOf([n], -3, 3), tensorOf([n], -3, 3), positive))
  .map(
    ([z, values, temperature]): GradientCall => ({
      call: shown('listNet', [z], { values: Array.from(values.view()), temperature }),
      run: (x) => nn.listNet(x!, constantLike(x!, values), { temperature }),
      inputs: [z],
      names: ['outputs'],
    }),
  )

export const distillationLossCases: GradientCases = {
  'generalizedJsd (β = 0)': gradientCase(
    'L = KL(p ‖ q), q = softmax(z), mean over the batch;  dz = dy (q − p) / batch',
    divergences(fc.constant(0)),
  ),
  'generalizedJsd (0 < β < 1)': gradientCase(
    'L = KL(p ‖ m) / (1 − β) + KL(q ‖ m) / β, m = β p + (1 − β) q;  dz = dy q (r − Σ q r) / (β batch), r = ln(q / m)',
    divergences(fc.double({ min: 0.05, max: 0.95, noNaN: true })),
  ),
  'generalizedJsd (β = 1)': gradientCase(
    'L = KL(q ‖ p), q = softmax(z), mean over the batch;  dz = dy q (ln(q / p) − KL) / batch',
    divergences(fc.constant(1)),
  ),
  listNet: gradientCase('L = −τ² Σ p ln q, p = softmax(y/τ), q = softmax(z/τ);  dz = dy τ (q − p)', listNets),
}

/** Every loss. */
export const allLossCases: GradientCases = { ...lossCases, ...distillationLossCases }
