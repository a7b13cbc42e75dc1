// Threads in a page and in a worker of it, with and without cross-origin isolation.

import { afterAll, describe, expect, it } from 'vitest'
import { openPage } from './chromium.ts'
import type { ThreadsPage } from './threads-page.ts'

declare const page: ThreadsPage // in the browser

const isolated = await openPage('./threads-page.ts', '', { isolated: true })
const plain = await openPage('./threads-page.ts')
afterAll(() => Promise.all([isolated.close(), plain.close()]))

describe('threads in Chromium', () => {
  it('help in an isolated page and in its workers, with the same bits', async () => {
    const ran = { threads: 2, measured: true, helped: true, same: true }
    expect(await isolated.page.evaluate(() => page.report())).toEqual(ran)
    expect(await isolated.page.evaluate(() => page.inWorker())).toEqual(ran)
    expect(isolated.warnings).toEqual([])
  })

  it('are one elsewhere, with one warning', async () => {
    const ran = { threads: 1, measured: false, helped: false, same: true }
    expect(await plain.page.evaluate(() => page.report())).toEqual(ran)
    expect(await plain.page.evaluate(() => page.report())).toEqual(ran)
    expect(await plain.page.evaluate(() => page.inWorker())).toEqual(ran)
    const said = plain.warnings.filter((each) => each.includes('not cross-origin isolated'))
    expect(said).toHaveLength(2) // of the page and of the worker
  })
})
