// Which backend computes, and what an engine lacks for the compiled one. fallback.test.ts trains where it is missing.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { hasRelaxedSimd, wasmObstacle } from '../../../src/tensor/backends/wasm/module.ts'
import { backendOf, getBackend, setBackend } from '../../../src/tensor/dispatch/select.ts'
import { DeviceError } from '../../../src/tensor/index.ts'
import { CpuStorage, type Storage } from '../../../src/tensor/storage.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  setBackend('wasm')
})

const { Module, CompileError } = WebAssembly
const engine = (validates: boolean) => ({ Module, validate: () => validates })
class Refusing {
  constructor() {
    throw new CompileError('disallowed')
  }
}

describe('wasm', () => {
  it('runs where there are SIMD and finalizers', () => {
    expect(wasmObstacle()).toBeNull()
    setBackend('wasm')
    expect(getBackend()).toBe('wasm')
  })

  it.each([
    ['WebAssembly', undefined, 'has no WebAssembly'],
    ['FinalizationRegistry', undefined, 'has no FinalizationRegistry'],
    ['WebAssembly', engine(false), 'has no SIMD'],
    [
      'WebAssembly',
      { ...engine(true), Module: Refusing },
      "cannot be compiled (disallowed); a page needs 'wasm-unsafe-eval'",
    ],
  ])('without %s (%o) is refused: %s', (name, value, reason) => {
    setBackend('reference')
    vi.stubGlobal(name, value)
    expect(wasmObstacle()).toContain(reason)
    expect(() => setBackend('wasm')).toThrow(reason)
    expect(() => setBackend('wasm')).toThrow(DeviceError)
    expect(() => setBackend('reference')).not.toThrow()
    expect(getBackend()).toBe('reference')
  })

  it('has fused multiply-add where the engine validates it', () => {
    const builtIns = vi.spyOn(process, 'getBuiltinModule') // gives the flags of V8
    vi.stubGlobal('WebAssembly', engine(true))
    expect(hasRelaxedSimd()).toBe(true)
    expect(builtIns).not.toHaveBeenCalled()
    const validate = vi.fn(() => false)
    vi.stubGlobal('WebAssembly', { Module, validate })
    expect(hasRelaxedSimd()).toBe(false)
    expect(builtIns).toHaveBeenCalledExactlyOnceWith('node:v8')
    validate.mockReset().mockReturnValueOnce(true).mockReturnValue(false) // SIMD, but no relaxed SIMD
    expect(() => setBackend('wasm', { relaxedSimd: true })).toThrow('this JavaScript engine has no relaxed SIMD')
    validate.mockReset().mockReturnValue(true)
    expect(() => setBackend('wasm', { relaxedSimd: true })).not.toThrow()
  })
})

describe('backendOf', () => {
  const family = () => ({
    reference: {},
    compiled: {} as Record<string, object>,
    compile: (relaxed: boolean) => ({ relaxed }),
  })
  const float32 = CpuStorage.onHeap(new Float32Array(1))

  it('compiles the functions of float32 tensors once', () => {
    const functions = family()
    const made = backendOf(float32, functions)
    expect(made).toEqual({ relaxed: false })
    expect(backendOf(float32, functions)).toBe(made)
  })

  it('takes the reference for other types, and where it is chosen', () => {
    const functions = family()
    expect(backendOf(CpuStorage.onHeap(new Float64Array(1)), functions)).toBe(functions.reference)
    setBackend('reference')
    expect(backendOf(float32, functions)).toBe(functions.reference)
  })

  it('needs an open GPU for tensors there', async () => {
    vi.resetModules() // another file of this worker may have opened one
    const { backendOf: anew } = await import('../../../src/tensor/dispatch/select.ts')
    expect(() => anew({ device: 'gpu', dtype: 'float32' } as Storage, family())).toThrow(
      'a tensor on the GPU, but no GPU is open; call await openDevice() of alambic/gpu first',
    )
  })
})

it('refuses other names', () => {
  const name: string = 'cuda'
  expect(() => setBackend(name as 'wasm')).toThrow('setBackend: unknown backend "cuda"; known are wasm, reference')
})
