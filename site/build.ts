// Builds the site into site/dist: `npm run site`. `-- --no-api` leaves the API reference as it is.
// Read next: generator/lessons.ts, client/lesson.ts.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { flags } from './flags.ts'
import { apiReference } from './generator/api.ts'
import { bundles } from './generator/bundles.ts'
import { guides } from './generator/guides.ts'
import { home } from './generator/home.ts'
import { icon } from './generator/layout.ts'
import { lessons } from './generator/lessons.ts'
import { output, pageOf, root } from './generator/places.ts'
import { playground } from './generator/playground.ts'
import { searchIndex } from './generator/search-index.ts'
import { filesBelow, filesIn, sourcePage } from './generator/sources.ts'

const { 'no-api': noApi } = flags(
  `npm run site -- [--no-api]

  builds the site into site/dist
  --no-api  leave the API reference as it is`,
  { 'no-api': { type: 'boolean', default: false } },
)
const started = performance.now()
for (const folder of ['lessons', 'guides', 'source', 'assets', 'playground']) {
  rmSync(join(output, folder), { recursive: true, force: true })
}
const write = (page: string, text: string) => {
  mkdirSync(dirname(join(output, page)), { recursive: true })
  writeFileSync(join(output, page), text)
}

const api = await apiReference({ rebuild: !noApi })
const links = { sources: new Set<string>(), api: api.pageOfName }
const learn = lessons(links)
const read = guides(links)
for (const [page, html] of [...learn.pages, ...read.pages]) write(page, html)
write('index.html', home(learn.built, read.built))
const bundled = await bundles()
playground(write)

for (const path of filesBelow('src')) links.sources.add(path)
for (const path of [...links.sources].filter((each) => pageOf(each).endsWith('/index.html'))) {
  for (const file of filesIn(path)) links.sources.add(file)
}
for (const path of links.sources) write(pageOf(path), sourcePage(path))

write('assets/icon.svg', icon)
write('assets/style.css', readFileSync(join(root, 'site/style.css'), 'utf8'))
write('assets/search-index.js', searchIndex(learn.built, read.built, api.names))
if (existsSync(join(root, 'docs/media')))
  cpSync(join(root, 'docs/media'), join(output, 'guides/media'), { recursive: true })
if (bundled.some((path) => path.includes('gpu.js'))) throw new Error('a script of the site contains gpu.js')
console.log(`site/dist written in ${((performance.now() - started) / 1000).toFixed(1)} s`)
