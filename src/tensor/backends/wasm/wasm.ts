// The default backend: SIMD kernels over the linear memory, written by our own assembler when the library loads.
// From a call to its bytes: matmul.ts cuts a product up, matmul-kernels.ts writes the loops, assembler.ts the instructions.

import type { Backend } from '../backend.ts'
import { makeElementwise } from './elementwise.ts'
import { mapKernels } from './map-kernels.ts'
import { makeMatmul } from './matmul.ts'
import { matmulKernels } from './matmul-kernels.ts'
import { instantiate } from './module.ts'
import { moveKernels } from './move-kernels.ts'
import { makeArranging, makePicking, makePlacing } from './moving.ts'
import { optimizerKernels } from './optimizer-kernels.ts'
import { makeOptimizers } from './optimizers.ts'
import { makeOverAxes } from './over-axes.ts'
import { reduceKernels } from './reduce-kernels.ts'
import { softmaxKernels } from './softmax-kernels.ts'
import { standardizeKernels } from './standardize-kernels.ts'
import { whereKernels, zipKernels } from './zip-kernels.ts'

const allKernels = {
  ...matmulKernels,
  ...mapKernels,
  ...zipKernels,
  ...whereKernels,
  ...reduceKernels,
  ...softmaxKernels,
  ...standardizeKernels,
  ...moveKernels,
  ...optimizerKernels,
}

let loaded: Backend | null = null

/** The backend, made once; null where the JavaScript engine has no WebAssembly SIMD. */
export function loadWasm(): Backend | null {
  if (loaded === null && hasSimd()) loaded = makeBackend()
  return loaded
}

function makeBackend(): Backend {
  const kernels = instantiate(allKernels, false)
  return {
    name: 'wasm',
    ...makePlacing(kernels),
    ...makeElementwise(kernels),
    ...makeOverAxes(kernels),
    matmul: makeMatmul(kernels),
    ...makeArranging(kernels),
    ...makePicking(kernels),
    ...makeOptimizers(kernels),
  }
}

// A function that makes a vector of zeros and drops it; an engine without SIMD does not know the instruction.
const probe = [
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00], // a function type without parameters and results
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x11, 0x1a, 0x0b], // i32.const 0, i32x4.splat, drop
]

function hasSimd(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(new Uint8Array(probe))
}
