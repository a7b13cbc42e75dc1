// The test suites, each a project of its own: `vitest run --project unit`. A folder under test/ that needs more than Node and
// a moment is a suite here, with an npm script of its name in package.json; all the rest is `unit`, which is `npm test`.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = fileURLToPath(new URL('./src', import.meta.url))

// Generous limits, because a loaded machine is slow and not wrong.
const SECOND = 1000
const apart = {
  learning: 600 * SECOND,
  package: 120 * SECOND,
  gpu: 120 * SECOND,
  browser: 120 * SECOND,
  site: 120 * SECOND,
}

const unit = {
  name: 'unit',
  include: ['test/**/*.test.ts'],
  exclude: Object.keys(apart).map((name) => `test/${name}/**`),
  testTimeout: 30 * SECOND,
  // The files of a worker share its modules, which spares each the import; a file leaves global state as it found it.
  isolate: false,
  setupFiles: ['test/support/restore.ts'],
}

const suites = Object.entries(apart).map(([name, testTimeout]) => {
  return { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout }
})

export default defineConfig({
  // The entry points of package.json mean the source, so that no test needs a build.
  resolve: {
    alias: [
      { find: /^alambic$/, replacement: `${source}/index.ts` },
      { find: /^alambic\/([a-z]+)$/, replacement: `${source}/$1/index.ts` },
    ],
  },
  // Vitest leaves one core free by default: on two cores that would double the time.
  // One thread, because the workers have all cores; `ALAMBIC_THREADS=2` for test/golden-bits.
  test: {
    maxWorkers: 2,
    env: { ALAMBIC_THREADS: process.env.ALAMBIC_THREADS ?? '1' },
    projects: [unit, ...suites].map((suite) => ({ extends: true, test: suite })),
  },
})
