// The functions of a backend in families, each with its two CPU implementations. An operation imports only the families it
// calls, so a bundle holds only those. A family's kernels are compiled at its first call.

import type { Backend } from '../backends/backend.ts'
import { referenceUpdates } from '../backends/reference/adam.ts'
import { referenceElementwise } from '../backends/reference/elementwise.ts'
import { referenceProducts } from '../backends/reference/matmul.ts'
import { referenceArrangement, referenceIndexing, referenceTransfers } from '../backends/reference/movement.ts'
import {
  referenceArgReductions,
  referenceReductions,
  referenceRunningSums,
  referenceSoftmaxes,
  referenceStandardization,
} from '../backends/reference/over-axes.ts'
import { compileUpdates } from '../backends/wasm/adam.ts'
import { compileElementwise } from '../backends/wasm/elementwise.ts'
import { compileProducts } from '../backends/wasm/matmul.ts'
import { compileArrangement, compileIndexing, compileTransfers } from '../backends/wasm/moving.ts'
import {
  compileArgReductions,
  compileReductions,
  compileSoftmaxes,
  compileStandardization,
} from '../backends/wasm/over-axes.ts'

export interface Family<Functions extends Partial<Backend>> {
  readonly reference: Functions
  /** Compiles the kernels; `relaxed`: with fused multiply-add. */
  readonly compile: (relaxed: boolean) => Functions
  /** The compiled functions, by the name of the backend. */
  readonly compiled: Record<string, Functions>
}

function family<F extends Partial<Backend>>(reference: F, compile: (relaxed: boolean) => F): Family<F> {
  return { reference, compile, compiled: {} }
}

export const transfers = /* @__PURE__ */ family(referenceTransfers, compileTransfers)
export const arrangement = /* @__PURE__ */ family(referenceArrangement, compileArrangement)
export const elementwise = /* @__PURE__ */ family(referenceElementwise, compileElementwise)
export const reductions = /* @__PURE__ */ family(referenceReductions, compileReductions)
export const argReductions = /* @__PURE__ */ family(referenceArgReductions, compileArgReductions)
export const runningSums = /* @__PURE__ */ family(referenceRunningSums, () => referenceRunningSums)
export const softmaxes = /* @__PURE__ */ family(referenceSoftmaxes, compileSoftmaxes)
export const standardization = /* @__PURE__ */ family(referenceStandardization, compileStandardization)
export const products = /* @__PURE__ */ family(referenceProducts, compileProducts)
export const indexing = /* @__PURE__ */ family(referenceIndexing, compileIndexing)
export const updates = /* @__PURE__ */ family(referenceUpdates, compileUpdates)
