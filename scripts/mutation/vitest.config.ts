// The tests that judge the mutants of one floor of src/, named by MUTATION_FLOOR: the unit tests in its folder of test/. An error that
// only the tests of another floor notice counts as a survivor.

import { defineConfig } from 'vitest/config'
import config from '../../vitest.config.ts'

const floor = process.env.MUTATION_FLOOR ?? '*'

export default defineConfig({
  resolve: config.resolve!,
  test: { include: [`test/${floor}/**/*.test.ts`], testTimeout: 60_000 },
})
