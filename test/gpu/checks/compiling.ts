// A kernel of gpu.js is compiled once for each shape, one in WGSL once for all: counted by the backend, and at the driver.

import type { GpuStorage } from '../../../src/gpu/devices/gpu-storage.ts'
import { toDevice } from '../../../src/gpu/to-device.ts'
import { Adam, MLP, mseLoss } from '../../../src/nn/index.ts'
import * as t from '../../../src/tensor/index.ts'
import { type Check, numbers, require } from './check.ts'
import { countDriver } from './driver.ts'

const onGpu = (shape: number[], seed = 1) =>
  toDevice(
    t.tensor(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
      shape,
    ),
    'gpu',
  )

/** Compilations during `body`, as the backend counts them; the driver must have seen as many. */
async function compilations(what: string, body: () => Promise<unknown>): Promise<number> {
  const { engine } = onGpu([1]).storage as GpuStorage
  await engine.settled()
  const driver = countDriver(engine)
  const before = engine.compiled
  await body()
  const compiled = engine.compiled - before
  require(driver === null ||
    driver.compiled === compiled, `${what}: the driver compiled ${driver?.compiled}, the backend says ${compiled}`)
  return compiled
}

export const compilingChecks: readonly Check[] = [
  {
    name: 'one kernel a shape, or one for all, compiled at its first call',
    run: async ({ mode }) => {
      // Sizes that no other check uses.
      const [x, y] = [onGpu([977]), onGpu([978])]
      const [a, b, c] = [onGpu([19, 23]), onGpu([23, 29], 2), onGpu([23, 31], 3)]
      const calls: [string, number, () => t.Tensor][] = [
        ['tanh of 977 numbers', 1, () => t.tanh(x)],
        ['tanh of 977 numbers again', 0, () => t.tanh(x)],
        ['tanh of 977 other numbers', 0, () => t.tanh(t.tanh(x))],
        ['tanh of 978 numbers', 1, () => t.tanh(y)],
        ['sigmoid of 977 numbers', 1, () => t.sigmoid(x)],
        ['tanh of 977 numbers after all that', 0, () => t.tanh(x)],
        ['scale of 977 numbers', 1, () => t.mul(x, 2)],
        ['scale of 977 numbers by another', 0, () => t.mul(x, 3)],
        ['a product', 1, () => t.matmul(a, b)],
        ['the product again', 0, () => t.matmul(a, b)],
        ['a product of another shape', 1, () => t.matmul(a, c)],
      ]
      if (mode === 'wgsl') for (const [, , run] of calls) await run().data()
      for (const [what, ofGpuJs, run] of calls) {
        const wanted = mode === 'wgsl' ? 0 : ofGpuJs
        const got = await compilations(what, () => run().data())
        require(got === wanted, `${what}: ${got} compilations, expected ${wanted}`)
      }
    },
  },
  {
    name: 'training steps after the first two compile nothing',
    run: async ({ mode }) => {
      const model = new MLP([5, 11, 2], new t.Rng(1), { activation: 'tanh' })
      toDevice(model, 'gpu')
      const optimizer = new Adam(model)
      const [x, y] = [onGpu([13, 5]), onGpu([13, 2], 2)]
      const step = () => optimizer.minimizeAsync(() => mseLoss(model.forward(x), y))
      const first = await compilations('first step', step)
      require(first > 0 || mode === 'wgsl', 'the first step compiles the kernels of its shapes')
      await step()
      const later = await compilations('later steps', async () => {
        for (let i = 0; i < 5; i++) await step()
      })
      require(later === 0, `${later} kernels were compiled after the second step`)
    },
  },
]
