// `npm run test:learning`: whole training runs that must reach a known return. Minutes, not seconds.

import { defineConfig } from 'vitest/config'
import { fromSource } from './vitest.shared.ts'

export default defineConfig({
  resolve: { alias: fromSource },
  test: {
    include: ['test/learning/**/*.test.ts'],
    testTimeout: 600_000,
    passWithNoTests: false,
  },
})
