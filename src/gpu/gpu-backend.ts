// The `gpu` backend: the families of operations on one open device. Its kernels are in kernels/, one file a family, each as
// a function to be read by itself; start with kernels/matmul.ts. How they get to the device is in engine.ts.

import type { Backend } from '../tensor/backends/backend.ts'
import { DTypeError } from '../tensor/errors.ts'
import type { GpuEngine } from './engine.ts'
import * as indexing from './indexing.ts'
import { add, lerp } from './kernels/zips.ts'
import { map, mapInto } from './maps.ts'
import { matmul } from './matmul.ts'
import * as movement from './movement.ts'
import * as optimizers from './optimizers.ts'
import * as rows from './rows.ts'
import { Runner } from './runner.ts'
import * as tables from './tables.ts'
import { where, zip, zipInto } from './zips.ts'

export function gpuBackend(engine: GpuEngine): Backend {
  const on = new Runner(engine)
  const bound =
    <Rest extends unknown[], Result>(operation: (on: Runner, ...rest: Rest) => Result) =>
    (...rest: Rest): Result =>
      operation(on, ...rest)
  return {
    name: `gpu (${engine.where.mode})`,

    upload: (values) => on.upload(values),
    fill: (length, value, dtype) => on.fill(length, value, dtype),
    copy: (x) => on.copy(x),
    cast(x, dtype) {
      if (dtype === 'float64') {
        throw new DTypeError(
          "cast: a GPU computes in float32; bring the tensor to the CPU first: await toDevice(tensor, 'cpu')",
        )
      }
      return dtype === 'int32' ? on.truncated(x) : on.copy(x, dtype)
    },
    copyInto: (target, x) => on.copyInto(target, x),
    addInto: (target, x) => zipInto(on, add, target, x),
    scaleInto: (target, p) => mapInto(on, 'scale', target, p),
    lerpInto: (target, x, p) => zipInto(on, lerp, target, x, p),

    map: bound(map),
    zip: bound(zip),
    where: bound(where),

    reduce: bound(rows.reduce),
    argReduce: bound(rows.argReduce),
    cumsum: bound(rows.cumsum),
    softmax: bound(tables.softmax),
    logSoftmax: bound(tables.logSoftmax),
    softmaxGrad: bound(tables.softmaxGrad),
    logSoftmaxGrad: bound(tables.logSoftmaxGrad),
    standardize: bound(tables.standardize),
    standardizeGrad: bound(tables.standardizeGrad),

    matmul: bound(matmul),

    permute: bound(movement.permute),
    broadcastTo: bound(movement.broadcastTo),
    slice: bound(movement.slice),
    sliceGrad: bound(movement.sliceGrad),
    concat: bound(movement.concat),
    gather: bound(indexing.gather),
    gatherGrad: bound(indexing.gatherGrad),
    take: bound(indexing.take),
    takeGrad: bound(indexing.takeGrad),

    sgd: bound(optimizers.sgd),
    adam: bound(optimizers.adam),
    rmsprop: bound(optimizers.rmsprop),
    adagrad: bound(optimizers.adagrad),
  }
}
