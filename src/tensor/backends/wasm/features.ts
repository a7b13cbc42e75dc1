// What this JavaScript engine's WebAssembly can do, found by validating the smallest module that needs it.

import { f32x4, i32x4, v128 } from './instructions.ts'
import { kernel, moduleBytes, writeKernel } from './module.ts'

const probes = {
  simd: kernel(['i32 at'], (code, at) => code.do(v128.store(at, i32x4.splat(0)))),
  relaxedSimd: kernel(['i32 at'], (code, at) => {
    const x = code.let('x', v128.load(at))
    code.do(v128.store(at, f32x4.relaxed_madd(x, x, x)))
  }),
}

function validates(name: keyof typeof probes): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(moduleBytes([writeKernel(name, probes, false)]))
}

/** 128-bit vectors: every engine since 2021 (Node 16.4, Chrome 91, Firefox 89, Safari 16.4). */
export function hasSimd(): boolean {
  return validates('simd')
}

interface V8 {
  setFlagsFromString(flag: string): void
}

/**
 * Relaxed SIMD, for its fused multiply-add. Node 20 has it behind a flag, which is set here; the flag counts for modules
 * compiled after it.
 */
export function hasRelaxedSimd(): boolean {
  if (validates('relaxedSimd')) return true
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const v8 = host.process?.getBuiltinModule?.('node:v8') as V8 | undefined
  v8?.setFlagsFromString('--experimental-wasm-relaxed-simd')
  return validates('relaxedSimd')
}
