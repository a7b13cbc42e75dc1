// An optimizer of one's own: Lion, as examples/own-optimizer.ts has it from public names alone.

import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { openDevice, toDevice } from '../../../src/gpu/index.ts'
import { parameter } from '../../../src/nn/flat.ts'
import { MLP, mseLoss } from '../../../src/nn/index.ts'
import { DeviceError, mul, Rng, sum, type Tensor, tensor } from '../../../src/tensor/index.ts'
import { forAll } from '../../support/property.ts'

const print = vi.spyOn(console, 'log').mockImplementation(() => {})
const { Lion } = await import('../../../examples/own-optimizer.ts')
const printed = print.mock.calls.flat()
print.mockRestore()

/** The loss ⟨g, p⟩, whose gradient is g. */
const along = (p: Tensor, g: readonly number[]) => () => sum(mul(p, tensor(g, p.dims, { dtype: p.dtype })))

it('trains the agent of the example', () => {
  expect(printed).toEqual(['PPO with Lion, CartPole-v1: a mean return of 500.0 ± 0.0'])
})

it('moves by the sign of the momentum that looks ahead, by hand', () => {
  const p = parameter([2], [1, -2])
  const lion = new Lion([p], { learningRate: 0.1, beta1: 0.5, beta2: 0.75, weightDecay: 0.5 })
  lion.minimize(along(p, [4, -1])) // m = 0: signs 1 and -1; 1 - 0.1 (1 + 0.5), -2 - 0.1 (-1 - 1)
  expect([...p.toArray()]).toEqual([0.85, -1.8].map(Math.fround))
  lion.minimize(along(p, [-2, 8])) // m = 1, -0.25: ½ m + ½ g = -0.5, 3.875
  expect(p.toArray()[0]).toBeCloseTo(0.85 - 0.1 * (-1 + 0.425), 6)
  expect(p.toArray()[1]).toBeCloseTo(-1.8 - 0.1 * (1 - 0.9), 6)
  expect([...lion.saveState().tensors['0.momentum.0']!]).toEqual([0.25, 1.8125])
})

it('steps as its equation in float64, on linear memory and on the heap, alone or among others', () => {
  const eighths = fc
    .array(fc.integer({ min: -16, max: 16 }), { minLength: 3, maxLength: 3 })
    .map((n) => n.map((x) => x / 8))
  forAll([eighths, fc.array(eighths, { minLength: 1, maxLength: 5 }), fc.boolean()], (start, gradients, wide) => {
    const p = wide ? tensor(Float64Array.from(start), [3], { requiresGrad: true }) : parameter([3], start)
    const other = parameter([5], [1, 2, 3, 4, 5])
    const lion = new Lion(wide ? [p] : [other, p], { learningRate: 0.25, beta1: 0.5, beta2: 0.5 })
    const [expected, momentum] = [[...start], [0, 0, 0]]
    for (const g of gradients) {
      lion.minimize(along(p, g))
      g.forEach((each, i) => {
        expected[i]! -= 0.25 * Math.sign(momentum[i]! + each)
        momentum[i] = (momentum[i]! + each) / 2
      })
    }
    expect([...p.toArray()]).toEqual(expected)
    expect([...other.toArray()]).toEqual([1, 2, 3, 4, 5])
  })
})

it('goes on from a saved state with the same bits', () => {
  const x = tensor([[1, -1, 0.5]])
  const start = () => {
    const network = new MLP([3, 5, 1], new Rng(1))
    return { network, lion: new Lion(network, { learningRate: 0.01 }) }
  }
  const step = ({ network, lion }: ReturnType<typeof start>) =>
    lion.minimize(() => mseLoss(network.forward(x), tensor([[1]])))
  const [unbroken, resumed] = [start(), start()]
  for (let i = 0; i < 3; i++) [step(unbroken), step(resumed)]
  const again = new Lion(resumed.network)
  again.loadState(resumed.lion.saveState())
  for (let i = 0; i < 3; i++) expect(step({ ...resumed, lion: again })).toBe(step(unbroken))
})

it('throws on a GPU, where it has no kernel', async () => {
  const gpu = await openDevice('cpu')
  const network = new MLP([1, 1], new Rng(1))
  toDevice(network, 'gpu')
  const x = toDevice(tensor([[1]]), 'gpu')
  const step = new Lion(network).minimizeAsync(() => sum(network.forward(x)))
  await expect(step).rejects.toThrow(DeviceError)
  gpu.close()
})
