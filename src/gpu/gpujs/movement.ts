// Operations that move elements: permutations, broadcasts, slices, concatenation, and picking by index.

import type { Arrangement, AxisView, Indexing } from '../../tensor/backends/backend.ts'
import { joined, single, stridedReads } from '../../tensor/backends/strided.ts'
import { type Shape, sizeOf, stridesOf } from '../../tensor/shape.ts'
import type { Storage } from '../../tensor/storage.ts'
import * as kernels from '../kernels/movement.ts'
import { program, textKernel } from '../kernels/program.ts'
import type { Runner } from './runner.ts'

export function arrangement(on: Runner): Arrangement {
  function read(x: Storage, out: Shape, strides: readonly number[], first: number): Storage {
    const own = stridesOf(out)
    const merged = joined(out.map((size, axis) => ({ size, from: strides[axis]!, to: own[axis]! })))
    const axes = merged.length === 0 ? [single] : merged
    const sizes: Record<string, number> = { first }
    axes.forEach(({ size, from }, axis) => {
      sizes[`n${axis}`] = size
      sizes[`s${axis}`] = from
    })
    const width = axes.at(-1)!.size
    const kernel = textKernel(`strided by ${axes.length}`, () => kernels.stridedText(axes.length))
    const length = sizeOf(out)
    return on.run(program(kernel, sizes, width, length === 0 ? 0 : length / width), [x], [], x.dtype)
  }

  return {
    ...stridedReads(read),
    // Each axis in turn is spread out to its size.
    sliceGrad(dy, dyShape, starts, steps, shape) {
      const current = dyShape.slice()
      let x = dy
      shape.forEach((size, axis) => {
        const count = current[axis]!
        if (count === size && steps[axis] === 1) return
        const inner = sizeOf(current.slice(axis + 1))
        const outer = sizeOf(current.slice(0, axis))
        const sizes = { size, count, inner, start: starts[axis]!, step: steps[axis]! }
        if (count === 0) x = on.fill(outer * size * inner, 0)
        else x = on.run(program(kernels.spreadOut, sizes, inner, outer * size), [x])
        current[axis] = size
      })
      return x === dy ? on.copy(dy) : x
    },
    concat(parts, outer, sizes, inner) {
      let joined: Storage | null = null
      let left = 0
      parts.forEach((part, i) => {
        const right = sizes[i]! * inner
        if (right === 0) return
        const join = program(kernels.join, { left, right }, left + right, outer)
        joined = joined === null ? part : on.run(join, [joined, part], [], part.dtype)
        left += right
      })
      if (joined === null) return on.fill(0, 0, parts[0]!.dtype)
      return parts.includes(joined) ? on.copy(joined) : joined
    },
  }
}

export function indexing(on: Runner): Indexing {
  const pick = (name: 'gather' | 'take') => (x: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    const kernel = textKernel(name, () => kernels.pickText(name === 'gather'))
    return on.run(program(kernel, { size, count, inner }, inner, outer * count), [x, on.indices(index)], [], x.dtype)
  }

  const putBack = (name: 'gatherGrad' | 'takeGrad') => (dy: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    if (dy.length === 0) return on.fill(outer * size * inner, 0)
    const kernel = textKernel(name, () => kernels.putBackText(name === 'gatherGrad'))
    return on.run(program(kernel, { size, count, inner }, inner, outer * size), [dy, on.indices(index)])
  }

  return {
    gather: pick('gather'),
    gatherGrad: putBack('gatherGrad'),
    take: pick('take'),
    takeGrad: putBack('takeGrad'),
  }
}
