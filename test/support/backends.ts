// A whole backend of the CPU, all families in one object: for tests and benches that go through every function.

import type { Backend } from '../../src/tensor/backends/backend.ts'
import { hasRelaxedSimd } from '../../src/tensor/backends/wasm/module.ts'
import * as families from '../../src/tensor/dispatch/families.ts'
import { backendOf } from '../../src/tensor/dispatch/select.ts'
import type { Storage } from '../../src/tensor/storage.ts'

type AnyFamily = families.Family<Partial<Backend>>

function whole(name: string, functionsOf: (family: AnyFamily) => Partial<Backend>): Backend {
  const all = Object.values(families) as unknown as AnyFamily[]
  return Object.assign({ name }, ...all.map(functionsOf)) as Backend
}

export const reference = whole('reference', ({ reference }) => reference)
export const wasm = whole('wasm', ({ compile }) => compile(false))
/** Null where this JavaScript engine has no relaxed SIMD. */
export const relaxedWasm = hasRelaxedSimd() ? whole('wasm with relaxed SIMD', ({ compile }) => compile(true)) : null

/** All families of the backend that a storage belongs to. */
export function backendOn(storage: Storage): Backend {
  return whole(`backend of the ${storage.device}`, (family) => backendOf(storage, family))
}
