// Every distribution over actions, with the gradients of its log-probability, entropy, divergence and samples.

import fc from 'fast-check'
import { Categorical, MultiCategorical } from '../../src/rl/index.ts'
import { Delta, DiagonalGaussian } from '../../src/rl/policies/distributions/diagonal-gaussian.ts'
import { SquashedGaussian } from '../../src/rl/policies/distributions/squashed-gaussian.ts'
import { type Shape, type Tensor, tensor } from '../../src/tensor/index.ts'
import { float64, tensorOf } from './arbitraries.ts'
import { constantLike, type GradientCall, type GradientCases, gradientCase, shown } from './gradient-case.ts'

const side = fc.integer({ min: 1, max: 4 })
const tables = (most = 4): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))

/** `name` called on inputs of these shapes, drawn from [-1.5, 1.5]. */
const calls = (
  name: string,
  names: readonly string[],
  shapesOf: (batch: number, size: number) => readonly Shape[],
  run: (...inputs: [Tensor, Tensor, Tensor, Tensor]) => Tensor,
): fc.Arbitrary<GradientCall> =>
  tables(3)
    .chain(([batch, size]) => fc.tuple(...shapesOf(batch, size).map((shape) => tensorOf(shape, -1.5, 1.5))))
    .map((inputs) => ({
      call: shown(name, inputs),
      run: (...given) => run(...(given as [Tensor, Tensor, Tensor, Tensor])),
      inputs,
      names,
    }))

// One action of each row always stays allowed.
const masks = (batch: number, actions: number) =>
  fc.array(fc.constantFrom(1, 0), { minLength: batch * actions, maxLength: batch * actions }).map((data) =>
    float64(
      data.map((each, i) => (i % actions === 0 ? 1 : each)),
      [batch, actions],
    ),
  )

const chosen = fc
  .tuple(side, side)
  .chain(([batch, actions]) =>
    fc.tuple(tensorOf([batch, actions], -3, 3), fc.array(fc.nat(actions - 1), { minLength: batch, maxLength: batch })),
  )

/** Logits of one or two distributions, with a mask for both or without. */
const categorical = (
  name: string,
  count: 1 | 2,
  run: (...all: [Categorical, Categorical]) => Tensor,
): fc.Arbitrary<GradientCall> =>
  tables()
    .chain(([batch, actions]) => {
      const logits = tensorOf([batch, actions], -3, 3)
      return fc.tuple(
        fc.tuple(...Array.from({ length: count }, () => logits)),
        fc.option(masks(batch, actions), { nil: undefined }),
      )
    })
    .map(([inputs, mask]) => ({
      call: shown(name, inputs, ...(mask === undefined ? [] : [{ mask: Array.from(mask.view()) }])),
      run: (...given) => {
        const all = given.map((x) => new Categorical(x, mask === undefined ? undefined : constantLike(x, mask)))
        return run(...(all as [Categorical, Categorical]))
      },
      inputs,
      names: count === 1 ? ['logits'] : ['logits', 'other logits'],
    }))

const rows: (batch: number, size: number) => Shape = (batch, size) => [batch, size]
const shared: (batch: number, size: number) => Shape = (_, size) => [size]
const shapesOf =
  (...each: ((batch: number, size: number) => Shape)[]) =>
  (batch: number, size: number) =>
    each.map((shape) => shape(batch, size))

// Actions well inside of the bounds, as a share of the range.
const insideActions = (mean: Tensor, shares: Tensor) =>
  constantLike(
    mean,
    tensor(
      shares.toArray().map((x) => x / 2),
      mean.shape,
    ),
  )

const GAUSSIAN_KL =
  'KL = Σ ln σ′ − ln σ + (σ² + (μ − μ′)²) / 2σ′² − ½;  dμ = dy (μ − μ′) / σ′², dμ′ = −dμ, d ln σ = dy (σ² / σ′² − 1), ' +
  'd ln σ′ = dy (1 − (σ² + (μ − μ′)²) / σ′²)'

export const categoricalCases: GradientCases = {
  'Categorical (logProb)': gradientCase(
    'ln π(a) = z_a − ln Σ e^z;  dz = dy (onehot(a) − π)',
    chosen.map(([logits, actions]) => ({
      call: shown('Categorical.logProb', [logits], { actions }),
      run: (x) => new Categorical(x!).logProb(tensor(Int32Array.from(actions))),
      inputs: [logits],
      names: ['logits'],
    })),
  ),
  'Categorical (probs)': gradientCase(
    'π = softmax(z);  dz = π ⊙ (dy − Σ π ⊙ dy)',
    categorical('Categorical.probs', 1, (p) => p.probs),
  ),
  'Categorical (entropy)': gradientCase(
    'H = −Σ π ln π;  dz_k = −dy π_k (ln π_k + H)',
    categorical('Categorical.entropy', 1, (p) => p.entropy()),
  ),
  'Categorical (kl)': gradientCase(
    'KL = Σ π (ln π − ln π′);  dz_k = dy π_k (ln(π_k / π′_k) − KL), dz′ = dy (π′ − π)',
    categorical('Categorical.kl', 2, (p, q) => p.kl(q)),
  ),
}

export const diagonalGaussianCases: GradientCases = {
  'DiagonalGaussian (logProb)': gradientCase(
    'ln p = Σ −½ z² − ln σ − ½ ln 2π, z = (a − μ) / σ;  dμ = dy z / σ, da = −dy z / σ, d ln σ = dy (z² − 1)',
    calls('DiagonalGaussian.logProb', ['mean', 'logStd', 'actions'], shapesOf(rows, shared, rows), (mean, logStd, a) =>
      new DiagonalGaussian(mean, logStd).logProb(a),
    ),
  ),
  'DiagonalGaussian (entropy)': gradientCase(
    'H = Σ ln σ + ½ ln 2πe;  d ln σ = dy, dμ = 0',
    calls('DiagonalGaussian.entropy', ['mean', 'logStd'], shapesOf(rows, shared), (mean, logStd) =>
      new DiagonalGaussian(mean, logStd).entropy(),
    ),
  ),
  'DiagonalGaussian (kl)': gradientCase(
    GAUSSIAN_KL,
    calls(
      'DiagonalGaussian.kl',
      ['mean', 'logStd', 'other mean', 'other logStd'],
      shapesOf(rows, rows, rows, shared),
      (mean, logStd, otherMean, otherLogStd) =>
        new DiagonalGaussian(mean, logStd).kl(new DiagonalGaussian(otherMean, otherLogStd)),
    ),
  ),
  'DiagonalGaussian (fromNoise)': gradientCase(
    'a = μ + σ ε;  dμ = dy, d ln σ = dy σ ε, dε = dy σ',
    calls('DiagonalGaussian.fromNoise', ['mean', 'logStd', 'noise'], shapesOf(rows, shared, rows), (mean, logStd, e) =>
      new DiagonalGaussian(mean, logStd).fromNoise(e),
    ),
  ),
}

export const squashedGaussianCases: GradientCases = {
  'SquashedGaussian (logProb)': gradientCase(
    'ln π(a) = ln N(u; μ, σ) − Σ ln(1 − tanh² u), u = atanh a;  dμ = dy (u − μ) / σ², ' +
      'd ln σ = dy ((u − μ)² / σ² − 1)',
    tables(3)
      .chain(([batch, size]) =>
        fc.tuple(fc.tuple(tensorOf([batch, size], -1, 1), tensorOf([size], -1, 1)), tensorOf([batch, size], -1.5, 1.5)),
      )
      .map(([inputs, shares]) => ({
        call: shown('SquashedGaussian.logProb', inputs, {
          actions: Array.from(insideActions(inputs[0], shares).view()),
        }),
        run: (mean, logStd) => new SquashedGaussian(mean!, logStd!).logProb(insideActions(mean!, shares)),
        inputs,
        names: ['mean', 'logStd'],
      })),
  ),
  'SquashedGaussian (log-probability of a sample)': gradientCase(
    'ln π(a(u)) = ln N(u) − Σ ln(1 − tanh² u), u = μ + σ ε;  dμ = 2 dy tanh u, d ln σ = dy (2 σ ε tanh u − 1)',
    calls(
      'SquashedGaussian.fromNoise',
      ['mean', 'logStd', 'noise'],
      shapesOf(rows, shared, rows),
      (mean, logStd, e) => new SquashedGaussian(mean, logStd).fromNoise(e).logProb,
    ),
  ),
  'SquashedGaussian (action of a sample)': gradientCase(
    'a = tanh(μ + σ ε);  dμ = dy (1 − tanh²), d ln σ = dμ σ ε',
    calls(
      'SquashedGaussian.fromNoise',
      ['mean', 'logStd', 'noise'],
      shapesOf(rows, shared, rows),
      (mean, logStd, e) => new SquashedGaussian(mean, logStd).fromNoise(e).action,
    ),
  ),
  'SquashedGaussian (kl)': gradientCase(
    GAUSSIAN_KL,
    calls(
      'SquashedGaussian.kl',
      ['mean', 'logStd', 'other mean', 'other logStd'],
      shapesOf(rows, rows, rows, shared),
      (mean, logStd, otherMean, otherLogStd) =>
        new SquashedGaussian(mean, logStd).kl(new SquashedGaussian(otherMean, otherLogStd)),
    ),
  ),
}

export const deltaCases: GradientCases = {
  'Delta (kl)': gradientCase(
    'L = ½ ‖μ − μ′‖²;  dμ = dy (μ − μ′), dμ′ = −dμ',
    calls('Delta.kl', ['mean', 'other mean'], shapesOf(rows, rows), (mean, other) =>
      new Delta(mean).kl(new Delta(other)),
    ),
  ),
}

// Entries of up to three values, or bits, with an action for each row.
const multiCategorical = (
  name: string,
  count: 1 | 2,
  run: (actions: Tensor, ...all: [MultiCategorical, MultiCategorical]) => Tensor,
): fc.Arbitrary<GradientCall> =>
  fc
    .tuple(
      side,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.nat(10 ** 6),
    )
    .chain(([batch, given, areBits, drawn]) => {
      const counts = areBits ? given.map(() => 2) : given
      const width = areBits ? counts.length : counts.reduce((sum, each) => sum + each, 0)
      const of = (x: Tensor) => (areBits ? MultiCategorical.ofBits(x) : new MultiCategorical(x, counts))
      const actions = Int32Array.from({ length: batch * counts.length }, (_, i) => drawn % counts[i % counts.length]!)
      const logits = tensorOf([batch, width], -3, 3)
      return fc.tuple(...Array.from({ length: count }, () => logits)).map((inputs) => ({
        call: shown(name, inputs, { counts, areBits, actions: Array.from(actions) }),
        run: (...x: Tensor[]) =>
          run(tensor(actions, [batch, counts.length]), ...(x.map(of) as [MultiCategorical, MultiCategorical])),
        inputs,
        names: count === 1 ? ['logits'] : ['logits', 'other logits'],
      }))
    })

export const multiCategoricalCases: GradientCases = {
  'MultiCategorical (logProb)': gradientCase(
    'ln π(a) = Σ ln π_i(a_i);  dz_i = dy (onehot(a_i) − π_i)',
    multiCategorical('MultiCategorical.logProb', 1, (actions, p) => p.logProb(actions)),
  ),
  'MultiCategorical (entropy)': gradientCase(
    'H = Σ H_i;  dz_ik = −dy π_ik (ln π_ik + H_i)',
    multiCategorical('MultiCategorical.entropy', 1, (_, p) => p.entropy()),
  ),
  'MultiCategorical (kl)': gradientCase(
    'KL = Σ KL_i;  dz_ik = dy π_ik (ln(π_ik / π′_ik) − KL_i), dz′ = dy (π′ − π)',
    multiCategorical('MultiCategorical.kl', 2, (_, p, q) => p.kl(q)),
  ),
}

export const distributionCases: GradientCases = {
  ...categoricalCases,
  ...multiCategoricalCases,
  ...diagonalGaussianCases,
  ...squashedGaussianCases,
  ...deltaCases,
}
