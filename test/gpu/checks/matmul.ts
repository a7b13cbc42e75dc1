// The matrix product in all its forms, against the reference backend.

import fc from 'fast-check'
import { GpuStorage } from '../../../src/gpu/devices/gpu-storage.ts'
import { GpuEngine } from '../../../src/gpu/gpujs/engine.ts'
import { blocked, plain } from '../../../src/gpu/gpujs/matmul.ts'
import { Runner } from '../../../src/gpu/gpujs/runner.ts'
import { toDevice } from '../../../src/gpu/to-device.ts'
import type { MatmulSpec } from '../../../src/tensor/backends/backend.ts'

import * as t from '../../../src/tensor/index.ts'
import { CpuStorage, type Storage } from '../../../src/tensor/storage.ts'
import { backendOn, reference } from '../../support/backends.ts'
import { type Check, numbers, require, requireClose } from './check.ts'

type Product = (spec: MatmulSpec, a: Storage, b: Storage, bias: Storage | null) => Storage

const backend: Product = (spec, a, b, bias) => backendOn(a).matmul(spec, a, b, bias)

/** In gpu.js, one number of C per thread or a square of 2 by 2. */
const inForm =
  (form: 'one' | 'square'): Product =>
  (spec, a, b, bias) => {
    const { engine } = a as GpuStorage
    if (engine instanceof GpuEngine) {
      return (form === 'one' ? plain : blocked)(new Runner(engine), spec, a, b, bias)
    }
    return backend(spec, a, b, bias)
  }

const onGpu = (values: Float32Array) => toDevice(t.tensor(values), 'gpu').storage

async function compare(product: Product, spec: MatmulSpec, withBias: boolean, seed = 1): Promise<void> {
  const { batch, m, k, n } = spec
  const [a, b, bias] = [numbers(batch * m * k, seed), numbers(batch * k * n, seed + 1), numbers(n, seed + 2)]
  const heap = CpuStorage.onHeap
  const want = await reference.matmul(spec, heap(a), heap(b), withBias ? heap(bias) : null).read()
  const got = await product(spec, onGpu(a), onGpu(b), withBias ? onGpu(bias) : null).read()
  requireClose(got, want, JSON.stringify({ ...spec, withBias }), 1e-5, 1e-5)
}

function specs(batch: number, m: number, k: number, n: number): MatmulSpec[] {
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({ batch, m, k, n, transposeA, transposeB })),
  )
}

async function compareAll(product: Product, batch: number, m: number, k: number, n: number): Promise<void> {
  for (const spec of specs(batch, m, k, n)) for (const withBias of [false, true]) await compare(product, spec, withBias)
}

export const matmulChecks: readonly Check[] = [
  {
    name: 'matmul, one number a thread: plain, transposed, from a bias',
    run: () => compareAll(inForm('one'), 1, 21, 35, 19),
  },
  {
    name: 'matmul, a square a thread: plain, transposed, from a bias',
    run: () => compareAll(inForm('square'), 1, 70, 19, 66),
  },
  { name: 'matmul in batches', run: () => compareAll(backend, 3, 4, 2, 5) },
  { name: 'matmul of several tiles in batches', run: () => compareAll(backend, 2, 66, 19, 67) },
  { name: 'matmul large enough for squares', run: () => compareAll(backend, 1, 64, 64, 66) },
  { name: 'matmul with nothing to sum up', run: () => compareAll(backend, 1, 2, 0, 3) },
  {
    name: 'matmul of shapes found by search',
    run: async () => {
      const side = fc.integer({ min: 1, max: 9 })
      const spec = fc.record({
        batch: fc.constantFrom(1, 1, 2),
        m: side,
        k: side,
        n: side,
        transposeA: fc.boolean(),
        transposeB: fc.boolean(),
      })
      const property = fc.asyncProperty(spec, fc.boolean(), fc.nat(), (shape, withBias, seed) =>
        compare(backend, shape, withBias, seed),
      )
      await fc.assert(property, { numRuns: 15 })
    },
  },
  {
    name: 'matmul as an operation, with both of its gradients',
    run: async () => {
      const [a, b, w] = [numbers(15), numbers(12), numbers(20)]
      const leaf = (values: Float32Array, shape: number[]) => t.tensor(values, shape, { requiresGrad: true })
      const product = async (move: (x: t.Tensor) => t.Tensor) => {
        const [left, right] = [move(leaf(a, [5, 3])), move(leaf(b, [3, 4]))]
        const out = t.matmul(left, right)
        out.backward(move(t.tensor(w, [5, 4])))
        return [await out.data(), await left.grad!.data(), await right.grad!.data()]
      }
      const got = await product((x) => toDevice(x, 'gpu'))
      const want = await product((x) => x)
      for (const [i, name] of ['C', 'dA', 'dB'].entries()) requireClose(got[i]!, want[i]!, name)
    },
  },
  {
    name: 'results stay on the device until they are read',
    run: async () => {
      const a = toDevice(t.tensor(numbers(6), [2, 3]), 'gpu')
      const product = t.matmul(a, t.transpose(a))
      require(product.device === 'gpu' && product.storage instanceof GpuStorage, 'the product left the GPU')
      require(product.shape.join() === '2,2', 'the shape is known at once')
      require((await product.data()).length === 4, 'four numbers came back')
    },
  },
]
