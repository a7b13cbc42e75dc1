// docs/*.md as guides, with their pictures.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layout, type NavItem } from './layout.ts'
import { type Rendered, render } from './markdown.ts'
import { type Links, linkBetween, pageOf, root } from './places.ts'
import { escaped } from './text.ts'

/** A page of the site. */
export interface Built extends Rendered {
  readonly page: string
  /** One sentence about it. */
  readonly about: string
}

// What each guide is about, in reading order. Guides that are not named here follow, with their first sentence.
const ABOUT: Readonly<Record<string, string>> = {
  tensors: 'How the tensor engine works: from a product to the bytes of its kernel, and how gradients flow.',
  environments: 'Every environment with its actions, observations, reward and a picture.',
  algorithms: 'What each algorithm reaches, and how fast, beside the published figures.',
  distillation: 'What a student can learn, which states to label, and how few labels are enough.',
  'your-own': 'Your own environment, network, optimizer, training loop, target, data and teacher.',
  benchmarks: 'How long the same work takes here and in other packages, and what the cost depends on.',
  gpu: 'Networks on a graphics card, and what a kernel is there.',
}
const ORDER = Object.keys(ABOUT)

/** The files of docs/, in reading order. */
export function guideFiles(): string[] {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const place = (name: string) => (ORDER.indexOf(name.slice(0, -3)) + ORDER.length + 1) % (ORDER.length + 1)
  return names.sort((a, b) => place(a) - place(b)).map((name) => `docs/${name}`)
}

/** HTML of all guides and of the page that lists them, by page. */
export function guides(links: Links): { built: Built[]; pages: Map<string, string> } {
  const built = guideFiles().map((file) => {
    const rendered = render(readFileSync(join(root, file), 'utf8'), file, links)
    const about = ABOUT[/([\w-]+)\.md$/.exec(file)![1]!] ?? firstSentence(rendered.sections)
    return { page: pageOf(file), about, ...rendered }
  })
  const nav = { label: 'Guides', items: built.map(({ page, title }): NavItem => ({ page, title })) }
  const pages = new Map<string, string>()
  for (const { page, title, html, sections, about } of built) {
    const headings = sections.filter(({ level }) => level === 2)
    pages.set(page, layout({ page, title, kind: 'guide', body: html, nav, headings, description: about }))
  }
  pages.set('guides/index.html', layout(overview(built)))
  return { built, pages }
}

function overview(built: readonly Built[]) {
  const page = 'guides/index.html'
  const cards = built.map(({ page: to, title, about }) => {
    return `<li><a class="card" href="${linkBetween(page, to)}"><strong>${escaped(title)}</strong><span>${escaped(about)}</span></a></li>`
  })
  const body = `<h1>Guides</h1>
<p class="lead">How each part of the library works, what it reaches, and where to open its source.</p>
<ul class="cards">${cards.join('')}</ul>`
  return { page, title: 'Guides', kind: 'guide' as const, body }
}

/** The first sentence of a page. */
function firstSentence(sections: Rendered['sections']): string {
  const text = sections.find(({ body }) => body.trim() !== '')?.body.trim() ?? ''
  return /^.*?[.](?=\s|$)/.exec(text)?.[0] ?? text
}
