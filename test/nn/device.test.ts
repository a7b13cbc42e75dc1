// Networks on the GPU backend, in gpu.js's `cpu` mode, which needs no GPU.

import { afterAll, describe, expect, it } from 'vitest'
import { openDevice, toDevice } from '../../src/gpu/index.ts'
import { parameter } from '../../src/nn/flat.ts'
import { Adam, AdamW, clipGradNorm, freeze, MLP, mseLoss, SGD } from '../../src/nn/index.ts'
import { parameterList } from '../../src/nn/module.ts'
import { clipGradNormOnDevice } from '../../src/nn/optimizers/clip-grad.ts'
import { add, DeviceError, mul, Rng, sum, type Tensor, tensor } from '../../src/tensor/index.ts'
import { LoopSGD } from './optimizers/loop-sgd.ts'

const gpu = await openDevice('cpu')
afterAll(() => gpu.close())

const x = tensor([1, -1, 0.5, 0, 2, 1, -1, 0.5, 2], [3, 3])
const y = tensor([1, 0, 0, 1, 1, 1], [3, 2])
const network = () => new MLP([3, 6, 2], new Rng(1), { activation: 'tanh' })
const valuesOf = (model: MLP) => parameterList(model).map((tensor) => [...tensor.view()])
const expectNear = (got: number[][], expected: number[][]) => {
  expected.forEach((values, i) => {
    for (const [j, value] of values.entries()) expect(got[i]![j]).toBeCloseTo(value, 4)
  })
}

describe('a network on the GPU', () => {
  it.each([
    ['adam', (model: MLP) => new Adam(model, { learningRate: 0.05, amsgrad: true })],
    ['adamw', (model: MLP) => new AdamW(model, { learningRate: 0.05 })],
    ['sgd', (model: MLP) => new SGD(model, { learningRate: 0.05, momentum: 0.9, nesterov: true })],
  ] as const)('learns the same with %s as on the CPU, there and back', async (_, make) => {
    const [here, there] = [network(), network()]
    toDevice(there, 'gpu')
    expect(parameterList(there).every((p) => p.device === 'gpu' && p.requiresGrad)).toBe(true)
    const [xThere, yThere] = [toDevice(x, 'gpu'), toDevice(y, 'gpu')]
    const [a, b] = [make(here), make(there)]
    const lossOf = (model: MLP, input: Tensor, target: Tensor) => () => mseLoss(model.forward(input), target)
    for (let i = 0; i < 5; i++) {
      const expected = a.minimize(lossOf(here, x, y), { maxGradNorm: 0.5 })
      expect(await b.minimizeAsync(lossOf(there, xThere, yThere), { maxGradNorm: 0.5 })).toBeCloseTo(expected, 4)
    }
    await toDevice(there, 'cpu')
    expectNear(valuesOf(there), valuesOf(here))
    expect(a.steps).toBe(b.steps)
  })

  it('takes frozen parameters along', () => {
    const model = network()
    freeze(model)
    toDevice(model, 'gpu')
    expect(parameterList(model).every((p) => p.device === 'gpu' && !p.requiresGrad)).toBe(true)
  })

  it('says so when an optimizer was made before the move, or a loss is read at once', () => {
    const model = network()
    const optimizer = new Adam(model)
    toDevice(model, 'gpu')
    const [xThere, yThere] = [toDevice(x, 'gpu'), toDevice(y, 'gpu')]
    const loss = () => mseLoss(model.forward(xThere), yThere)
    expect(() => optimizer.minimize(loss)).toThrow('await tensor.data()')
    loss().backward()
    expect(() => optimizer.step()).toThrow('move the network first, then make the optimizer')
    expect(() => new Adam(model).saveState()).toThrow('move the network to the CPU first')
  })

  it('has no arrays for an optimizer that loops over them', async () => {
    const model = network()
    toDevice(model, 'gpu')
    const xThere = toDevice(x, 'gpu')
    const step = new LoopSGD(model, 0.1).minimizeAsync(() => sum(model.forward(xThere)))
    await expect(step).rejects.toThrow(DeviceError)
    await expect(step).rejects.toThrow(/^loop-sgd: the parameters are on a GPU/)
  })
})

describe('minimizeAsync', () => {
  it('works on the CPU as well, and several at once', async () => {
    const [a, b] = [network(), network()]
    const [one, other] = [new Adam(a), new Adam(b)]
    const lossOf = (model: MLP) => () => mseLoss(model.forward(x), y)
    const losses = Array.from({ length: 4 }, () => one.minimize(lossOf(a)))
    expect(await Promise.all(Array.from({ length: 4 }, () => other.minimizeAsync(lossOf(b))))).toEqual(losses)
    expect(valuesOf(b)).toEqual(valuesOf(a))
  })

  it('rejects on a loss that is not finite', async () => {
    const p = parameter([1], [1])
    const optimizer = new SGD([p])
    await expect(optimizer.minimizeAsync(() => sum(mul(p, Number.NaN)))).rejects.toThrow(
      'the loss of step 0 is NaN; the parameters have moved since',
    )
  })
})

it('clipGradNormOnDevice: does what clipGradNorm does', () => {
  for (const limit of [0.5, 5, 50]) {
    const [a, b] = [
      [parameter([2], [0, 0]), parameter([1], [0])],
      [parameter([2], [0, 0]), parameter([1], [0])],
    ]
    for (const [p, q] of [a, b]) add(sum(mul(p!, 3)), sum(mul(q!, -4))).backward()
    clipGradNorm(a, limit)
    clipGradNormOnDevice(b, limit)
    b.forEach(({ grad }, i) => {
      for (const [j, value] of grad!.view().entries()) expect(value).toBeCloseTo(a[i]!.grad!.view()[j]!, 5)
    })
  }
  clipGradNormOnDevice([parameter([1], [1])], 1)
  expect(() => clipGradNormOnDevice([], 0)).toThrow('maxNorm is 0; expected a number above 0')
})
