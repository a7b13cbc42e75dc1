// NaN and infinities through every operation on one operand and on two: a GPU's min and max may drop NaN, and its compiler
// may make a min or max of a comparison. What comes out is what the reference says.

import { toDevice } from '../../../src/gpu/to-device.ts'
import type { MapOp, ReduceOp, ZipOp } from '../../../src/tensor/backends/backend.ts'
import { tensor } from '../../../src/tensor/index.ts'
import { CpuStorage, type Storage } from '../../../src/tensor/storage.ts'
import { backendOn, reference } from '../../support/backends.ts'
import { type Check, requireClose } from './check.ts'

const X = [Number.NaN, Infinity, -Infinity, 1, -2, 0, Number.NaN, 20, -20, -1, 1, -1]
const Y = [1, Number.NaN, 2, Number.NaN, Infinity, Number.NaN, Number.NaN, 0, -Infinity, Infinity, -Infinity, -Infinity]
const [P, Q] = [-0.5, 2]
const shape = [X.length]

// The compiler sees to it that none is missing.
const maps: Record<MapOp, true> = {
  ...{
    ...{ neg: true, abs: true, sign: true, exp: true, log: true, sqrt: true, square: true, reciprocal: true },
    ...{ scale: true, log1p: true, sin: true, cos: true },
  },
  ...{ shift: true, power: true, relu: true, leakyRelu: true, elu: true, gelu: true, geluTanh: true, tanh: true },
  ...{ sigmoid: true, softplus: true, silu: true, clamp: true },
}
const zips: Record<ZipOp, true> = {
  ...{ add: true, sub: true, mul: true, div: true, power: true, maximum: true, minimum: true, equal: true },
  ...{ notEqual: true, greater: true, greaterEqual: true, less: true, lessEqual: true, reluGrad: true },
  ...{ leakyReluGrad: true, eluGrad: true, geluGrad: true, geluTanhGrad: true, softplusGrad: true, siluGrad: true },
  ...{ clampGrad: true, tanhGrad: true, sigmoidGrad: true },
}

async function compare(name: string, run: (of: typeof reference, x: Storage, y: Storage) => Storage): Promise<void> {
  const [x, y] = [X, Y].map((values) => toDevice(tensor(values), 'gpu').storage)
  const [wantX, wantY] = [X, Y].map((values) => CpuStorage.onHeap(Float64Array.from(values)))
  const want = await run(reference, wantX!, wantY!).read()
  requireClose(await run(backendOn(x!), x!, y!).read(), want, name)
}

export const notFiniteChecks: readonly Check[] = [
  {
    name: 'NaN and infinities pass every map as in the reference',
    run: async () => {
      for (const op of Object.keys(maps) as MapOp[]) await compare(op, (of, x) => of.map(op, x, P, Q))
    },
  },
  {
    name: 'NaN and infinities pass every zip as in the reference',
    run: async () => {
      for (const op of Object.keys(zips) as ZipOp[]) {
        await compare(op, (of, x, y) => of.zip(op, x, shape, y, shape, shape, P, Q))
      }
    },
  },
  {
    name: 'NaN and infinities pass reductions and softmax as in the reference',
    run: async () => {
      const view = { outer: 1, size: X.length, inner: 1 }
      for (const op of ['sum', 'max', 'min'] as ReduceOp[]) await compare(op, (of, x) => of.reduce(op, x, view))
      for (const op of ['argmax', 'argmin'] as const) await compare(op, (of, x) => of.argReduce(op, x, view))
      for (const op of ['softmax', 'logSoftmax'] as const) await compare(op, (of, x) => of[op](x, 3, 3))
    },
  },
]
