// Which backend computes: float32 on the CPU goes to the chosen one (WebAssembly where it can be compiled), float64 and int32
// to the reference loops, a tensor on the GPU to the GPU backend, if that floor has installed one.

import { DeviceError, DTypeError, ValueError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Backend } from './backend.ts'
import type { Family } from './families.ts'
import { hasRelaxedSimd, wasmObstacle } from './wasm/features.ts'

/** The backend of the CPU's float32 tensors, by name. */
export type CpuBackendName = 'wasm' | 'reference'

export interface WasmOptions {
  /**
   * Multiply and add in one instruction where the machine has it. Faster, but the last bits of a result then differ from
   * machine to machine, so a seed no longer fixes a run everywhere. Default false.
   */
  readonly relaxedSimd?: boolean
}

const RELAXED = 'wasm with relaxed SIMD'

let cpu: CpuBackendName | typeof RELAXED | null = null // chosen at first use
let gpu: Backend | null = null

/** The name of the backend that float32 tensors on the CPU use now. */
export function getBackend(): string {
  cpu ??= preferred()
  return cpu
}

/**
 * Chooses the backend of float32 tensors on the CPU; `relaxedSimd` is for `wasm` alone. Throws a DeviceError where WebAssembly
 * cannot be compiled or has no SIMD, or no relaxed SIMD.
 */
export function setBackend(name: CpuBackendName, { relaxedSimd = false }: WasmOptions = {}): void {
  if (name !== 'wasm' && name !== 'reference') {
    throw new ValueError(`setBackend: unknown backend "${name as string}"; known are wasm, reference`)
  }
  if (name === 'wasm') {
    const obstacle = wasmObstacle()
    if (obstacle !== null) throw new DeviceError(`setBackend: ${obstacle}; use "reference"`)
    if (relaxedSimd && !hasRelaxedSimd()) {
      throw new DeviceError('setBackend: this JavaScript engine has no relaxed SIMD; leave relaxedSimd out')
    }
  }
  cpu = name === 'wasm' && relaxedSimd ? RELAXED : name
}

/** Runs `body` with another CPU backend, then returns to the one before. */
export function withBackend<T>(name: CpuBackendName, body: () => T): T {
  const before = cpu
  setBackend(name)
  try {
    return body()
  } finally {
    cpu = before
  }
}

/** Called by the GPU floor once a device is open. */
export function installGpuBackend(backend: Backend): void {
  gpu = backend
}

/** One family of functions, of the backend for one operand. */
export function backendOf<Functions extends Partial<Backend>>(
  { device, dtype }: Storage,
  family: Family<Functions>,
): Functions {
  if (device === 'gpu') {
    if (gpu === null) throw new DeviceError('no GPU is open; call await openDevice() of alambic/gpu first')
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
    `alambic: ${obstacle}. The reference backend takes over: slower, and the last bits of float32 results may differ`,
  )
  return 'reference'
}
