// Runs a body with another backend of the CPU.

import { type CpuBackendName, getBackend, setBackend } from '../../src/tensor/dispatch/select.ts'

/** Runs `body` with another CPU backend, then restores the one before. */
export function withBackend<T>(name: CpuBackendName, body: () => T): T {
  const before = getBackend()
  setBackend(name)
  try {
    return body()
  } finally {
    setBackend(before === 'reference' ? 'reference' : 'wasm', { relaxedSimd: before.includes('relaxed') })
  }
}
