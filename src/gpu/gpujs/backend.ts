// The `gpu` backend: all families of operations on one open device. Start with matmul.ts. engine.ts compiles and runs them.

import type { Backend, Elementwise } from '../../tensor/backends/backend.ts'
import { type Axis, joined, single } from '../../tensor/backends/strided.ts'
import { broadcastStrides, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts'
import type { Storage } from '../../tensor/storage.ts'
import { refuseFloat64 } from '../devices/gpu-storage.ts'
import { adamBy, choose, lerp, maps, truncate, zips } from '../kernels/elementwise.ts'
import { constantsOf } from '../kernels/functions.ts'
import type { GpuEngine } from './engine.ts'
import { matmul } from './matmul.ts'
import { arrangement, indexing } from './movement.ts'
import { overAxes } from './over-axes.ts'
import { elements } from './program.ts'
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

export function elementwise(on: Runner): Elementwise {
  const { broadcastTo } = arrangement(on)
  const widened = (x: Storage, shape: Shape, out: Shape) => (sameShape(shape, out) ? x : broadcastTo(x, shape, out))

  // Up to two axes that cannot be merged, such as a matrix with a row or a column, are read in place. More are expanded first.
  const zip: Elementwise['zip'] = (op, a, aShape, b, bShape, out, p, q) => {
    const [aStrides, bStrides] = [broadcastStrides(aShape, out), broadcastStrides(bShape, out)]
    const axes = joined(out.map((size, axis) => ({ size, from: aStrides[axis]!, to: bStrides[axis]! })))
    if (axes.length > 2) return zip(op, widened(a, aShape, out), out, widened(b, bShape, out), out, out, p, q)
    const [row, column] = [single, single, ...axes].slice(-2) as [Axis, Axis]
    const strides = [{ x: column.from, y: row.from }, { x: column.to, y: row.to }] // biome-ignore format: two operands
    const program = elements(zips[op], 2, sizeOf(out), { width: column.size, strides })
    return on.run(program, [a, b], constantsOf(zips[op], 2, p, q))
  }

  return {
    map: (op, x, p, q) => on.run(elements(maps[op], 1, x.length), [x], constantsOf(maps[op], 1, p, q)),
    zip,
    where: (condition, a, b) => on.run(elements(choose, 3, a.length), [condition, a, b], [], a.dtype),
    addInto: (target, x) => on.runInto(target, elements(zips.add, 2, target.length), [target, x]),
    scaleInto: (target, p) => on.runInto(target, elements(maps.scale, 1, target.length), [target], [p]),
    lerpInto: (target, x, p) => on.runInto(target, elements(lerp, 2, target.length), [target, x], [p]),
  }
}
