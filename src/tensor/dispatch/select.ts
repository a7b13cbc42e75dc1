// Selects the backend of an operation: for float32 on the CPU the chosen one (default `wasm` where it can be compiled), for
// float64 and int32 the reference loops, and for a tensor on the GPU the backend that `openDevice` installed.

import type { Backend } from '../backends/backend.ts'
import { hasRelaxedSimd, wasmObstacle } from '../backends/wasm/module.ts'
import { DeviceError, DTypeError, ValueError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Family } from './families.ts'

export type CpuBackendName = 'wasm' | 'reference'

export interface WasmOptions {
  /**
   * Uses fused multiply-add where the machine has it. Faster, but results then differ in the last bits between machines, so
   * runs are not reproducible across machines. Default false.
   */
  readonly relaxedSimd?: boolean
}

const RELAXED = 'wasm with relaxed SIMD'

let cpu: CpuBackendName | typeof RELAXED | null = null // selected at first use
let gpu: Backend | null = null

/** The name of the current backend of float32 tensors on the CPU. */
export function getBackend(): string {
  cpu ??= preferred()
  return cpu
}

/**
 * Sets the backend of float32 tensors on the CPU. Throws a DeviceError for `wasm` if WebAssembly cannot be compiled or has no
 * SIMD, or no relaxed SIMD if requested.
 */
export function setBackend(name: CpuBackendName, { relaxedSimd = false }: WasmOptions = {}): void {
  if (name !== 'wasm' && name !== 'reference') {
    throw new ValueError(`setBackend: unknown backend "${name as string}"; known are wasm, reference`)
  }
  if (name === 'wasm') {
    const obstacle = wasmObstacle()
    if (obstacle !== null) throw new DeviceError(`setBackend: ${obstacle}; use "reference"`)
    if (relaxedSimd && !hasRelaxedSimd()) {
      throw new DeviceError('setBackend: this JavaScript engine has no relaxed SIMD; omit relaxedSimd')
    }
  }
  cpu = name === 'wasm' && relaxedSimd ? RELAXED : name
}

/** Sets the backend of tensors on the GPU; called by `openDevice`. */
export function installGpuBackend(backend: Backend): void {
  gpu = backend
}

export function backendOf<Functions extends Partial<Backend>>(
  { device, dtype }: Storage,
  family: Family<Functions>,
): Functions {
  if (device === 'gpu') {
    if (gpu === null)
      throw new DeviceError('a tensor on the GPU, but no GPU is open; call await openDevice() of alambic/gpu first')
    return gpu as Functions
  }
  if (dtype !== 'float32') return family.reference
  const name = getBackend()
  if (name === 'reference') return family.reference
  const known = family.compiled[name]
  if (known !== undefined) return known
  const made = family.compile(name === RELAXED)
  family.compiled[name] = made
  return made
}

/** Throws unless two operands agree in device and element type. */
export function requireSameKind(op: string, a: Storage, b: Storage): void {
  if (a.device !== b.device) {
    throw new DeviceError(
      `${op}: one operand is on the ${a.device}, the other on the ${b.device}; move one with toDevice()`,
    )
  }
  if (a.dtype !== b.dtype) {
    throw new DTypeError(`${op}: the operands are ${a.dtype} and ${b.dtype}; convert one with cast()`)
  }
}

function preferred(): CpuBackendName {
  const obstacle = wasmObstacle()
  if (obstacle === null) return 'wasm'
  console.warn(
    `alambic: ${obstacle}. Using the reference backend, which is slower and may differ in the last bits of float32 results`,
  )
  return 'reference'
}
