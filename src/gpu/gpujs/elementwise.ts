// Maps, broadcast zips, and their in-place forms.

import type { Elementwise } from '../../tensor/backends/backend.ts'
import { type Axis, joined, single } from '../../tensor/backends/strided.ts'
import { broadcastStrides, type Shape, sameShape, sizeOf } from '../../tensor/shape.ts'
import type { Storage } from '../../tensor/storage.ts'
import { choose, lerp, maps, zips } from '../kernels/elementwise.ts'
import { constantsOf } from '../kernels/functions.ts'
import { elements } from '../kernels/program.ts'
import { arrangement } from './movement.ts'
import type { Runner } from './runner.ts'

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
