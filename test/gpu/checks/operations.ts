// Every differentiable operation of the library on the GPU, forwards and backwards, inside a scope and outside of one, against
// the float64 reference: the GPU's part of test/tensor/float32.test.ts.

import fc from 'fast-check'
import { toDevice } from '../../../src/gpu/to-device.ts'
import * as t from '../../../src/tensor/index.ts'
import type { TypedArray } from '../../../src/tensor/storage.ts'
import { cotangentOf, seeds } from '../../support/arbitraries.ts'
import type { GradientCall } from '../../support/gradient-case.ts'
import { allCases } from '../../support/op-cases/all.ts'
import { type Check, require } from './check.ts'

const TOLERANCE = 4e-5

interface Pass {
  readonly out: t.Tensor
  readonly results: readonly Promise<TypedArray>[]
}

// Inputs and cotangent are the same float32 numbers in both passes, so that only the arithmetic differs.
function pass({ run, inputs }: GradientCall, seed: number, place: (x: t.Tensor) => t.Tensor): Pass {
  const rounded = (values: ArrayLike<number>, shape: t.Shape, requiresGrad: boolean) =>
    place(t.tensor(Float32Array.from(values), shape, { dtype: 'float64', requiresGrad }))
  const leaves = inputs.map((x) => rounded(x.toArray(), x.shape, true))
  const out = run(...leaves)
  out.backward(rounded(cotangentOf(seed, out.size), out.shape, false))
  return { out, results: [out, ...leaves.map((leaf) => leaf.grad!)].map((each) => each.data()) }
}

const onGpu = (x: t.Tensor) =>
  toDevice(t.tensor(Float32Array.from(x.toArray()), x.shape, { requiresGrad: x.requiresGrad }), 'gpu')

// The terms of a sum may cancel: errors are measured against the largest number around, never below 1.
function requireNear(got: TypedArray, wanted: TypedArray, what: string): void {
  require(got.length === wanted.length, `${what}: ${got.length} numbers instead of ${wanted.length}`)
  let size = 1
  for (const x of wanted) if (Number.isFinite(x)) size = Math.max(size, Math.abs(x))
  for (let i = 0; i < wanted.length; i++) {
    const [have, want] = [got[i]!, wanted[i]!]
    const near = Number.isFinite(want) ? Math.abs(have - want) <= TOLERANCE * size : Object.is(have, want)
    require(near, `${what}: element ${i} is ${have}, expected ${want}`)
  }
}

async function compare(each: GradientCall, seed: number, scoped: boolean): Promise<void> {
  const wanted = pass(each, seed, (x) => x)
  const run = () => pass(each, seed, onGpu)
  const got = scoped ? t.scope(run) : run()
  require(got.out.device === 'gpu', `${each.call}: the result left the GPU`)
  require(got.out.shape.join() === wanted.out.shape.join(), `${each.call}: shape [${got.out.shape}]`)
  for (const [i, result] of got.results.entries()) {
    const what = i === 0 ? each.call : `gradient ${i - 1} of ${each.call}`
    requireNear(await result, await wanted.results[i]!, what)
  }
}

/** Few runs: on a GPU each shape is a kernel that must be compiled. */
export function gradientChecks(numRuns: number): Check[] {
  return Object.entries(allCases).map(([name, { calls }]) => ({
    name: `${name}, forwards and backwards, is the reference's`,
    run: () => fc.assert(fc.asyncProperty(calls, seeds(), fc.boolean(), compare), { numRuns }),
  }))
}
