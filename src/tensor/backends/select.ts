// Which backend computes: float32 on the CPU goes to the default one (WebAssembly where the machine has SIMD), float64
// and int32 to the reference loops, a tensor on the GPU to the GPU backend.

import { DeviceError, DTypeError, ValueError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Backend } from './backend.ts'
import { reference } from './reference.ts'
import { loadWasm, type WasmOptions } from './wasm/wasm.ts'

let cpu: Backend | null = null // chosen at first use, when all modules are there
let gpu: Backend | null = null

/** The backend of the CPU's float32 tensors, by name. */
export type CpuBackendName = 'wasm' | 'reference'

/** The name of the backend that float32 tensors on the CPU use now. */
export function cpuBackend(): string {
  return chosenCpu().name
}

function chosenCpu(): Backend {
  cpu ??= loadWasm() ?? reference
  return cpu
}

/**
 * Chooses the backend of float32 tensors on the CPU; `relaxedSimd` is for `wasm` alone. Throws a DeviceError where the
 * machine has no SIMD, or no relaxed SIMD.
 */
export function useCpuBackend(name: CpuBackendName, options: WasmOptions = {}): void {
  if (name !== 'wasm' && name !== 'reference') {
    throw new ValueError(`useCpuBackend: unknown backend "${name as string}"; known are wasm, reference`)
  }
  if (name === 'reference') cpu = reference
  else {
    const wasm = loadWasm(options)
    if (wasm === null) {
      throw new DeviceError(
        options.relaxedSimd === true
          ? 'wasm: this JavaScript engine has no relaxed SIMD; leave relaxedSimd out'
          : 'wasm: this JavaScript engine has no WebAssembly SIMD; use "reference"',
      )
    }
    cpu = wasm
  }
}

/** Runs `body` with another CPU backend, then returns to the one before. */
export function withCpuBackend<T>(name: CpuBackendName, body: () => T): T {
  const before = cpu
  useCpuBackend(name)
  try {
    return body()
  } finally {
    cpu = before
  }
}

/** Called by `device('gpu')` once the device is there. */
export function installGpuBackend(backend: Backend): void {
  gpu = backend
}

/** The backend for one operand. */
export function backendOf(storage: Storage): Backend {
  if (storage.device === 'gpu') {
    if (gpu === null) throw new DeviceError("no GPU is open; call await device('gpu') first")
    return gpu
  }
  return storage.dtype === 'float32' ? chosenCpu() : reference
}

/** The backend for two operands, which must agree in device and element type. */
export function commonBackend(op: string, a: Storage, b: Storage): Backend {
  if (a.device !== b.device) {
    throw new DeviceError(
      `${op}: one operand is on the ${a.device}, the other on the ${b.device}; move one with toDevice()`,
    )
  }
  if (a.dtype !== b.dtype) {
    throw new DTypeError(`${op}: the operands are ${a.dtype} and ${b.dtype}; convert one with cast()`)
  }
  return backendOf(a)
}
