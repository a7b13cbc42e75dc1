// The benchmark's page in headless Chromium: it measures, shows a table and a plot, and says what is no speed figure.

import { expect, it } from 'vitest'
import type { KernelResults } from '../../bench/lib/kernel-report.ts'
import { openPage } from './chromium.ts'

it('the kernel benchmark in a browser: measures every mode that is there and shows table and plot', async () => {
  const open = await openPage('../../bench/browser/page.ts', '?quick')
  try {
    await open.page.waitForFunction('globalThis.results !== undefined', undefined, { timeout: 110_000 })
    const { places, figures, crossovers } = (await open.page.evaluate('results')) as KernelResults
    expect(places.map(({ name }) => name)).toEqual(expect.arrayContaining(['wasm', 'gpu.js webgpu', 'gpu.js webgl2']))
    expect(figures.filter(({ place }) => place === 'gpu.js webgpu').every(({ steady }) => steady! > 0)).toBe(true)
    expect(crossovers.length).toBe(places.length - 2)
    expect(await open.page.locator('svg.chart circle').count()).toBeGreaterThanOrEqual(figures.length / 2)
    expect(await open.page.locator('tbody tr').count()).toBe(crossovers.length + figures.length)
    expect(await open.page.textContent('body')).toContain('software adapter: not a speed figure')
  } finally {
    await open.close()
  }
})
