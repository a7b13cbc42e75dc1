import { describe, expect, it } from 'vitest'
import {
  constant,
  Dropout,
  DuelingHead,
  Embedding,
  LayerNorm,
  Linear,
  MLP,
  NoisyLinear,
  orthogonal,
  Sequential,
} from '../../src/nn/index.ts'
import { activationOf } from '../../src/nn/layers/activations.ts'
import { add, mean, mul, Rng, relu, sub, type Tensor, tanh, tensor, zeros } from '../../src/tensor/index.ts'
import { gradientProperty } from '../support/gradients.ts'
import { layerCases } from '../support/layer-cases.ts'

const rows = (x: Tensor) => {
  const columns = x.shape.at(-1)!
  const data = Array.from(x.toArray())
  return Array.from({ length: x.size / columns }, (_, i) => data.slice(i * columns, (i + 1) * columns))
}

it.each(Object.entries(layerCases))('the gradient in the input and in each parameter: of %s', (_, { calls }) =>
  gradientProperty(calls),
)

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

  it('starts within ±1/√inputs, weight and bias, and so do the means of a noisy one', () => {
    const [{ weight, bias }, { weightMu, biasMu }] = [
      new Linear(16, 50, new Rng(3)),
      new NoisyLinear(16, 50, new Rng(3)),
    ]
    for (const start of [weight, bias!, weightMu, biasMu]) {
      const largest = Math.max(...Array.from(start.view(), Math.abs))
      expect(largest).toBeLessThanOrEqual(0.25)
      expect(largest).toBeGreaterThan(0.25 * (1 - 10 / start.size))
    }
  })

  it('says which sizes do not fit', () => {
    expect(() => new Linear(0, 2, new Rng(1))).toThrow('Linear: inputs is 0; expected a whole number from 1 on')
    expect(() => new Linear(2, 1.5, new Rng(1))).toThrow('Linear: outputs is 1.5')
    const missing = undefined as unknown as Rng
    const words = /^(Linear|MLP|Embedding): the random numbers .* are missing; give a generator: new Rng\(seed\)/
    for (const Layer of [Linear, Embedding]) expect(() => new Layer(2, 3, missing)).toThrow(words)
    expect(() => new MLP([2, 3], missing)).toThrow(words)
    expect(() => new Linear(2, 3, new Rng(1)).forward(zeros([4, 5]))).toThrow('[4, 5]')
  })
})

describe('Sequential', () => {
  it('names parameters by place, activations included, and nests', () => {
    const inner = new Sequential(new Linear(3, 3, new Rng(1)), tanh)
    const model = new Sequential(new Linear(2, 3, new Rng(1)), relu, inner, new LayerNorm(3))
    const names = ['0.weight', '0.bias', '2.0.weight', '2.0.bias', '3.weight', '3.bias']
    expect(Object.keys(model.parameters())).toEqual(names)
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

  it('takes a function for an activation', () => {
    const half = (x: Tensor) => mul(x, 0.5)
    expect(new MLP([4, 8, 2], new Rng(1), { activation: half }).layers[1]).toBe(half)
  })

  it('refuses what is no network', () => {
    expect(() => new MLP([4], new Rng(1))).toThrow('MLP: sizes are [4]; expected at least')
    expect(() => new MLP([4, 2], new Rng(1), { activation: 'rleu' as 'relu' })).toThrow('Did you mean "relu"?')
    expect(() => activationOf('toString' as 'relu')).toThrow('unknown activation "toString"')
  })
})

it('Embedding: looks rows up', () => {
  const table = new Embedding(3, 2, new Rng(1))
  table.weight.view().set([0, 1, 10, 11, 20, 21])
  expect([...table.forward(tensor(Int32Array.of(2, 0))).view()]).toEqual([20, 21, 0, 1])
  expect(table.forward(tensor(Int32Array.of(1, 1, 1, 1), [2, 2])).shape).toEqual([2, 2, 2])
  expect(() => table.forward(tensor(Int32Array.of(3)))).toThrow('index 3')
  expect(Object.keys(table.parameters())).toEqual(['weight'])
})

it('LayerNorm: gives rows mean 0 and variance 1 at the start', () => {
  const [row] = rows(new LayerNorm(4, 0).forward(tensor([[1, 2, 3, 6]])))
  expect(row!.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 5)
  expect(row!.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 5)
})

describe('Dropout', () => {
  it('drops the share it should and scales the rest, only in a training pass', () => {
    const x = tensor(new Float32Array(10_000).fill(3))
    const dropout = new Dropout(0.25)
    expect(dropout.forward(x)).toBe(x)
    expect(new Dropout(0).forward(x, new Rng(1))).toBe(x)
    const values = dropout.forward(x, new Rng(5)).toArray()
    expect(new Set(values)).toEqual(new Set([0, 4]))
    const dropped = Array.from(values).filter((v) => v === 0).length
    expect(Math.abs(dropped - 2500)).toBeLessThan(5 * Math.sqrt(10_000 * 0.25 * 0.75))
    expect(dropout.parameters()).toEqual({})
  })

  it('draws one number per element, and drops those below the rate', () => {
    const [rng, again] = [new Rng(5), new Rng(5)]
    new Dropout(0.25).forward(tensor([1, 1, 1]), rng)
    for (let i = 0; i < 3; i++) again.uniform()
    expect(rng.uniform()).toBe(again.uniform())
    const draws = [0.25, 0.2]
    const drawn = Object.assign(new Rng(1), { uniform: () => draws.shift()! })
    expect([...new Dropout(0.25).forward(tensor([3, 3]), drawn).view()]).toEqual([4, 0])
  })

  it('refuses rates that are none', () => {
    expect(() => new Dropout(-0.1)).toThrow('rate is -0.1')
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
    const x = tensor([1, -2, 3, 0.5, 0, -1], [2, 3])
    const noisy = layer.forward(x, new Rng(11)).toArray()
    for (const [i, value] of plain.forward(x).toArray().entries()) expect(noisy[i]).toBeCloseTo(value, 5)
    expect(layer.forward(x, new Rng(12)).toArray()).not.toEqual(noisy)
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
    expect([...head.forward(tensor([[1], [1]])).view()]).toEqual([8, 9, 13, 8, 9, 13])
    expect([...head.forward(tensor([1])).view()]).toEqual([8, 9, 13])
  })

  it('does so atom by atom', () => {
    const head = new DuelingHead(linear(2, 5, 1), linear(2, 15, 2), 5)
    const x = tensor([1, 2, 3, -4], [2, 2])
    const [values, advantages, q] = [head.value.forward(x), head.advantage.forward(x), head.forward(x)]
    expect(q.shape).toEqual([2, 3, 5])
    expect(head.forward(zeros([0, 2])).shape).toEqual([0, 3, 5])
    const at = (b: number, action: number, atom: number) => advantages.view()[b * 15 + action * 5 + atom]!
    for (let i = 0; i < 2 * 3 * 5; i++) {
      const [b, action, atom] = [Math.floor(i / 15), Math.floor(i / 5) % 3, i % 5]
      const mean = (at(b, 0, atom) + at(b, 1, atom) + at(b, 2, atom)) / 3
      expect(q.view()[i]).toBeCloseTo(values.view()[b * 5 + atom]! + at(b, action, atom) - mean, 5)
    }
  })

  it('takes features with any leading axes', () => {
    const head = new DuelingHead(linear(2, 5, 1), linear(2, 15, 2), 5)
    const x = tensor([1, 2, 3, -4, 5, -6, 7, 8], [2, 2, 2])
    const q = head.forward(x)
    expect(q.shape).toEqual([2, 2, 3, 5])
    expect(q.toArray()).toEqual(head.forward(tensor(x.toArray(), [4, 2])).toArray())
  })

  it('hands random numbers to both streams', () => {
    const head = new DuelingHead(new NoisyLinear(2, 1, new Rng(1)), new NoisyLinear(2, 3, new Rng(2)))
    const x = tensor([1, 2])
    const still = head.value.forward(x).item()
    const rng = new Rng(3)
    const noisy = add(head.value.forward(x, rng), head.advantage.forward(x, rng))
    expect(head.value.forward(x, new Rng(3)).item()).not.toBe(still)
    const centred = noisy.toArray().map((v) => v - mean(sub(noisy, head.value.forward(x, new Rng(3)))).item())
    for (const [i, v] of head.forward(x, new Rng(3)).toArray().entries()) expect(v).toBeCloseTo(centred[i]!, 5)
  })
})
