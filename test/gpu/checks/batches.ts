// Calls that wait in one batch, buffers that are reused in it, and arrays too large for one row of workgroups.

import { toDevice } from '../../../src/gpu/to-device.ts'
import { scope, tensor } from '../../../src/tensor/index.ts'
import { CpuStorage } from '../../../src/tensor/storage.ts'
import { backendOn, reference } from '../../support/backends.ts'
import { type Check, numbers, require, requireClose } from './check.ts'

const onGpu = (values: ArrayLike<number>) => toDevice(tensor(Float32Array.from(values)), 'gpu').storage

export const batchChecks: readonly Check[] = [
  {
    name: 'uploads between many calls reach the calls that follow them, and no others',
    run: async () => {
      const total = onGpu([0, 0])
      const gpu = backendOn(total)
      for (let i = 1; i <= 300; i++) scope(() => gpu.addInto(total, gpu.upload(Float32Array.of(i, 1))))
      require((await total.read()).join() === '45150,300', `the sums are ${await total.read()}`)
    },
  },
  {
    name: 'an array may be both operands, and the target',
    run: async () => {
      const x = onGpu([1, 2])
      const gpu = backendOn(x)
      gpu.addInto(x, x)
      require((await gpu.zip('mul', x, [2], x, [2], [2], 0, 0).read()).join() === '4,16', 'x is doubled, then squared')
      const table = gpu.zip('sub', x, [2, 1], x, [1, 2], [2, 2], 0, 0)
      require((await table.read()).join() === '0,-2,2,0', 'a column and a row of the same numbers')
    },
  },
  {
    name: 'totals of long arrays, in buffers with other numbers behind them',
    run: async () => {
      const values = numbers(9001)
      const gpu = backendOn(onGpu([0]))
      for (const op of ['sum', 'max', 'min'] as const) {
        const view = { outer: 1, size: values.length, inner: 1 }
        scope(() => gpu.fill(9024, 5, 'float32')) // x reuses its buffer
        const x = onGpu(values)
        const want = reference.reduce(op, CpuStorage.onHeap(Float64Array.from(values)), view)
        requireClose(await gpu.reduce(op, x, view).read(), await want.read(), op, 1e-5, 1e-4)
      }
    },
  },
  {
    name: 'more elements than one row of workgroups has threads',
    run: async ({ mode }) => {
      if (mode !== 'wgsl') return // large, and the others have no such rows
      const length = 64 * 65535 + 77
      const x = onGpu(Float32Array.from({ length }, (_, i) => i % 1000))
      const gpu = backendOn(x)
      const y = await gpu.map('shift', x, 1, 0).read()
      require(y.every((each, i) => each === (i % 1000) + 1), 'each element is computed once')
      const lines = await gpu.reduce('sum', x, { outer: length, size: 1, inner: 1 }).read()
      require(lines[length - 1] === (length - 1) % 1000 && lines.length === length, 'so is each line')
    },
  },
]
