// Every layer of the library, with its gradient in the input and in every parameter.

import fc from 'fast-check'
import * as nn from '../../src/nn/index.ts'
import { type ActivationName, activations } from '../../src/nn/layers/activations.ts'
import { customOp, Rng, type Shape, type Tensor, tanh, tensor } from '../../src/tensor/index.ts'
import { tensorOf } from './arbitraries.ts'
import { type GradientCall, type GradientCases, gradientCase, shown } from './gradient-case.ts'

const side = fc.integer({ min: 1, max: 4 })
const batch = fc.integer({ min: 0, max: 3 })
const still = new Rng(0) // only shapes are taken from a new layer: its parameters are drawn

interface Drawn {
  readonly layer: nn.Module
  /** Null for a layer without a differentiable input. */
  readonly inputShape: Shape | null
  readonly forward: (x: Tensor | undefined) => Tensor
  /** Other arguments, for messages. */
  readonly rest?: readonly unknown[]
}

/** Draws the input and the value of every parameter. */
const calls = (name: string, layers: fc.Arbitrary<Drawn>): fc.Arbitrary<GradientCall> =>
  layers.chain((drawn) => {
    const parameters = Object.entries(drawn.layer.parameters())
    const shapes = [...(drawn.inputShape === null ? [] : [drawn.inputShape]), ...parameters.map(([, p]) => p.shape)]
    const names = [...(drawn.inputShape === null ? [] : ['x']), ...parameters.map(([parameter]) => parameter)]
    return fc.tuple(...shapes.map((shape) => tensorOf(shape))).map((inputs) => ({
      call: shown(name, inputs, ...(drawn.rest ?? [])),
      run: (...given) => {
        const own = given.slice(given.length - parameters.length)
        for (const [i, [, parameter]] of parameters.entries()) replaceParameter(parameter, own[i]!)
        return drawn.forward(drawn.inputShape === null ? undefined : given[0]!)
      },
      inputs,
      names,
    }))
  })

/** The layer computes with the values of `leaf`, and the gradient flows on to it. */
function replaceParameter(parameter: Tensor, leaf: Tensor): void {
  parameter.storage = leaf.storage
  parameter.step = null
  parameter.grad = null
  customOp(parameter, [leaf], [(dy) => dy])
}

/** A layer whose forward pass draws from the same random numbers in every evaluation. */
const seeded = (layer: nn.Module, inputShape: Shape, seed: number, ...rest: unknown[]): Drawn => ({
  layer,
  inputShape,
  forward: (x) => layer.forward(x!, new Rng(seed)),
  rest: [...rest, { seed }],
})

const steady = (layer: nn.Module, inputShape: Shape, ...rest: unknown[]): Drawn => ({
  layer,
  inputShape,
  forward: (x) => layer.forward(x!),
  rest,
})

// A central difference across the kink of relu, leakyRelu or elu would be wrong.
const smooth = (Object.keys(activations) as ActivationName[]).filter(
  (name) => !['relu', 'leakyRelu', 'elu'].includes(name),
)

const embeddings = fc
  .tuple(side, side)
  .chain(([count, features]) =>
    fc.tuple(fc.constant(count), fc.constant(features), fc.array(fc.nat(count - 1), { maxLength: 5 })),
  )
  .map(([count, features, indices]): Drawn => {
    const layer = new nn.Embedding(count, features, still)
    return { layer, inputShape: null, forward: () => layer.forward(tensor(Int32Array.from(indices))), rest: [indices] }
  })

export const layerCases: GradientCases = {
  Linear: gradientCase(
    'y = x · Wᵀ + b;  dx = dy · W, dW = dyᵀ · x, db = Σ dy over the rows',
    calls(
      'Linear',
      fc
        .tuple(batch, side, side, fc.boolean())
        .map(([n, i, o, bias]) => steady(new nn.Linear(i, o, still, { bias }), [n, i])),
    ),
  ),
  Sequential: gradientCase(
    'y = fₙ(… f₁(x));  the chain rule: dx = J₁ᵀ … Jₙᵀ dy',
    calls(
      'Sequential',
      fc
        .tuple(batch, side, side)
        .map(([n, i, o]) =>
          steady(new nn.Sequential(new nn.Linear(i, o, still), tanh, new nn.LayerNorm(o, 0.5)), [n, i]),
        ),
    ),
  ),
  MLP: gradientCase(
    'y = Wₙ f(… f(W₁ x + b₁)) + bₙ;  the chain rule: dx = W₁ᵀ (f′ ⊙ … Wₙᵀ dy)',
    calls(
      'MLP',
      fc
        .tuple(batch, side, side, fc.constantFrom(...smooth))
        .map(([n, i, h, activation]) => steady(new nn.MLP([i, h, 2], still, { activation }), [n, i], activation)),
    ),
  ),
  Embedding: gradientCase('y[i] = W[indices[i]];  dW[indices[i]] += dy[i]', calls('Embedding', embeddings)),
  LayerNorm: gradientCase(
    'y = x̂ ⊙ w + b, x̂ = (x − mean) / s;  g = dy ⊙ w, dx = (g − mean g − x̂ mean(g ⊙ x̂)) / s, dw = Σ dy ⊙ x̂, db = Σ dy',
    calls(
      'LayerNorm',
      // A large epsilon keeps rows of equal elements smooth.
      fc.tuple(batch, fc.integer({ min: 2, max: 4 })).map(([n, f]) => steady(new nn.LayerNorm(f, 0.5), [n, f])),
    ),
  ),
  Dropout: gradientCase(
    'y = x ⊙ m / (1 − rate), m of zeros and ones;  dx = dy ⊙ m / (1 − rate)',
    calls(
      'Dropout',
      fc.tuple(batch, side, fc.nat()).map(([n, f, seed]) => seeded(new nn.Dropout(0.5), [n, f], seed)),
    ),
  ),
  NoisyLinear: gradientCase(
    'y = x · (μ + σ ⊙ ε)ᵀ + b;  dx = dy · (μ + σ ⊙ ε), dμ = dyᵀ · x, dσ = ε ⊙ (dyᵀ · x)',
    calls(
      'NoisyLinear',
      fc
        .tuple(batch, side, side, fc.nat())
        .map(([n, i, o, seed]) => seeded(new nn.NoisyLinear(i, o, still), [n, i], seed)),
    ),
  ),
  DuelingHead: gradientCase(
    'Q = V + A − mean A;  dV = Σ dy over the actions, dA = dy − mean dy',
    calls(
      'DuelingHead',
      fc.tuple(batch, side, side, side, fc.nat()).map(([n, i, actions, atoms, seed]) => {
        const value = new nn.NoisyLinear(i, atoms, still)
        const advantage = new nn.NoisyLinear(i, actions * atoms, still)
        return seeded(new nn.DuelingHead(value, advantage, atoms), [n, i], seed, { actions, atoms })
      }),
    ),
  ),
}
