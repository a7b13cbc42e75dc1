// The default backend: SIMD kernels over the linear memory, written by our own assembler when the library loads.
// From a call to its bytes: matmul.ts cuts a product up, matmul-kernels.ts writes the loops, assembler.ts the instructions.

import type { Backend } from '../backend.ts'
import { makeElementwise } from './elementwise.ts'
import { hasRelaxedSimd, hasSimd } from './features.ts'
import { allKernels } from './kernels.ts'
import { makeMatmul } from './matmul.ts'
import { instantiate } from './module.ts'
import { makeArranging, makePicking, makePlacing } from './moving.ts'
import { makeOptimizers } from './optimizers.ts'
import { makeOverAxes } from './over-axes.ts'

export interface WasmOptions {
  /**
   * Multiply and add in one instruction where the machine has it. Faster, but the last bits of a result then differ from
   * machine to machine, so a seed no longer fixes a run everywhere. Default false.
   */
  readonly relaxedSimd?: boolean
}

const loaded = new Map<boolean, Backend>()

/** The backend, made once; null where the JavaScript engine has no WebAssembly SIMD, or no relaxed SIMD if that is asked for. */
export function loadWasm({ relaxedSimd = false }: WasmOptions = {}): Backend | null {
  const known = loaded.get(relaxedSimd)
  if (known !== undefined) return known
  if (!(relaxedSimd ? hasRelaxedSimd() : hasSimd())) return null
  const backend = makeBackend(relaxedSimd)
  loaded.set(relaxedSimd, backend)
  return backend
}

function makeBackend(relaxed: boolean): Backend {
  const kernels = instantiate(allKernels, relaxed)
  return {
    name: relaxed ? 'wasm with relaxed SIMD' : 'wasm',
    ...makePlacing(kernels),
    ...makeElementwise(kernels),
    ...makeOverAxes(kernels),
    matmul: makeMatmul(kernels),
    ...makeArranging(kernels),
    ...makePicking(kernels),
    ...makeOptimizers(kernels),
  }
}
