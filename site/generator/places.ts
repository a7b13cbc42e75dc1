// Where each file of the repository is on the site. Paths of pages are relative to the site's root; links between pages are
// relative, so that the site works under a sub-path and from `file://`.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))
/** The folder the site is written to. */
export const output = join(root, 'site/dist')

/** The page of a file or folder of the repository: `docs/tensors.md` is `guides/tensors.html`, a source file its listing. */
export function pageOf(path: string): string {
  const guide = /^docs\/([\w-]+)\.md$/.exec(path)
  if (guide !== null) return `guides/${guide[1]}.html`
  const lesson = /^site\/lessons\/([\w-]+)\.md$/.exec(path)
  if (lesson !== null) return `lessons/${lesson[1]}.html`
  if (/^docs\/media\//.test(path)) return `guides/${path.slice('docs/'.length)}`
  return isFolder(path) ? `source/${path}/index.html` : `source/${path}.html`
}

/** A relative link from one page of the site to another. */
export function linkBetween(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to) || posix.basename(to)
}

/** `../`, once for each folder that a page is in. */
export function rootOf(page: string): string {
  return '../'.repeat(page.split('/').length - 1)
}

export interface Links {
  /** Pages of files that are linked to, and have no page yet: the files' paths. */
  readonly sources: Set<string>
  /** The page of a public name, such as `tensor/matmul`. */
  readonly api: (name: string) => string
}

/** The link of a page of the site for a link in a Markdown file. Throws if the file it points to does not exist. */
export function rewritten(href: string, file: string, links: Links): string {
  const page = pageOf(file)
  if (/^(https?:|mailto:|#)/.test(href)) return href
  if (href.startsWith('api:')) return linkBetween(page, links.api(href.slice('api:'.length)))
  if (href.startsWith('page:')) return linkBetween(page, href.slice('page:'.length))
  const [path, fragment] = href.split('#') as [string, string | undefined]
  const target = relative(root, join(root, dirname(file), path))
  if (!existsSync(join(root, target)))
    throw new Error(`${file}: the link ${href} points to ${target}, which is not there`)
  const to = pageOf(target)
  if (to.startsWith('source/')) links.sources.add(target)
  const anchor = fragment !== undefined && target.endsWith('.ts') ? lineOf(target, fragment) : fragment
  return linkBetween(page, to) + (anchor === undefined ? '' : `#${anchor}`)
}

/** The anchor of the line that declares a name or a method, `L12`. Throws if there is none. */
function lineOf(path: string, name: string): string {
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  const declared = new RegExp(
    `^(export )?(abstract )?(function\\*?|const|class|interface|type) ${name}\\b|^  \\w*? ?${name}\\(.*\\{$`,
  )
  const line = lines.findIndex((each) => declared.test(each))
  if (line < 0) throw new Error(`${path} declares no ${name}`)
  return `L${line + 1}`
}

function isFolder(path: string): boolean {
  return existsSync(join(root, path)) && statSync(join(root, path)).isDirectory()
}
