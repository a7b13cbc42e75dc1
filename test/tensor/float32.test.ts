// Every operation in float32, forwards and backwards, on each CPU backend, against its float64 reference.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as t from '../../src/tensor/index.ts'
import { seeds } from '../support/arbitraries.ts'
import { allCases } from '../support/op-cases/all.ts'
import { describeMismatch, findMismatch, type Pass, passOf, toFloat32 } from '../support/parity.ts'
import { forAll } from '../support/property.ts'
import { withBackend } from '../support/with-backend.ts'

const arraysOf = ({ out, grads }: Pass) => [out, ...grads].map((x) => x.toArray())

const backends = (['reference', 'wasm'] as const).filter((name) => {
  try {
    return withBackend(name, () => t.getBackend()) === name
  } catch {
    return false // a machine without SIMD
  }
})

describe.each(backends)('float32 on %s', (backend) => {
  it.each(Object.entries(allCases))('%s', (_, { calls }) => {
    forAll([calls, seeds(), fc.boolean()], { numRuns: 25 }, (each, seed, scoped) => {
      const wanted = passOf(each, seed)
      const run = () =>
        withBackend(backend, () => {
          const pass = passOf(each, seed, toFloat32)
          return { dtype: pass.out.dtype, shape: pass.out.shape, arrays: arraysOf(pass) }
        })
      const got = scoped ? t.scope(run) : run()
      expect(got.dtype).toBe('float32')
      expect(got.shape).toEqual(wanted.out.shape)
      const mismatch = findMismatch(got.arrays, arraysOf(wanted), 2e-5)
      if (mismatch !== null) expect.fail(describeMismatch(mismatch, each.call))
    })
  })
})
