// The playground's page in the frame of the site: `main` and the styles of site/playground/index.html. bundles.ts bundles its
// script.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layout } from './layout.ts'
import { root } from './places.ts'

export function playground(write: (page: string, html: string) => void): void {
  const file = join(root, 'site/playground/index.html')
  const page = 'playground/index.html'
  const frame = { page, title: 'Playground', kind: 'playground' as const }
  if (!existsSync(file)) {
    write(page, layout({ ...frame, body: '<h1>Playground</h1>\n<p>This build of the site has no playground.</p>' }))
    return
  }
  const html = readFileSync(file, 'utf8')
  const description = /<meta name="description" content="([^"]*)">/.exec(html)![1]!
  const body = /<main\b[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1]
  if (body === undefined) throw new Error('site/playground/index.html has no <main>')
  const head = [...html.matchAll(/<style[\s\S]*?<\/style>/g)].join('\n')
  write(page, layout({ ...frame, description, body, head, scripts: ['playground/main.js'] }))
}
