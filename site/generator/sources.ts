// Listings of source files, with an anchor for each line, and of folders.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { highlighted } from './highlight.ts'
import { layout } from './layout.ts'
import { linkBetween, pageOf, root } from './places.ts'
import { escaped } from './text.ts'

/** The page of a file or folder of the repository. */
export function sourcePage(path: string): string {
  const page = pageOf(path)
  const folder = statSync(join(root, path)).isDirectory()
  const body = `<h1 class="path">${escaped(path)}</h1>\n${folder ? folderHtml(path, page) : fileHtml(path)}`
  return layout({ page, title: path, kind: 'source', body })
}

/** All TypeScript files below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesBelow(path) : entry.name.endsWith('.ts') ? [path] : []
  })
}

/** The files that a folder's page links to. */
export function filesIn(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => `${folder}/${name}`)
}

function folderHtml(path: string, page: string): string {
  const links = filesIn(path).map((file) => {
    return `<li><a href="${linkBetween(page, pageOf(file))}"><code>${escaped(file.slice(path.length + 1))}</code></a></li>`
  })
  return `<ul>${links.join('')}</ul>`
}

function fileHtml(path: string): string {
  const text = readFileSync(join(root, path), 'utf8')
  const language = /\.(\w+)$/.exec(path)?.[1] ?? 'text'
  let line = 0
  const html = highlighted(text, language).replaceAll('<span class="line">', () => {
    line++
    return `<span class="line" id="L${line}"><a class="no" href="#L${line}" aria-label="Line ${line}">${line}</a>`
  })
  return `<div class="listing" role="region" aria-label="${escaped(path)}" tabindex="0">${html}</div>`
}
