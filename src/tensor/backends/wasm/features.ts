// Detects WebAssembly features by compiling minimal modules.

import type { Code } from './assembler.ts'
import type { Local } from './encoding.ts'
import { f32x4, i32x4, v128 } from './instructions.ts'
import { kernel, moduleBytes, writeKernel } from './module.ts'

function moduleOf(write: (code: Code, at: Local<'i32'>) => void): Uint8Array<ArrayBuffer> {
  return moduleBytes([writeKernel('probe', { probe: kernel('i32 at', write) }, false)])
}

/**
 * The reason why kernels cannot run, or null if they can. They require SIMD (Node 16.4, Chrome 91, Firefox 89, Safari 16.4)
 * and permission to compile by the page's content security policy.
 */
export function wasmObstacle(): string | null {
  if (typeof WebAssembly === 'undefined') return 'this JavaScript engine has no WebAssembly'
  if (typeof FinalizationRegistry === 'undefined') {
    return 'this JavaScript engine has no FinalizationRegistry, which frees parameters in linear memory'
  }
  const bytes = moduleOf((code, at) => code.do(v128.store(at, i32x4.splat(0))))
  try {
    if (!WebAssembly.validate(bytes)) return 'the WebAssembly of this JavaScript engine has no SIMD'
    new WebAssembly.Module(bytes)
    return null
  } catch (error) {
    return `WebAssembly cannot be compiled (${(error as Error).message}); a page needs 'wasm-unsafe-eval' in its content security policy`
  }
}

interface V8 {
  setFlagsFromString(flag: string): void
}

/** True if relaxed SIMD (fused multiply-add) is available. Sets the flag that Node 20 requires, for later modules. */
export function hasRelaxedSimd(): boolean {
  const bytes = moduleOf((code, at) => {
    const x = code.let('x', v128.load(at))
    code.do(v128.store(at, f32x4.relaxed_madd(x, x, x)))
  })
  if (WebAssembly.validate(bytes)) return true
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const v8 = host.process?.getBuiltinModule?.('node:v8') as V8 | undefined
  v8?.setFlagsFromString('--experimental-wasm-relaxed-simd')
  return WebAssembly.validate(bytes)
}
