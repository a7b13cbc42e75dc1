// Several perceptrons of one shape as one network. Each parameter has a leading axis, [members, …], so a layer of all members is one
// operation; its kernels are those of the single network, member by member, and so are its bits. Read next: ../../rl/on-policy/ppo-population.ts.

import { customOp } from '../../tensor/autograd/autograd.ts'
import { scope } from '../../tensor/autograd/scope.ts'
import type { Tensor } from '../../tensor/autograd/tensor.ts'
import { tensor, zeros } from '../../tensor/ops/create.ts'
import { mul, square } from '../../tensor/ops/elementwise.ts'
import { concat, reshape } from '../../tensor/ops/layout.ts'
import { product, recordedProduct } from '../../tensor/ops/matmul.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import type { CpuStorage } from '../../tensor/storage.ts'
import { parameter } from '../flat.ts'
import { type Module, type NamedParameters, namedParameters } from '../module.ts'
import type { Layer, Sequential } from './sequential.ts'

export class StackedMlp implements Module {
  private readonly layers: readonly Layer[]
  private readonly named: NamedParameters

  /** Copies the parameters of networks made of linear layers and activations, all of one shape. */
  constructor(private readonly members: readonly Sequential[]) {
    this.layers = members[0]!.layers
    const all = members.map(namedParameters)
    const stacked = Object.entries(all[0]!).map(([name, { dims, size }]) => {
      const values = new Float32Array(members.length * size)
      for (const [i, own] of all.entries()) values.set(own[name]!.view(), i * size)
      return [name, parameter([members.length, ...dims], values)]
    })
    this.named = Object.fromEntries(stacked)
  }

  /** [members · batch, inputs] → [members · batch, outputs], the rows of a member together. */
  forward(x: Tensor): Tensor {
    const [rows, inputs] = x.dims as [number, number]
    let y = reshape(x, [this.members.length, rows / this.members.length, inputs])
    this.layers.forEach((layer, i) => {
      y = typeof layer === 'function' ? layer(y) : linearEach(y, this.named[`${i}.weight`]!, this.named[`${i}.bias`]!)
    })
    return reshape(y, [rows, -1])
  }

  parameters(): NamedParameters {
    return this.named
  }

  /** Lets the members' parameters share those of the stack. Call it after an optimizer has moved them to its block. */
  share(): void {
    this.members.forEach((member, i) => {
      for (const [name, tensor] of Object.entries(member.parameters())) {
        tensor.storage = (this.named[name]!.storage as CpuStorage).slice(i * tensor.size, tensor.size)
      }
    })
  }
}

/** y[i] = x[i] · W[i]ᵀ + b[i]: [members, batch, inputs] → [members, batch, outputs].  dx = dy · W, dW = dyᵀ · x, db = Σ dy over the batch. */
function linearEach(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  return customOp(
    product(x, weight, false, true, bias),
    [x, weight, bias],
    [(dy) => recordedProduct(dy, weight), (dy) => recordedProduct(dy, x, true), (dy) => sum(dy, 1)],
  )
}

/** `clipGradNorm` of each member apart. Gradients are [members, …], limits [members]. Returns the norms before: [members]. */
export function clipGradNormEach(parameters: readonly Tensor[], limits: readonly number[]): number[] {
  const members = limits.length
  return scope(() => {
    const rows = parameters.map(({ grad }) => reshape(grad!, [members, -1]))
    // The padding of a network's block, as it decides which numbers are summed first.
    const padded = rows.flatMap((row) => {
      const rest = row.dims[1]! % 4
      return rest === 0 ? [row] : [row, zeros([members, 4 - rest])]
    })
    const norms = Array.from(sum(square(concat(padded, 1)), 1).view(), Math.sqrt)
    const factors = Float32Array.from(norms, (norm, i) => Math.min(1, limits[i]! / (norm + 1e-6)))
    const clip = tensor(factors, [members, 1])
    for (const [i, { grad }] of parameters.entries()) grad!.view().set(mul(rows[i]!, clip).toArray())
    return norms
  })
}
