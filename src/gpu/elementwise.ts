// Maps, broadcast zips, and their in-place forms.

import type { Elementwise } from '../tensor/backends/backend.ts'
import { broadcastKind, type Shape, sizeOf } from '../tensor/shape.ts'
import type { Storage } from '../tensor/storage.ts'
import { choose, lerp, maps, zips } from './kernels/elementwise.ts'
import { constantsOf } from './kernels/functions.ts'
import { arrangement } from './movement.ts'
import { elements } from './program.ts'
import type { Runner } from './runner.ts'

/** An operand and its strides: from thread to thread along a row, and from row to row. */
interface Operand {
  readonly storage: Storage
  readonly x: 0 | 1
  readonly y: 0 | 1 | 'width'
  /** The row width that the strides require; 0 if any will do. */
  readonly width: number
}

export function elementwise(on: Runner): Elementwise {
  const { broadcastTo } = arrangement(on)

  // Rows and columns are read in place. Other shapes, or a width that conflicts with the other operand's, are expanded first.
  function operand(storage: Storage, shape: Shape, out: Shape, given: number): Operand {
    const kind = broadcastKind(shape, out)
    if (kind === 'scalar') return { storage, x: 0, y: 0, width: 0 }
    if (kind === 'row' || kind === 'column') {
      const width = kind === 'row' ? storage.length : out[out.length - 1]!
      if (given === 0 || given === width)
        return { storage, x: kind === 'row' ? 1 : 0, y: kind === 'row' ? 0 : 1, width }
    }
    return { storage: kind === 'same' ? storage : broadcastTo(storage, shape, out), x: 1, y: 'width', width: 0 }
  }

  return {
    map: (op, x, p, q) => on.run(elements(maps[op], 1, x.length), [x], constantsOf(maps[op], 1, p, q)),
    zip(op, a, aShape, b, bShape, out, p, q) {
      const left = operand(a, aShape, out, 0)
      const right = operand(b, bShape, out, left.width)
      const length = sizeOf(out)
      const width = left.width || right.width || length
      const strides = [left, right].map(({ x, y }) => ({ x, y: y === 'width' ? width : y }))
      const program = elements(zips[op], 2, length, { width, strides })
      return on.run(program, [left.storage, right.storage], constantsOf(zips[op], 2, p, q))
    },
    where: (condition, a, b) => on.run(elements(choose, 3, a.length), [condition, a, b], [], a.dtype),
    addInto: (target, x) => on.runInto(target, elements(zips.add, 2, target.length), [target, x]),
    scaleInto: (target, p) => on.runInto(target, elements(maps.scale, 1, target.length), [target], [p]),
    lerpInto: (target, x, p) => on.runInto(target, elements(lerp, 2, target.length), [target, x], [p]),
  }
}
