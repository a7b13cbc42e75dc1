// Restores what a test file has replaced, since the next file runs in the same process.

import { afterAll, vi } from 'vitest'
import { setBackend } from '../../src/tensor/dispatch/select.ts'

afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  setBackend('wasm')
})
