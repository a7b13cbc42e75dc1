// The `gpu` backend: all families of operations on one open device. The kernels are in kernels/, each a plain function;
// start with ../kernels/matmul.ts. engine.ts compiles and runs them.

import type { Backend } from '../../tensor/backends/backend.ts'
import { refuseFloat64 } from '../devices/gpu-storage.ts'
import { adamBy, truncate } from '../kernels/elementwise.ts'
import { elements } from '../kernels/program.ts'
import { elementwise } from './elementwise.ts'
import type { GpuEngine } from './engine.ts'
import { matmul } from './matmul.ts'
import { arrangement, indexing } from './movement.ts'
import { overAxes } from './over-axes.ts'
import { Runner } from './runner.ts'

export function gpuBackend(engine: GpuEngine): Backend {
  const on = new Runner(engine)
  return {
    name: `gpu (${engine.where.mode})`,
    upload: (values) => on.upload(values),
    fill: (length, value, dtype) => on.fill(length, value, dtype),
    copy: (x) => on.copy(x),
    cast(x, dtype) {
      refuseFloat64('cast', dtype, "move the tensor to the CPU first: await toDevice(tensor, 'cpu')")
      if (dtype === 'float32') return on.copy(x, dtype)
      return on.run(elements(truncate, 1, x.length), [x], [], dtype)
    },
    copyInto: (target, x) => on.copyInto(target, x),
    ...elementwise(on),
    ...overAxes(on),
    matmul: (spec, a, b, bias) => matmul(on, spec, a, b, bias),
    ...arrangement(on),
    ...indexing(on),
    adam: adamBy((steps) => {
      for (const [rule, arrays, constants] of steps) {
        const [target] = arrays
        on.runInto(target, elements(rule, arrays.length, target.length), arrays, constants)
      }
    }),
  }
}
