// Every differentiable operation of the library on the GPU, forwards and backwards, inside a scope and outside of one, against
// the float64 reference: the GPU's part of test/tensor/float32.test.ts.

import fc from 'fast-check'
import { toDevice } from '../../../src/gpu/to-device.ts'
import * as t from '../../../src/tensor/index.ts'
import { seeds } from '../../support/arbitraries.ts'
import type { GradientCall } from '../../support/gradient-case.ts'
import { allCases } from '../../support/op-cases/all.ts'
import { describeMismatch, findMismatch, passOf, toFloat32 } from '../../support/parity.ts'
import { type Check, require } from './check.ts'

const TOLERANCE = 1e-4

async function compare(each: GradientCall, seed: number, scoped: boolean): Promise<void> {
  const wanted = passOf(each, seed)
  const run = () => {
    const { out, grads } = passOf(each, seed, (x) => toDevice(toFloat32(x), 'gpu'))
    return { device: out.device, shape: out.shape, results: [out, ...grads].map((x) => x.data()) }
  }
  const got = scoped ? t.scope(run) : run()
  require(got.device === 'gpu', `${each.call}: the result left the GPU`)
  require(got.shape.join() === wanted.out.shape.join(), `${each.call}: shape [${got.shape}]`)
  const expected = [wanted.out, ...wanted.grads].map((x) => x.toArray())
  const mismatch = findMismatch(await Promise.all(got.results), expected, TOLERANCE)
  require(mismatch === null, mismatch === null ? '' : describeMismatch(mismatch, each.call))
}

/** Few runs: on a GPU each shape is a kernel that must be compiled. */
export function gradientChecks(numRuns: number): Check[] {
  return Object.entries(allCases).map(([name, { calls }]) => ({
    name: `${name}, forwards and backwards, is the reference's`,
    run: () => fc.assert(fc.asyncProperty(calls, seeds(), fc.boolean(), compare), { numRuns }),
  }))
}
