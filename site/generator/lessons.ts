// site/lessons/*.md as pages: a picture, prose, cells that run, an exercise.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exercises } from '../exercises/index.ts'
import type { Built } from './guides.ts'
import { highlighted } from './highlight.ts'
import { layout, type NavItem } from './layout.ts'
import { type Blocks, type Rendered, render } from './markdown.ts'
import { type Links, linkBetween, pageOf, root } from './places.ts'
import { blocksOf, escaped } from './text.ts'

/** The lessons' files, in order. */
export function lessonFiles(): string[] {
  const names = readdirSync(join(root, 'site/lessons')).filter((name) => name.endsWith('.md'))
  return names.sort().map((name) => `site/lessons/${name}`)
}

/** A program of a lesson, and for how many seconds it may run. */
export interface Cell {
  readonly code: string
  readonly limit: number
}

/** Seconds that a cell may run where it gives no limit of its own. */
const LIMIT = 10

export function cellsOf(markdown: string): Cell[] {
  return blocksOf(markdown, 'ts cell').map(({ info, code }) => ({ code, limit: limitOf(info.split(/\s+/)) }))
}

/** Whether a cell has a limit of its own, as those have that train networks. */
export function isSlow({ limit }: Cell): boolean {
  return limit > LIMIT
}

function limitOf(words: readonly string[]): number {
  const word = words.find((each) => each.startsWith('limit='))
  return word === undefined ? LIMIT : Number(word.slice('limit='.length))
}

export function lessons(links: Links): { built: Built[]; pages: Map<string, string> } {
  const files = lessonFiles()
  const built = files.map((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const rendered = render(text, file, links, blocksFor(text))
    const about = aboutOf(rendered.sections)
    return { page: pageOf(file), about, pictures: picturesOf(text), ...rendered }
  })
  const items = built.map(({ page, title }): NavItem => ({ page, title, number: numberOf(page) }))
  const pages = new Map<string, string>()
  built.forEach(({ page, title, html, sections, pictures, about: description }, i) => {
    const headings = sections.filter(({ level }) => level === 2)
    const scripts = ['assets/lesson.js', ...pictures.map((name) => `assets/picture-${name}.js`)]
    const body = `<p class="eyebrow">Lesson ${numberOf(page)}</p>\n${html}${turn(items, i)}`
    pages.set(
      page,
      layout({ page, title, kind: 'lesson', body, nav: { label: 'Lessons', items }, headings, scripts, description }),
    )
  })
  return { built, pages }
}

/** What a lesson does: its introduction has a sentence that begins with "This lesson". */
function aboutOf(sections: Rendered['sections']): string {
  const [, first, rest] = /\bThis lesson (\w)(.*?\.)(?=\s|$)/.exec(sections[0]!.body.trim())!
  return first!.toUpperCase() + rest
}

/** `lessons/08-soft-labels.html` is lesson 8. */
export function numberOf(page: string): number {
  return Number(/(\d+)-/.exec(page)![1])
}

export function picturesOf(markdown: string): string[] {
  return blocksOf(markdown, 'picture').map(({ info }) => info.split(/\s+/)[1]!)
}

function blocksFor(markdown: string): Blocks {
  let cells = 0
  const total = cellsOf(markdown).length
  return {
    cell: (code, words) => cellHtml(code, limitOf(words), ++cells, total),
    picture: (caption, [name]) =>
      `<figure class="picture"><div class="stage" data-picture="${name}"><p class="waiting">This picture needs JavaScript.</p></div><figcaption>${escaped(caption.trim())}</figcaption></figure>\n`,
    exercise: (_, [name]) => exerciseHtml(name!),
    equation: (text) => `<div class="equation">${text.trim().split('\n').map(equationLine).join('')}</div>\n`,
  }
}

// What follows after a gap, such as shapes, goes into a line of its own on a narrow screen.
function equationLine(line: string): string {
  const [, formula, note] = /^(.*?)(?: {4,}(.*))?$/.exec(line)!
  return `<div>${escaped(formula!)}${note === undefined ? '' : `<span class="shapes">${escaped(note)}</span>`}</div>`
}

function cellHtml(code: string, limit: number, number: number, total: number): string {
  return `<section class="cell" data-limit="${limit}" aria-label="Program ${number} of ${total}">
<div class="code">${highlighted(code, 'ts')}</div>
<div class="bar"><button type="button" class="run" disabled>Run</button><button type="button" class="stop" hidden>Stop</button><button type="button" class="reset" hidden>Reset</button><span class="state"></span></div>
<div class="printed" role="log" aria-label="Output of program ${number}" hidden></div>
</section>
`
}

function exerciseHtml(name: string): string {
  const exercise = exercises[name]
  if (exercise === undefined) throw new Error(`there is no exercise "${name}" in site/exercises`)
  return `<section class="cell exercise" data-exercise="${name}" data-limit="20" aria-label="Exercise: ${escaped(exercise.title)}">
<div class="code">${highlighted(exercise.stub, 'ts')}</div>
<div class="bar"><button type="button" class="run" disabled>Check</button><button type="button" class="stop" hidden>Stop</button><button type="button" class="reset" hidden>Reset</button><button type="button" class="reveal" hidden>Show a solution</button><span class="state"></span></div>
<div class="printed" role="log" aria-label="Result of the exercise" hidden></div>
</section>
`
}

// Links to the lessons before and after.
function turn(items: readonly NavItem[], i: number): string {
  const link = (item: NavItem | undefined, direction: string, text: string) =>
    item === undefined
      ? ''
      : `<a class="${direction}" href="${linkBetween(items[i]!.page, item.page)}"><span>${text}</span>${escaped(item.title)}</a>`
  return `<nav class="turn" aria-label="Other lessons">${link(items[i - 1], 'before', 'Before')}${link(items[i + 1], 'after', 'Next')}</nav>`
}
