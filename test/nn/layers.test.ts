import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ActivationName, activationOf, activations } from '../../src/nn/activations.ts'
import {
  constant,
  Dropout,
  DuelingHead,
  Embedding,
  LayerNorm,
  Linear,
  MLP,
  type Module,
  NoisyLinear,
  normalInit,
  orthogonal,
  Sequential,
} from '../../src/nn/index.ts'
import { gradcheck, Rng, relu, type Tensor, tanh, tensor, zeros } from '../../src/tensor/index.ts'
import { tensorOf } from '../support/arbitraries.ts'
import { checkParameterGradients, cotangents } from './gradients.ts'

const side = fc.integer({ min: 1, max: 4 })
const batch = fc.integer({ min: 0, max: 3 })
const seed = fc.nat()

/** Gradients in the input and in all parameters. `rng` gives the same noise to every evaluation. */
function checkLayer(layer: Module, x: Tensor, w: ArrayLike<number>, rng?: () => Rng): void {
  checkParameterGradients(layer, () => layer.forward(x, rng?.()), w)
  gradcheck((input) => layer.forward(input, rng?.()), x, w)
}

const rows = (x: Tensor) => {
  const columns = x.shape.at(-1)!
  const data = Array.from(x.toArray())
  return Array.from({ length: x.size / columns }, (_, i) => data.slice(i * columns, (i + 1) * columns))
}

describe('Linear', () => {
  it('is x · Wᵀ + b, with the weight as [outputs, inputs]', () => {
    const layer = new Linear(2, 3, new Rng(1))
    layer.weight.view().set([1, 2, 3, 4, 5, 6])
    layer.bias!.view().set([10, 20, 30])
    expect(rows(layer.forward(tensor([[1, -1]])))).toEqual([[9, 19, 29]])
    expect(rows(layer.forward(tensor([1, -1])))).toEqual([[9, 19, 29]])
    expect(layer.forward(zeros([2, 5, 2])).shape).toEqual([2, 5, 3])
    expect(Object.keys(layer.parameters())).toEqual(['weight', 'bias'])
  })

  it('goes without a bias, and starts as it is told', () => {
    const layer = new Linear(2, 2, new Rng(1), { bias: false, weightInit: constant(0.5) })
    expect(Object.keys(layer.parameters())).toEqual(['weight'])
    expect([...layer.weight.view()]).toEqual([0.5, 0.5, 0.5, 0.5])
    expect([...new Linear(2, 2, new Rng(1), { biasInit: constant(0) }).bias!.view()]).toEqual([0, 0])
  })

  it('starts within ±1/√inputs, weight and bias', () => {
    const layer = new Linear(16, 50, new Rng(3))
    const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs))
    for (const { size, view } of [layer.weight, layer.bias!].map((t) => ({ size: t.size, view: t.view() }))) {
      expect(largest(view)).toBeLessThanOrEqual(0.25)
      expect(largest(view)).toBeGreaterThan(0.25 * (1 - 10 / size))
    }
  })

  it('has the gradient its central difference shows, in input, weight and bias', () => {
    const inputs = fc
      .tuple(batch, side, side)
      .chain(([n, i, o]) => fc.tuple(tensorOf([n, i]), fc.constant(o), seed, cotangents))
    fc.assert(
      fc.property(inputs, ([x, outputs, s, w]) => checkLayer(new Linear(x.shape[1]!, outputs, new Rng(s)), x, w)),
      { numRuns: 50 },
    )
  })

  it('says which sizes do not fit', () => {
    expect(() => new Linear(0, 2, new Rng(1))).toThrow('Linear: inputs is 0; expected a whole number from 1 on')
    expect(() => new Linear(2, 1.5, new Rng(1))).toThrow('Linear: outputs is 1.5')
    expect(() => new Linear(2, 3, new Rng(1)).forward(zeros([4, 5]))).toThrow('[4, 5]')
  })
})

describe('Sequential', () => {
  it('names parameters by place, activations included, and nests', () => {
    const inner = new Sequential(new Linear(3, 3, new Rng(1)), tanh)
    const model = new Sequential(new Linear(2, 3, new Rng(1)), relu, inner, new LayerNorm(3))
    expect(Object.keys(model.parameters())).toEqual([
      '0.weight',
      '0.bias',
      '2.0.weight',
      '2.0.bias',
      '3.weight',
      '3.bias',
    ])
  })

  it('applies layers in order and hands the random numbers on', () => {
    const model = new Sequential((x) => x, new Dropout(0.5))
    const x = tensor([1, 1, 1, 1, 1, 1, 1, 1])
    expect([...model.forward(x).view()]).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
    expect([...model.forward(x, new Rng(1)).view()]).not.toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  })
})

describe('MLP', () => {
  it('is linear layers with an activation after each but the last', () => {
    const model = new MLP([4, 8, 8, 2], new Rng(1))
    expect(model.layers).toHaveLength(5)
    expect(Object.keys(model.parameters())).toEqual(['0.weight', '0.bias', '2.weight', '2.bias', '4.weight', '4.bias'])
    expect(model.layers[1]).toBe(relu)
    expect(model.forward(zeros([7, 4])).shape).toEqual([7, 2])
  })

  it('takes initial values and activations for the hidden and the last layer', () => {
    const model = new MLP([4, 4, 4], new Rng(1), {
      activation: 'tanh',
      outputActivation: 'sigmoid',
      weightInit: orthogonal(Math.SQRT2),
      outputInit: constant(0),
      biasInit: constant(0.25),
    })
    const { '0.weight': first, '2.weight': last, '2.bias': bias } = model.parameters()
    const row = rows(first!)[0]!
    expect(row.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(2, 5)
    expect([...last!.view()]).toEqual(new Array(16).fill(0))
    expect([...bias!.view()]).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(model.forward(tensor([1, 2, 3, 4])).view()[0]).toBeCloseTo(1 / (1 + Math.exp(-0.25)), 6)
  })

  it('uses the hidden initial values for the last layer if it has none of its own', () => {
    const model = new MLP([2, 2], new Rng(1), { weightInit: constant(3) })
    expect([...model.parameters()['0.weight']!.view()]).toEqual([3, 3, 3, 3])
  })

  it('has the gradient its central difference shows, with each activation', () => {
    const smooth = (Object.keys(activations) as ActivationName[]).filter(
      (name) => !['relu', 'leakyRelu', 'elu'].includes(name),
    )
    const inputs = fc
      .tuple(batch, side, side)
      .chain(([n, i, h]) => fc.tuple(tensorOf([n, i]), fc.constant(h), fc.constantFrom(...smooth), seed, cotangents))
    fc.assert(
      fc.property(inputs, ([x, hidden, activation, s, w]) => {
        checkLayer(new MLP([x.shape[1]!, hidden, 2], new Rng(s), { activation }), x, w)
      }),
      { numRuns: 40 },
    )
  })

  it('refuses what is no network', () => {
    expect(() => new MLP([4], new Rng(1))).toThrow('MLP: sizes are [4]; expected at least')
    expect(() => new MLP([4, 2], new Rng(1), { activation: 'rleu' as 'relu' })).toThrow('Did you mean "relu"?')
    expect(() => activationOf('toString' as 'relu')).toThrow('unknown activation "toString"')
  })
})

describe('Embedding', () => {
  it('looks rows up', () => {
    const table = new Embedding(3, 2, new Rng(1))
    table.weight.view().set([0, 1, 10, 11, 20, 21])
    expect(rows(table.forward(tensor(Int32Array.of(2, 0))))).toEqual([
      [20, 21],
      [0, 1],
    ])
    expect(table.forward(tensor(Int32Array.of(1, 1, 1, 1), [2, 2])).shape).toEqual([2, 2, 2])
    expect(() => table.forward(tensor(Int32Array.of(3)))).toThrow('index 3')
    expect(Object.keys(table.parameters())).toEqual(['weight'])
  })

  it('gathers the gradients of a row that is looked up twice', () => {
    const inputs = fc
      .tuple(side, side)
      .chain(([count, features]) =>
        fc.tuple(
          fc.constant(count),
          fc.constant(features),
          fc.array(fc.nat(count - 1), { maxLength: 5 }),
          seed,
          cotangents,
        ),
      )
    fc.assert(
      fc.property(inputs, ([count, features, indices, s, w]) => {
        const table = new Embedding(count, features, new Rng(s), normalInit(1))
        checkParameterGradients(table, () => table.forward(tensor(Int32Array.from(indices))), w)
      }),
      { numRuns: 50 },
    )
  })
})

describe('LayerNorm', () => {
  it('gives rows mean 0 and variance 1 at the start', () => {
    const [row] = rows(new LayerNorm(4, 0).forward(tensor([[1, 2, 3, 6]])))
    expect(row!.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5)
    expect(row!.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 5)
  })

  it('has the gradient its central difference shows', () => {
    const inputs = fc
      .tuple(batch, fc.integer({ min: 2, max: 4 }))
      .chain(([n, f]) => fc.tuple(tensorOf([n, f]), cotangents))
    fc.assert(
      fc.property(inputs, ([x, w]) => {
        const layer = new LayerNorm(x.shape[1]!, 0.5) // a large epsilon keeps rows of equal elements smooth
        layer.weight.view().forEach((_, i, all) => {
          all[i] = 1 + i
        })
        checkLayer(layer, x, w)
      }),
      { numRuns: 50 },
    )
  })
})

describe('Dropout', () => {
  it('drops the share it should and scales the rest, only in a training pass', () => {
    const x = tensor(new Float32Array(10_000).fill(3))
    const dropout = new Dropout(0.25)
    expect(dropout.forward(x)).toBe(x)
    const values = dropout.forward(x, new Rng(5)).toArray()
    expect(new Set(values)).toEqual(new Set([0, 4]))
    const dropped = Array.from(values).filter((v) => v === 0).length
    expect(Math.abs(dropped - 2500)).toBeLessThan(5 * Math.sqrt(10_000 * 0.25 * 0.75))
    expect(dropout.parameters()).toEqual({})
  })

  it('lets gradients through where it let values through', () => {
    fc.assert(
      fc.property(tensorOf([3, 2]), seed, cotangents, (x, s, w) =>
        checkLayer(new Dropout(0.5), x, w, () => new Rng(s)),
      ),
      { numRuns: 50 },
    )
  })

  it('refuses rates that are none', () => {
    expect(() => new Dropout(1)).toThrow('Dropout: rate is 1; expected at least 0 and below 1')
    expect(() => new Dropout(Number.NaN)).toThrow('rate is NaN')
  })
})

describe('NoisyLinear', () => {
  it('is a linear layer of its means without random numbers', () => {
    const layer = new NoisyLinear(3, 2, new Rng(1))
    const plain = new Linear(3, 2, new Rng(9))
    plain.weight.view().set(layer.weightMu.view())
    plain.bias!.view().set(layer.biasMu.view())
    const x = tensor([[1, -2, 3]])
    expect(rows(layer.forward(x))).toEqual(rows(plain.forward(x)))
    expect([...layer.weightSigma.view()].every((sigma) => Math.abs(sigma - 0.5 / Math.sqrt(3)) < 1e-6)).toBe(true)
    expect(Object.keys(layer.parameters())).toEqual(['weight_mu', 'bias_mu', 'weight_sigma', 'bias_sigma'])
  })

  it('is the layer whose weights are μ + σ f(e_out) f(e_in), for a whole batch', () => {
    const layer = new NoisyLinear(3, 2, new Rng(1))
    layer.weightSigma.view().set([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    layer.biasSigma.view().set([0.7, 0.8])
    const rng = new Rng(11)
    const noise = (length: number) =>
      Array.from({ length }, () => {
        const e = rng.normal()
        return Math.sign(e) * Math.sqrt(Math.abs(e))
      })
    const [fromInputs, fromOutputs] = [noise(3), noise(2)]
    const plain = new Linear(3, 2, new Rng(9))
    plain.weight.view().set(
      Array.from(layer.weightMu.view(), (mu, k) => {
        return mu + layer.weightSigma.view()[k]! * fromOutputs[Math.floor(k / 3)]! * fromInputs[k % 3]!
      }),
    )
    plain
      .bias!.view()
      .set(Array.from(layer.biasMu.view(), (mu, j) => mu + layer.biasSigma.view()[j]! * fromOutputs[j]!))
    const x = tensor([
      [1, -2, 3],
      [0.5, 0, -1],
    ])
    const noisy = layer.forward(x, new Rng(11)).toArray()
    plain
      .forward(x)
      .toArray()
      .forEach((value, i) => {
        expect(noisy[i]).toBeCloseTo(value, 5)
      })
    expect(layer.forward(x, new Rng(12)).toArray()).not.toEqual(noisy)
  })

  it('has the gradient its central difference shows', () => {
    const inputs = fc
      .tuple(batch, side, side)
      .chain(([n, i, o]) => fc.tuple(tensorOf([n, i]), fc.constant(o), seed, cotangents))
    fc.assert(
      fc.property(inputs, ([x, o, s, w]) =>
        checkLayer(new NoisyLinear(x.shape[1]!, o, new Rng(s)), x, w, () => new Rng(s)),
      ),
      { numRuns: 50 },
    )
  })
})

describe('DuelingHead', () => {
  const linear = (inputs: number, outputs: number, s: number) => new Linear(inputs, outputs, new Rng(s))

  it('is the value plus the advantage above its mean', () => {
    const head = new DuelingHead(linear(1, 1, 1), linear(1, 3, 1))
    const { 'value.weight': v, 'value.bias': vb, 'advantage.weight': a, 'advantage.bias': ab } = head.parameters()
    v!.view().set([0])
    vb!.view().set([10])
    a!.view().set([0, 0, 0])
    ab!.view().set([1, 2, 6])
    expect(rows(head.forward(tensor([[1], [1]])))).toEqual([
      [8, 9, 13],
      [8, 9, 13],
    ])
    expect([...head.forward(tensor([1])).view()]).toEqual([8, 9, 13])
  })

  it('does so atom by atom', () => {
    const head = new DuelingHead(linear(2, 5, 1), linear(2, 15, 2), 5)
    const x = tensor([
      [1, 2],
      [3, -4],
    ])
    const [values, advantages, q] = [head.value.forward(x), head.advantage.forward(x), head.forward(x)]
    expect(q.shape).toEqual([2, 3, 5])
    expect(head.forward(zeros([0, 2])).shape).toEqual([0, 3, 5])
    const at = (b: number, action: number, atom: number) => advantages.view()[b * 15 + action * 5 + atom]!
    for (const [b, action, atom] of [
      [0, 0, 0],
      [1, 2, 4],
      [1, 0, 3],
    ] as const) {
      const mean = (at(b, 0, atom) + at(b, 1, atom) + at(b, 2, atom)) / 3
      expect(q.view()[b * 15 + action * 5 + atom]).toBeCloseTo(
        values.view()[b * 5 + atom]! + at(b, action, atom) - mean,
        5,
      )
    }
  })

  it('has the gradient its central difference shows, and hands random numbers to both streams', () => {
    const inputs = fc
      .tuple(batch, side, side, side)
      .chain(([n, i, actions, atoms]) =>
        fc.tuple(tensorOf([n, i]), fc.constant(actions), fc.constant(atoms), seed, cotangents),
      )
    fc.assert(
      fc.property(inputs, ([x, actions, atoms, s, w]) => {
        const value = new NoisyLinear(x.shape[1]!, atoms, new Rng(s))
        const advantage = new NoisyLinear(x.shape[1]!, actions * atoms, new Rng(s))
        checkLayer(new DuelingHead(value, advantage, atoms), x, w, () => new Rng(s))
      }),
      { numRuns: 30 },
    )
  })
})
