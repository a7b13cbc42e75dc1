// `npm run test:browser`: the checks of the GPU backend in headless Chromium, on WebGPU and on WebGL2. Without Chromium, or
// without either API in it, there is nothing to run, and that is a failure that says what to install.

import { afterAll, describe, expect, it } from 'vitest'
import { openPage } from './chromium.ts'
import type { PageReport, TestPage } from './page.ts'
import { shortDemo } from './same-run.ts'

declare const page: TestPage // in the browser

const open = await openPage('./page.ts')
afterAll(() => open.close())

await open.page.waitForFunction('globalThis.page !== undefined')
const reports: PageReport[] = []
for (const mode of ['webgpu', 'webgl2'] as const) {
  const report = await open.page.evaluate((wanted) => page.run(wanted), mode)
  console.log(`Chromium ${open.version}: ran in mode ${report.mode} on ${report.adapter} (${report.hardware})`)
  reports.push(report)
}

describe.each(reports)('Chromium, $mode on $adapter', ({ outcomes }) => {
  it('ran something', () => expect(outcomes.length).toBeGreaterThan(0))
  it.each(outcomes)('$name', ({ failure }) => expect(failure).toBeNull())
})

describe('a seed in Chromium', () => {
  it('gives the teacher, the labels and the students that it gives in Node, to the last bit', async () => {
    const inPage = await open.page.evaluate((seed) => page.shortDemo(seed), 3)
    const here = shortDemo(3)
    expect(here.backend).toBe('wasm')
    expect(inPage).toEqual(here)
    expect(shortDemo(4).digests).not.toEqual(here.digests)
  })
})
