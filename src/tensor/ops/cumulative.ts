// Running sums and products along an axis.

import { customOp } from '../autograd.ts'
import type { AxisView } from '../backends/backend.ts'
import { runningSums } from '../backends/families.ts'
import { Tensor } from '../tensor.ts'
import { tensor } from './create.ts'
import { backendFor } from './primitives.ts'
import { viewAlong } from './reduce.ts'

/** Running sums along an axis.  dx = reversed running sums of dy. */
export function cumsum(x: Tensor, axis: number): Tensor {
  const along = viewAlong('cumsum', x, axis)
  const run = (from: Tensor, reverse: boolean) =>
    new Tensor(x.dims, backendFor('cumsum', from, runningSums).cumsum(from.storage, along, reverse))
  return customOp(run(x, false), [x], [(dy) => run(dy, true)])
}

/**
 * Running products along an axis.  dx[i] = (Π x[j] for j < i) g[i], where g[i] = dy[i] + x[i + 1] g[i + 1]: exact at zeros. Throws a
 * DeviceError for a tensor on the GPU.
 */
export function cumprod(x: Tensor, axis: number): Tensor {
  const along = viewAlong('cumprod', x, axis)
  const from = x.toArray()
  const y = from.slice()
  forEachLane(along, (at) => {
    for (let i = 1; i < along.size; i++) y[at(i)]! *= y[at(i - 1)]!
  })
  const dx = (dy: Tensor) => {
    const g = dy.toArray()
    forEachLane(along, (at) => {
      for (let i = along.size - 2; i >= 0; i--) g[at(i)]! += from[at(i + 1)]! * g[at(i + 1)]!
      for (let i = 1; i < along.size; i++) g[at(i)]! *= y[at(i - 1)]!
    })
    return tensor(g, x.dims)
  }
  return customOp(tensor(y, x.dims), [x], [dx])
}

/** Calls `run` for each line along the middle axis, with the place of its i-th element. */
export function forEachLane({ outer, size, inner }: AxisView, run: (at: (i: number) => number) => void): void {
  for (let o = 0; o < outer; o++) {
    for (let lane = 0; lane < inner; lane++) run((i) => (o * size + i) * inner + lane)
  }
}
