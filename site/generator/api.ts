// The API reference by TypeDoc under `api/`: every public name of every entry point, with links to the listings of the source.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Application,
  type CommentDisplayPart,
  Converter,
  type DeclarationReflection,
  ReflectionKind,
  Renderer,
} from 'typedoc'
import packageJson from '../../package.json' with { type: 'json' }
import { frontPage } from './api-front.ts'
import { lessonFiles } from './lessons.ts'
import { describeOptions } from './option-tables.ts'
import { output, pageOf, root, rootOf } from './places.ts'
import { filesBelow } from './sources.ts'
import { withUnexported } from './unexported.ts'

/** A public name and its page. */
export interface ApiName {
  /** `tensor/matmul` */
  readonly name: string
  readonly page: string
  /** The first line of its documentation. */
  readonly about: string
}

export interface Api {
  readonly names: readonly ApiName[]
  /** The page of a name such as `tensor/matmul`. Throws if the API has no such name. */
  pageOfName(name: string): string
}

const folder = join(output, 'api')
const list = join(folder, 'names.json')
const CSS = 'site/api.css'

/** Entry points of the package, such as `tensor`. */
const entryPoints = Object.keys(packageJson.exports).flatMap((path) => /^\.\/(\w+)$/.exec(path)?.[1] ?? [])

/** Writes the reference, unless it is there and nothing that it depends on has changed. */
export async function apiReference({ rebuild }: { rebuild: boolean }): Promise<Api> {
  const lessons = lessonsByName()
  const stamp = stampOf(
    [
      ...filesBelow('src'),
      CSS,
      'site/generator/api.ts',
      'site/generator/api-front.ts',
      'site/generator/option-tables.ts',
      'site/generator/unexported.ts',
    ],
    JSON.stringify([...lessons]),
  )
  const there = existsSync(list)
    ? (JSON.parse(readFileSync(list, 'utf8')) as { stamp: string; names: ApiName[] })
    : null
  if (there?.stamp === stamp) return apiOf(there.names)
  if (!rebuild) return there === null ? { names: [], pageOfName: () => 'api/index.html' } : apiOf(there.names)
  const names = await generate(lessons)
  writeFileSync(list, JSON.stringify({ stamp, names }))
  return apiOf(names)
}

function apiOf(names: readonly ApiName[]): Api {
  const pages = new Map(names.map(({ name, page }) => [name, page]))
  const pageOfName = (name: string) => {
    const page = pages.get(name)
    if (page === undefined) throw new Error(`the API has no "${name}"`)
    return page
  }
  return { names, pageOfName }
}

async function generate(lessons: ReadonlyMap<string, readonly string[]>): Promise<ApiName[]> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const app = await Application.bootstrap({
    name: 'alambic',
    entryPoints: entryPoints.map((name) => join(root, `src/${name}/index.ts`)),
    tsconfig: join(root, 'tsconfig.json'),
    basePath: join(root, 'src'),
    readme: 'none',
    disableGit: true,
    sourceLinkTemplate: 'source:{path}#L{line}',
    navigationLinks: {
      Lessons: 'site:index.html',
      Guides: 'site:guides/index.html',
      Playground: 'site:playground/index.html',
    },
    customCss: join(root, CSS),
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    navigation: { includeGroups: true },
    hideGenerator: true,
    includeHierarchySummary: false,
    skipErrorChecking: true, // `npm run types` does
    validation: { notExported: true },
    treatWarningsAsErrors: true,
    logLevel: 'Warn',
  })
  // Modules are named as programs import them.
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection: DeclarationReflection) => {
    if (reflection.kindOf(ReflectionKind.Module)) reflection.name = `alambic/${reflection.name.replace(/^src\//, '')}`
  })
  const unexported = withUnexported(app, join(root, 'src/'))
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read the source')
  const urls = new Map<unknown, string>()
  app.renderer.on(Renderer.EVENT_END, ({ pages }) => {
    for (const { model, url } of pages) urls.set(model, url)
  })
  await describeOptions(project)
  project.readme = frontPage(project)
  app.validate(project)
  await app.generateDocs(project, folder)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc warns, see above')
  const names = (project.children ?? []).flatMap((module) =>
    (module.children ?? [])
      .filter((each) => !unexported.has(each))
      .map((each) => {
        const name = `${module.name.slice('alambic/'.length)}/${each.name}`
        const url = urls.get(each.isReference() ? each.getTargetReflectionDeep() : each)
        if (url === undefined) throw new Error(`TypeDoc wrote no page for ${name}`)
        return { name, page: `api/${url}`, about: aboutOf(each) }
      }),
  )
  const lessonsOf = new Map(names.map(({ name, page }) => [page, lessons.get(name) ?? []]))
  const internal = new Set([...unexported].map((each) => `api/${urls.get(each)}`))
  relink(folder, 'api', lessonsOf, internal)
  return names
}

function aboutOf(reflection: DeclarationReflection): string {
  const comment = reflection.comment ?? reflection.signatures?.[0]?.comment
  const text = (comment?.summary ?? []).map(({ text }: CommentDisplayPart) => text).join('')
  return text.split(/\n|(?<=\.)\s/)[0] ?? ''
}

/** The lessons that link to a public name, such as `tensor/matmul`, by their files. */
function lessonsByName(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of lessonFiles()) {
    const text = readFileSync(join(root, file), 'utf8')
    const names = new Set([...text.matchAll(/\]\(api:([\w/]+)\)/g)].map(([, name]) => name!))
    for (const name of names) found.set(name, [...(found.get(name) ?? []), file])
  }
  return found
}

/**
 * Makes the links to the site and to source files relative, adds the script that repairs the navigation, links to the lessons that
 * explain the name of a page, and a note on pages of names that are not exported.
 */
function relink(
  directory: string,
  path: string,
  lessonsOf: ReadonlyMap<string, readonly string[]>,
  internal: ReadonlySet<string>,
): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = join(directory, entry.name)
    if (entry.isDirectory()) relink(file, `${path}/${entry.name}`, lessonsOf, internal)
    else if (entry.name.endsWith('.html')) {
      const up = rootOf(`${path}/${entry.name}`)
      const lessons = lessonsOf.get(`${path}/${entry.name}`) ?? []
      const links = lessons.map(
        (each) => `<a href="${up}${pageOf(each)}">${/(?<=^# ).*/m.exec(readFileSync(join(root, each), 'utf8'))}</a>`,
      )
      const notes = [
        ...(links.length > 0 ? [`Explained in: ${links.join(' · ')}`] : []),
        ...(internal.has(`${path}/${entry.name}`) ? ['Part of public signatures, and not exported by itself.'] : []),
      ]
      const html = readFileSync(file, 'utf8')
        .replace('</h1>', `</h1>${notes.map((note) => `<p class="lessons">${note}</p>`).join('')}`)
        .replace('</head>', `<script defer src="${up}assets/api.js"></script></head>`)
        .replace('<div class="col-content">', '<div class="col-content" role="main">')
        .replaceAll('href="site:', `href="${up}`)
        .replace(/<a [^>]*href="source:\.\.[^>]*>(.*?)<\/a>/g, '$1') // of other packages
        .replace(/href="source:([^"#]+)/g, (_, source: string) => `href="${up}${pageOf(`src/${source}`)}`)
      writeFileSync(file, html)
    }
  }
}

function stampOf(files: readonly string[], more: string): string {
  const hash = createHash('sha256').update(more)
  for (const file of files) if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}
