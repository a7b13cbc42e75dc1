import { describe, expect, it } from 'vitest'
import {
  Adam,
  crossEntropy,
  Dropout,
  Linear,
  MLP,
  mseLoss,
  Sequential,
  SGD,
  fit as train,
} from '../../../src/nn/index.ts'
import { argmax, Rng, type Tensor, tensor, zeros } from '../../../src/tensor/index.ts'

// y = 2a - b + 1, to be found again.
function plane(count: number, seed: number): [x: Tensor, y: Tensor] {
  const rng = new Rng(seed)
  const inputs = Array.from({ length: count }, () => [rng.uniform(-1, 1), rng.uniform(-1, 1)])
  return [tensor(inputs), tensor(inputs.map(([a, b]) => [2 * a! - b! + 1]))]
}

describe('fit', () => {
  it('finds a plane, and reports each epoch', () => {
    const [x, y] = plane(100, 1)
    const model = new Linear(2, 1, new Rng(2))
    const seen: number[] = []
    const history = train(model, x, y, {
      loss: mseLoss,
      optimizer: new Adam(model, { learningRate: 0.05 }),
      epochs: 60,
      batchSize: 16,
      validation: plane(20, 3),
      onEpoch: ({ epoch }) => seen.push(epoch),
    })
    expect(history).toHaveLength(60)
    expect(seen).toEqual(history.map(({ epoch }) => epoch))
    expect(history.at(-1)!.loss).toBeLessThan(1e-3)
    expect(history.at(-1)!.validationLoss).toBeLessThan(1e-3)
    const [a, b] = model.weight.view()
    expect([a, b, model.bias!.item()]).toEqual([expect.closeTo(2, 1), expect.closeTo(-1, 1), expect.closeTo(1, 1)])
  })

  it('learns classes from int32 labels', () => {
    const [x] = plane(60, 5)
    const labels = tensor(Int32Array.from({ length: 60 }, (_, i) => (x.view()[2 * i]! > x.view()[2 * i + 1]! ? 1 : 0)))
    const model = new MLP([2, 16, 2], new Rng(1))
    train(model, x, labels, { loss: crossEntropy, optimizer: new Adam(model, { learningRate: 0.02 }), epochs: 40 })
    const predicted = Array.from(argmax(model.forward(x), 1).view())
    const right = predicted.filter((label, i) => label === labels.view()[i]).length
    expect(right).toBeGreaterThan(56)
  })

  it('visits every example once an epoch, the last ones in a smaller batch', () => {
    const x = tensor(
      Float32Array.from({ length: 10 }, (_, i) => i),
      [10, 1],
    )
    const batches: number[][] = []
    const model = new Linear(1, 1, new Rng(1))
    const loss = (prediction: Tensor, target: Tensor) => {
      batches.push([...target.view()])
      return mseLoss(prediction, target)
    }
    const optimizer = new SGD(model, { learningRate: 0 })
    const [first, second] = train(model, x, x, { loss, optimizer, epochs: 2, batchSize: 4 })
    expect(batches.map((batch) => batch.length)).toEqual([4, 4, 2, 4, 4, 2])
    const epochs = [batches.slice(0, 3).flat(), batches.slice(3).flat()]
    for (const seen of epochs) expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(epochs[0]).not.toEqual(epochs[1])
    // The mean over examples, not over batches, which differ in size: no learning, so both epochs agree with the whole.
    expect(first!.loss).toBeCloseTo(mseLoss(model.forward(x), x).item(), 4)
    expect(second!.loss).toBeCloseTo(first!.loss, 4)
    batches.length = 0
    train(model, x, x, { loss, optimizer, batchSize: 10, shuffle: false })
    expect(batches).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]])
  })

  it('is a function of its seed', () => {
    const run = (seed: number) => {
      const [x, y] = plane(40, 1)
      const model = new Sequential(new Linear(2, 8, new Rng(1)), new Dropout(0.5), new Linear(8, 1, new Rng(2)))
      return train(model, x, y, { loss: mseLoss, optimizer: new Adam(model), epochs: 3, rng: new Rng(seed) })
    }
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  it('evaluates without dropout', () => {
    const [x, y] = plane(8, 1)
    const model = new Sequential(new Linear(2, 64, new Rng(1)), new Dropout(0.9), new Linear(64, 1, new Rng(2)))
    const optimizer = new SGD(model, { learningRate: 0 })
    const [report] = train(model, x, y, { loss: mseLoss, optimizer, validation: [x, y] })
    expect(report!.validationLoss).toBe(mseLoss(model.forward(x), y).item())
    expect(report!.loss).not.toBe(report!.validationLoss)
  })

  it('stops early when onEpoch says so', () => {
    const [x, y] = plane(8, 1)
    const model = new Linear(2, 1, new Rng(1))
    const options = { loss: mseLoss, optimizer: new Adam(model), epochs: 10 }
    expect(train(model, x, y, { ...options, onEpoch: ({ epoch }) => epoch < 3 })).toHaveLength(4)
  })

  it('clips gradients if told to', () => {
    const model = new Linear(1, 1, new Rng(1))
    const before = model.weight.item()
    const optimizer = new SGD(model, { learningRate: 1 })
    train(model, tensor([[1000]]), tensor([[0]]), { loss: mseLoss, optimizer, maxGradNorm: 0.5 })
    expect(Math.abs(model.weight.item() - before)).toBeLessThanOrEqual(0.5)
  })

  it('says what does not fit', () => {
    const model = new Linear(2, 1, new Rng(1))
    const options = { loss: mseLoss, optimizer: new Adam(model) }
    expect(() => train(model, zeros([3, 2]), zeros([4, 1]), options)).toThrow(
      'x is [3, 2], y is [4, 1]; expected as many',
    )
    expect(() => train(model, zeros([0, 2]), zeros([0, 1]), options)).toThrow('at least one')
    expect(() => train(model, tensor(1), tensor(1), options)).toThrow('x is [], y is []')
    expect(() => train(model, zeros([3, 2]), zeros([3, 1]), { ...options, epochs: 0 })).toThrow(
      'fit: epochs is 0; expected a whole number from 1 on',
    )
    expect(() => train(model, zeros([3, 2]), zeros([3, 1]), { ...options, batchSize: 1.5 })).toThrow('batchSize is 1.5')
    const list = [[1, 2]] as never
    for (const [x, y] of [
      [list, zeros([1, 1])],
      [zeros([1, 2]), list],
    ] as const) {
      expect(() => train(model, x, y, options)).toThrow(/^fit: x is object, y is object; expected tensors of examples/)
    }
    for (const [module, wrong] of [
      [undefined, options],
      [model, undefined],
      [model, { ...options, loss: 'mse' }],
      [model, { ...options, optimizer: Adam }],
    ]) {
      expect(() => train(module as never, zeros([3, 2]), zeros([3, 1]), wrong as never)).toThrow(
        'fit: expected fit(model, x, y, { loss, optimizer })',
      )
    }
    const validation = [zeros([2, 2]), zeros([1, 1])] as const
    expect(() => train(model, zeros([3, 2]), zeros([3, 1]), { ...options, validation })).toThrow(
      'fit: validation: x is [2, 2]',
    )
  })
})
