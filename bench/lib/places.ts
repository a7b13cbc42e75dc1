// All backends and modes of this machine, one open at a time. On GPUs both forms of the product are timed in addition to
// the one that the backend selects.

import { openBackend } from '../../src/gpu/device.ts'
import { findModes, type OpenMode } from '../../src/gpu/devices/modes.ts'
import { GpuEngine } from '../../src/gpu/gpujs/engine.ts'
import { blocked, plain } from '../../src/gpu/gpujs/matmul.ts'
import { Runner } from '../../src/gpu/gpujs/runner.ts'
import type { MatmulSpec } from '../../src/tensor/backends/backend.ts'
import { wasmObstacle } from '../../src/tensor/backends/wasm/module.ts'
import { reference, wasm } from '../../test/support/backends.ts'
import type { Place } from './kernel-bench.ts'
import type { KernelCase } from './kernel-cases.ts'

export function cpuPlaces(processor: string): Place[] {
  const backends = wasmObstacle() === null ? [wasm, reference] : [reference]
  return backends.map((backend) => {
    return { name: backend.name, device: 'cpu', adapter: processor, hardware: 'none', backend }
  })
}

export interface GpuPlace extends Place {
  /** The case's product in a form of gpu.js's; null on WGSL, for other operations, and for odd sizes. */
  inForm(form: 'plain' | 'squares', each: KernelCase): KernelCase | null
  close(): Promise<void>
}

export async function presentModes(): Promise<OpenMode[]> {
  return (await findModes()).filter((each) => 'adapter' in each)
}

/** A GPU's name: the library of its kernels, and the mode if the library has several. */
export const placeName = (mode: string): string => (mode === 'wgsl' ? 'wgsl' : `gpu.js ${mode}`)

export async function openPlace({ mode, adapter, hardware }: OpenMode): Promise<GpuPlace> {
  const { engine, backend } = await openBackend(mode)
  const forms = { plain, squares: blocked }
  return {
    name: placeName(mode),
    device: 'gpu',
    adapter,
    hardware,
    backend,
    inForm(form, each) {
      if (!(engine instanceof GpuEngine)) return null
      if (each.product === undefined || (form === 'squares' && !isEven(each.product))) return null
      const on = new Runner(engine)
      const product = forms[form]
      const spec = each.product
      return {
        ...each,
        kernel: form === 'plain' ? 'matmul, one number a thread' : 'matmul, 2×2 a thread',
        run: (_, [a, b]) => product(on, spec, a!, b!, null),
      }
    },
    close: () => engine.close(),
  }
}

function isEven({ m, n }: MatmulSpec): boolean {
  return m % 2 === 0 && n % 2 === 0
}
