// A page whose content security policy does not allow to compile WebAssembly: it trains all the same, by the reference backend.

import { expect, it } from 'vitest'
import { withBackend } from '../support/with-backend.ts'
import { openPage } from './chromium.ts'
import { trainXor } from './training-page.ts'

it.each([
  ["script-src 'self'", 'reference'],
  ["script-src 'self' 'wasm-unsafe-eval'", 'wasm'],
] as const)('under "%s" a page trains by the backend %s', async (policy, backend) => {
  const open = await openPage('./training-page.ts', '', { policy })
  try {
    const shown = (await open.page.textContent('pre'))!
    expect(JSON.parse(shown)).toEqual({ ...withBackend(backend, trainXor), backend })
    const warnings = open.warnings.filter((text) => text.startsWith('alambic: '))
    if (backend === 'wasm') expect(warnings).toEqual([])
    else {
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(/^alambic: WebAssembly cannot be compiled.*Using the reference backend/)
    }
  } finally {
    await open.close()
  }
})
