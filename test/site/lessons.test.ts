// Every cell and exercise of the lessons in Chromium, with the site under a sub-path.

import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { exercises } from '../../site/exercises/index.ts'
import { cellsOf, lessonFiles } from '../../site/generator/lessons.ts'
import { pageOf } from '../../site/generator/places.ts'
import { blocksOf, expectedLines } from '../../site/generator/text.ts'
import { openSite, runCell, type, visit } from './pages.ts'

const site = await openSite()
afterAll(() => site.close())

describe.each(lessonFiles())('%s', (file) => {
  const text = readFileSync(file, 'utf8')

  it('prints what its comments say', async () => {
    const { page, faults } = await visit(site.browser, site.url, pageOf(file))
    const cells = await page.locator('.cell:not(.exercise)').all()
    const programs = cellsOf(text)
    expect(cells).toHaveLength(programs.length)
    for (const [i, cell] of cells.entries()) {
      const { code, limit } = programs[i]!
      const { lines, state } = await runCell(cell, limit)
      expect({ program: i + 1, state, lines }).toEqual({
        program: i + 1,
        state: expect.stringMatching(/^done in /),
        lines: expectedLines(code),
      })
    }
    expect(faults).toEqual([])
    await page.context().close()
  }, 600_000) // the programs of a lesson may train networks for a minute in all, and the machine may be busy

  it('has pictures that the keyboard changes', async () => {
    const { page, faults } = await visit(site.browser, site.url, pageOf(file))
    for (const picture of await page.locator('[data-picture]').all()) {
      const control = picture.locator('[tabindex="0"], button, input').first()
      const key = (await control.evaluate((element) => element.tagName)) === 'BUTTON' ? 'Enter' : 'ArrowRight'
      const before = await picture.innerHTML()
      await control.press(key)
      await expect.poll(() => picture.innerHTML(), { timeout: 10_000 }).not.toBe(before)
    }
    expect(faults).toEqual([])
    await page.context().close()
  })

  it.each(blocksOf(text, 'exercise').map(({ info }) => info.split(' ')[1]!))('grades the exercise %s', async (name) => {
    const { solution, wrong } = exercises[name]!
    const { page, faults } = await visit(site.browser, site.url, pageOf(file))
    const cell = page.locator(`[data-exercise="${name}"]`)
    for (let attempt = 1; attempt <= 3; attempt++) {
      await type(cell, wrong[attempt - 1]!)
      const { lines, state } = await runCell(cell, 20)
      expect(state).toBe('not yet')
      expect(lines[0]).toMatch(/^For .+: /)
      expect(await cell.locator('.reveal').isVisible()).toBe(attempt === 3)
    }
    await cell.locator('.reveal').click()
    const { lines, state } = await runCell(cell, 20)
    expect(state).toMatch(/^right/)
    expect(lines[0]).toMatch(/^Right: \d+ random cases agree\.$/)
    expect(solution).toContain('export function')
    expect(faults).toEqual([])
    await page.context().close()
  })
})

describe('a cell', () => {
  it('is stopped at its limit, and by its button, and the page goes on', async () => {
    const { page } = await visit(site.browser, site.url, pageOf(lessonFiles()[0]!))
    const cell = page.locator('.cell').first()
    await type(cell, 'console.log("before")\nfor (;;) {}')
    await cell.locator('.run').click()
    await cell.locator('.printed .line', { hasText: 'before' }).waitFor()
    expect(await page.evaluate('1 + 1')).toBe(2)
    await cell.locator('.stop').click()
    await cell.locator('.run').waitFor()
    expect(await cell.locator('.state').textContent()).toMatch(/^stopped after /)

    await cell.locator('.run').click()
    await cell.locator('.printed .error').waitFor({ timeout: 40_000 })
    expect(await cell.locator('.printed .error').textContent()).toBe(
      'Stopped: the program ran for 10 s, which is its limit here.',
    )
    await cell.locator('.reset').click()
    expect((await runCell(cell, 10)).state).toMatch(/^done/)
    await page.context().close()
  })

  it('shows errors with their line, and does not drown in output', async () => {
    const { page } = await visit(site.browser, site.url, pageOf(lessonFiles()[0]!))
    const cell = page.locator('.cell').first()
    await type(cell, 'const a = 1\nnull!.b')
    expect((await runCell(cell, 10)).lines[0]).toMatch(/^Line 2: TypeError: /)
    await type(cell, 'for (let i = 0; i < 100000; i++) console.log(i)')
    const { lines } = await runCell(cell, 10)
    expect(lines).toHaveLength(500)
    await page.context().close()
  })
})
