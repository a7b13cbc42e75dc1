// `npm run test:browser`: the checks of the GPU backend in headless Chromium, on WebGPU (gpu.js and WGSL) and on WebGL2. Without Chromium, or
// without either API in it, there is nothing to run, and that is a failure that says what to install.

import { afterAll, describe, expect, it } from 'vitest'
import { type OpenPage, openPage } from './chromium.ts'
import type { PageReport, TestPage } from './page.ts'
import { shortDemo } from './same-run.ts'

declare const page: TestPage // in the browser

type Run = PageReport & { readonly what: string }

/** Runs checks in a page of their own, in each mode. */
async function runsIn({ page: tab, version }: OpenPage, checks: 'all' | 'kernels', what: string): Promise<Run[]> {
  await tab.waitForFunction('globalThis.page !== undefined')
  const runs: Run[] = []
  for (const mode of ['webgpu', 'wgsl', 'webgl2'] as const) {
    const report = await tab.evaluate(([wanted, which]) => page.run(wanted, which), [mode, checks] as const)
    console.log(`Chromium ${version}: ${what} ran in mode ${report.mode} on ${report.adapter} (${report.hardware})`)
    runs.push({ ...report, what })
  }
  return runs
}

const open = await openPage('./page.ts')
const small = await openPage('./page.ts', '', { minify: true })
afterAll(() => Promise.all([open.close(), small.close()]))

const runs = [
  ...(await runsIn(open, 'all', 'all checks')),
  ...(await runsIn(small, 'kernels', 'kernels made small by a bundler')),
]

describe.each(runs)('Chromium, $what, $mode on $adapter', ({ outcomes }) => {
  it('ran something', () => expect(outcomes.length).toBeGreaterThan(0))
  it.each(outcomes)('$name', ({ failure }) => expect(failure).toBeNull())
})

it('a seed in Chromium: gives the teacher, the labels and the students that it gives in Node, to the last bit', async () => {
  const inPage = await open.page.evaluate((seed) => page.shortDemo(seed), 3)
  const here = shortDemo(3)
  expect(here.backend).toBe('wasm')
  expect(inPage).toEqual(here)
  expect(shortDemo(4).digests).not.toEqual(here.digests)
})
