// The functions of a backend in families, each with its two implementations on the CPU. An operation names the family that
// it calls, so a bundle holds only the families that its operations need, and a family's kernels are compiled at its
// first call.

import type {
  ArgReductions,
  Arrangement,
  Backend,
  Elementwise,
  Indexing,
  Products,
  Reductions,
  RunningSums,
  Softmaxes,
  Standardization,
  Transfers,
  Updates,
} from './backend.ts'
import { referenceElementwise } from './reference/elementwise.ts'
import { referenceProducts } from './reference/matmul.ts'
import { referenceArrangement, referenceIndexing, referenceTransfers } from './reference/movement.ts'
import { referenceUpdates } from './reference/optimizers.ts'
import {
  referenceArgReductions,
  referenceReductions,
  referenceRunningSums,
  referenceSoftmaxes,
  referenceStandardization,
} from './reference/over-axes.ts'
import { compileElementwise } from './wasm/elementwise.ts'
import { compileProducts } from './wasm/matmul.ts'
import { compileArrangement, compileIndexing, compileTransfers } from './wasm/moving.ts'
import { compileUpdates } from './wasm/optimizers.ts'
import {
  compileArgReductions,
  compileReductions,
  compileRunningSums,
  compileSoftmaxes,
  compileStandardization,
} from './wasm/over-axes.ts'

export interface Family<Functions extends Partial<Backend>> {
  readonly reference: Functions
  /** Compiles the kernels; `relaxed`: with fused multiply-add. */
  readonly compile: (relaxed: boolean) => Functions
  /** What has been compiled, by the backend's name. */
  readonly compiled: Record<string, Functions>
}

export const transfers: Family<Transfers> = { reference: referenceTransfers, compile: compileTransfers, compiled: {} }
export const arrangement: Family<Arrangement> = {
  reference: referenceArrangement,
  compile: compileArrangement,
  compiled: {},
}
export const elementwise: Family<Elementwise> = {
  reference: referenceElementwise,
  compile: compileElementwise,
  compiled: {},
}
export const reductions: Family<Reductions> = {
  reference: referenceReductions,
  compile: compileReductions,
  compiled: {},
}
export const argReductions: Family<ArgReductions> = {
  reference: referenceArgReductions,
  compile: compileArgReductions,
  compiled: {},
}
export const runningSums: Family<RunningSums> = {
  reference: referenceRunningSums,
  compile: compileRunningSums,
  compiled: {},
}
export const softmaxes: Family<Softmaxes> = { reference: referenceSoftmaxes, compile: compileSoftmaxes, compiled: {} }
export const standardization: Family<Standardization> = {
  reference: referenceStandardization,
  compile: compileStandardization,
  compiled: {},
}
export const products: Family<Products> = { reference: referenceProducts, compile: compileProducts, compiled: {} }
export const indexing: Family<Indexing> = { reference: referenceIndexing, compile: compileIndexing, compiled: {} }
export const updates: Family<Updates> = { reference: referenceUpdates, compile: compileUpdates, compiled: {} }
