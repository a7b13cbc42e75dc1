// Where the nn suites run: float64 and float32 on the reference loops, float32 on WebAssembly where the machine has SIMD.

import { getBackend } from '../../src/tensor/index.ts'
import { withBackend } from '../support/with-backend.ts'

interface Place {
  readonly name: string
  readonly dtype: 'float32' | 'float64'
  readonly use: <T>(body: () => T) => T
}

const reference = <T>(body: () => T) => withBackend('reference', body)

const wasm = <T>(body: () => T) => withBackend('wasm', body)

export const onEachBackend: readonly Place[] = [
  { name: 'reference float64', dtype: 'float64', use: reference },
  { name: 'reference float32', dtype: 'float32', use: reference },
  ...(getBackend() === 'wasm' ? [{ name: 'wasm float32', dtype: 'float32', use: wasm } as const] : []),
]
