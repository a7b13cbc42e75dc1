// Each kind of page: reachable links, accessible, readable on a phone, and working from `file://`. Leaves screenshots in runs/site.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { publicNames } from '../../scripts/size/public-names.ts'
import { lessonFiles } from '../../site/generator/lessons.ts'
import { pageOf } from '../../site/generator/places.ts'
import { folder, openSite, runCell, visit } from './pages.ts'

const site = await openSite()
afterAll(() => site.close())

const screenshots = 'runs/site'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const kinds = [
  'index.html',
  ...lessonFiles().map(pageOf),
  ...'guides/index.html guides/tensors.html guides/distillation.html playground/index.html'.split(' '),
  'source/src/tensor/autograd/autograd.ts.html',
  'api/index.html',
  'api/functions/alambic_tensor.matmul.html',
  'api/functions/alambic_rl.ppo.html',
  'api/interfaces/alambic_rl.EnvSpec.html',
]

interface Finding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

describe.each(kinds)('%s', (path) => {
  it.each([
    ['a desktop in light', 1280, false],
    ['a phone in dark', 390, true],
  ] as const)('has no serious finding of axe on %s, and does not scroll sideways', async (_, width, dark) => {
    const { page, faults } = await visit(site.browser, site.url, path, { width, dark })
    await page.evaluate(axe)
    const findings = (await page.evaluate('axe.run().then((result) => result.violations)')) as Finding[]
    const serious = findings
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]!.html} ${nodes[0]!.failureSummary}`)
    expect(serious).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(faults).toEqual([])
    const name = `${path.replaceAll('/', '_')}-${width}.png`
    await page.screenshot({ path: join(screenshots, name), fullPage: true }) // to be looked at
    await page.context().close()
  })
})

it('a lesson opened from file:// runs its cells, checks its exercise and searches', async () => {
  const { page, faults } = await visit(site.browser, `${pathToFileURL(folder).href}/`, 'lessons/01-gradient.html')
  expect((await runCell(page.locator('.cell').first(), 10)).state).toMatch(/^done/)
  expect((await runCell(page.locator('.exercise'), 20)).state).toBe('not yet')
  await page.keyboard.press('Escape')
  await page.locator('h1').click()
  await page.keyboard.press('/')
  await page.keyboard.type('gradcheck')
  await page.locator('#found [data-href]').first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(/gradcheck|gradient|tensors/)
  expect(faults).toEqual([])
  await page.context().close()
})

it.each([
  ['a trained teacher', '', undefined],
  ['an uploaded table', '#env=Pendulum-v1&updates=200', 'observation_0,observation_1,observation_2,action_0\n'],
])('the program of the playground runs in a cell, and makes the student that is shown: %s', async (_, hash, titles) => {
  const { page, faults } = await visit(site.browser, site.url, `playground/index.html${hash}`)
  const student = (before?: string) =>
    page.waitForFunction(`document.documentElement.dataset.student !== ${JSON.stringify(before)}
      && document.documentElement.dataset.student`)
  const digest = (await (await student()).jsonValue()) as string
  if (titles !== undefined) {
    const rows = Array.from({ length: 50 }, (_, i) => [Math.cos(i), Math.sin(i), 0, -2 * Math.sin(i)])
    const buffer = Buffer.from(titles + rows.join('\n'))
    await page.setInputFiles('#csv-file', { name: 'mine.csv', mimeType: 'text/csv', buffer })
    await student(digest)
  }
  const [labels, mean] = [await page.textContent('#count-labels'), await page.textContent('#student-mean')]
  await page.click('#code')
  await page.evaluate(axe)
  const findings = (await page.evaluate('axe.run("dialog").then((result) => result.violations)')) as Finding[]
  expect(findings.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
  const { lines, state } = await runCell(page.locator('.program .cell'), 60)
  expect(state).toMatch(/^done/)
  const [printedLabels, printedMean] = lines[0]!.split(' ')
  expect([printedLabels, Number(printedMean).toFixed(1)]).toEqual([labels, mean!.replace('−', '-')])
  expect(faults).toEqual([])
  await page.context().close()
})

it('a lesson links to the page of a public name, and that page to the lesson', () => {
  const [lesson, name] = ['lessons/02-products.html', 'api/functions/alambic_tensor.matmul.html']
  expect(readFileSync(`${folder}/${lesson}`, 'utf8')).toContain(`href="../${name}"`)
  expect(readFileSync(`${folder}/${name}`, 'utf8')).toContain(`href="../../${lesson}"`)
})

it('the page of a function has its options with their defaults, and links to types that are not exported', () => {
  const html = readFileSync(`${folder}/api/functions/alambic_rl.ppo.html`, 'utf8')
  expect(html).toMatch(/<td><code>clipRange = 0\.2<\/code><\/td>\s*<td>largest change of the probability ratio/)
  const types = [
    ...html.matchAll(/href="(\.\.\/(?:types|interfaces)\/alambic_rl\.(?:ActorCritic|ResumableReport)\.html)"/g),
  ]
  expect(new Set(types.map(([, link]) => link)).size).toBe(2)
  const page = readFileSync(`${folder}/api/interfaces/alambic_rl.ResumableReport.html`, 'utf8')
  expect(page).toContain('not exported by itself')
})

it('every public name has a page', () => {
  const { names } = JSON.parse(readFileSync(`${folder}/api/names.json`, 'utf8')) as {
    names: { name: string; page: string }[]
  }
  const all = [...publicNames()].flatMap(([entry, own]) =>
    own.map((name) => `${entry.slice('alambic/'.length)}/${name}`),
  )
  expect(names.map(({ name }) => name).sort()).toEqual(all.filter((name) => !name.startsWith('/')).sort())
  expect(names.filter(({ page }) => !existsSync(join(folder, page)))).toEqual([])
})

it('every link of every page leads to a file, and to an anchor that is there', () => {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'))
  const anchors = new Map<string, Set<string>>()
  const anchorsOf = (file: string) => {
    if (!anchors.has(file)) {
      anchors.set(file, new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id!)))
    }
    return anchors.get(file)!
  }
  const broken: string[] = []
  for (const path of pages) {
    const html = readFileSync(join(folder, path), 'utf8').replace(/<script[\s\S]*?<\/script>/g, '')
    for (const [, link] of html.matchAll(/<\w[^>]*\s(?:href|src)="([^"]+)"/g)) {
      if (/^(https?:|data:|mailto:)/.test(link!)) continue
      const [to, fragment] = link!.replaceAll('&amp;', '&').split('#') as [string, string?]
      const file = to === '' ? join(folder, path) : resolve(folder, dirname(path), decodeURI(to))
      if (relative(folder, file).startsWith('..') || !existsSync(file)) broken.push(`${path}: ${link}`)
      else if (fragment && file.endsWith('.html') && !anchorsOf(file).has(decodeURIComponent(fragment))) {
        broken.push(`${path}: ${link} (no such anchor)`)
      }
    }
  }
  expect(broken.slice(0, 20)).toEqual([])
})

it('no script of the site contains gpu.js', () => {
  const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
  for (const name of scripts) expect(readFileSync(join(folder, 'assets', name), 'utf8'), name).not.toContain('GPUMode')
})
