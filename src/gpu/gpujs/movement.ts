// Operations that move elements: permutations, broadcasts, slices, concatenation, and picking by index.

import type { Arrangement, AxisView, Indexing } from '../../tensor/backends/backend.ts'
import { joined, single, stridedReads } from '../../tensor/backends/strided.ts'
import { type Shape, sizeOf, stridesOf } from '../../tensor/shape.ts'
import type { Storage } from '../../tensor/storage.ts'
import { type KernelThis, program, textKernel } from './program.ts'
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
    const kernel = textKernel(`strided by ${axes.length}`, () => stridedText(axes.length))
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
        else x = on.run(program(spreadOut, sizes, inner, outer * size), [x])
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
        const join = program(sideBySide, { left, right }, left + right, outer)
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
    const kernel = textKernel(name, () => pickText(name === 'gather'))
    return on.run(program(kernel, { size, count, inner }, inner, outer * count), [x, on.indices(index)], [], x.dtype)
  }

  const putBack = (name: 'gatherGrad' | 'takeGrad') => (dy: Storage, index: Storage, view: AxisView, count: number) => {
    const { outer, size, inner } = view
    if (dy.length === 0) return on.fill(outer * size * inner, 0)
    const kernel = textKernel(name, () => putBackText(name === 'gatherGrad'))
    return on.run(program(kernel, { size, count, inner }, inner, outer * size), [dy, on.indices(index)])
  }

  return {
    gather: pick('gather'),
    gatherGrad: putBack('gatherGrad'),
    take: pick('take'),
    takeGrad: putBack('takeGrad'),
  }
}

declare function quotient(a: number, b: number): number

/** Copies an array from the CPU. In all other kernels the argument is a buffer or texture. */
export function upload(this: KernelThis, values: number[]): number {
  return values[this.thread.x]!
}

/**
 * The text of a strided read: a permutation, a broadcast (stride 0) or a slice (from `first`). The threads are in rows along the last
 * axis; `n1`, `n2`, … are sizes of the result, `s0`, `s1`, … strides of `x`.
 */
function stridedText(rank: number): string {
  const inRow = `this.constants.first + this.thread.x * this.constants.s${rank - 1}`
  if (rank === 1) return `function kernel(x) { return x[${inRow}]; }`
  if (rank === 2) return `function kernel(x) { return x[${inRow} + this.thread.y * this.constants.s0]; }`
  const steps = Array.from({ length: rank - 2 }, (_, i) => {
    const axis = rank - 2 - i
    const n = `this.constants.n${axis}`
    return `const above${axis} = quotient(rest, ${n}); at += (rest - above${axis} * ${n}) * this.constants.s${axis}; rest = above${axis};`
  })
  return `function kernel(x) { let rest = this.thread.y; let at = ${inRow}; ${steps.join(' ')} return x[at + rest * this.constants.s0]; }`
}

/** [outer, count, inner] → [outer, size, inner]: element c goes to `start + c · step`, the others are 0. */
function spreadOut(this: KernelThis<'size' | 'count' | 'inner' | 'start' | 'step'>, x: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size - this.constants.start
  const count = Math.floor(place / this.constants.step + 0.5)
  if (count < 0 || count >= this.constants.count) return 0
  if (count * this.constants.step !== place) return 0
  return x[(outer * this.constants.count + count) * this.constants.inner + this.thread.x]!
}

/** Two matrices side by side. */
function sideBySide(this: KernelThis<'left' | 'right'>, a: number[], b: number[]): number {
  if (this.thread.x < this.constants.left) return a[this.thread.y * this.constants.left + this.thread.x]!
  return b[this.thread.y * this.constants.right + this.thread.x - this.constants.left]!
}

/** The text of `gather` (`isFull`: the index is [outer, count, inner]) and of `take` (it is [count], the same for all lines). */
const pickText = (isFull: boolean) => `function kernel(x, index) {
  const outer = quotient(this.thread.y, this.constants.count);
  const picked = index[${isFull ? 'this.thread.y * this.constants.inner + this.thread.x' : 'this.thread.y - outer * this.constants.count'}];
  return x[(outer * this.constants.size + picked) * this.constants.inner + this.thread.x];
}`

/** The text of their gradients. */
const putBackText = (isFull: boolean) => `function kernel(dy, index) {
  const outer = quotient(this.thread.y, this.constants.size);
  const place = this.thread.y - outer * this.constants.size;
  let total = 0;
  for (let c = 0; c < this.constants.count; c++) {
    const at = (outer * this.constants.count + c) * this.constants.inner + this.thread.x;
    if (index[${isFull ? 'at' : 'c'}] === place) total += dy[at];
  }
  return total;
}`
