// `npm test`: every test that needs nothing but Node. The suites that take minutes, a GPU or a browser have their own
// configuration beside this one and their own folder under test/.

import { defineConfig } from 'vitest/config'
import { fromSource } from './vitest.shared.ts'

export default defineConfig({
  resolve: { alias: fromSource },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/learning/**', 'test/gpu/**', 'test/browser/**'],
    // Generous, because a loaded machine is slow and not wrong.
    testTimeout: 30_000,
  },
})
