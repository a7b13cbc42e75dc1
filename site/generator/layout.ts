// The frame of every page: header, navigation, content, footer.

import { linkBetween, rootOf } from './places.ts'
import { escaped } from './text.ts'

/** One entry of the navigation beside a page. */
export interface NavItem {
  readonly title: string
  readonly page: string
  readonly number?: number
}

export interface Page {
  /** Its path on the site. */
  readonly page: string
  readonly title: string
  readonly description?: string
  /** HTML of the content. */
  readonly body: string
  /** Class of the content, for its own styles. */
  readonly kind: 'home' | 'lesson' | 'guide' | 'source' | 'playground'
  /** Pages of the same part, and the headings of this one. */
  readonly nav?: { readonly label: string; readonly items: readonly NavItem[] }
  readonly headings?: readonly { readonly text: string; readonly anchor: string }[]
  /** Scripts of the page, paths on the site. */
  readonly scripts?: readonly string[]
  /** HTML for the head. */
  readonly head?: string
}

const PARTS = [
  { title: 'Learn', page: 'index.html', kinds: ['home', 'lesson'] },
  { title: 'Playground', page: 'playground/index.html', kinds: ['playground'] },
  { title: 'Guides', page: 'guides/index.html', kinds: ['guide'] },
  { title: 'API', page: 'api/index.html', kinds: ['source'] },
] as const

// An alembic: a flask, its head and the arm that the distillate runs down.
const LOGO =
  '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path d="M10 12V8.5a4.5 4.5 0 0 1 8.7-1.6L29 17M10 12h6v2.6a8 8 0 1 1-6 0z" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/><path d="M6.6 22.5h12.8a6.6 6.6 0 0 1-12.8 0z" fill="currentColor"/><circle cx="29.5" cy="22" r="1.7" fill="currentColor"/></svg>'

export function layout(it: Page): string {
  const to = (page: string) => linkBetween(it.page, page)
  const parts = PARTS.map(({ title, page, kinds }) => {
    const current = (kinds as readonly string[]).includes(it.kind) ? ' aria-current="true"' : ''
    return `<a href="${to(page)}"${current}>${title}</a>`
  })
  const scripts = ['assets/site.js', ...(it.scripts ?? [])].map((path) => `<script defer src="${to(path)}"></script>`)
  return `<!doctype html>
<html lang="en" data-root="${rootOf(it.page)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(it.kind === 'home' ? it.title : `${it.title} · alambic`)}</title>
<meta name="description" content="${escaped(it.description ?? it.title)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${to('assets/icon.svg')}">
<link rel="stylesheet" href="${to('assets/style.css')}">
${it.head ?? ''}${scripts.join('\n')}
</head>
<body class="${it.kind}">
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="${to('index.html')}">${LOGO}<span>alambic</span></a>
<nav aria-label="Site">${parts.join('')}</nav>
<div class="search" role="search"><input type="search" id="search" placeholder="Search" aria-label="Search guides, lessons and the API" autocomplete="off" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list"><ul id="found" role="listbox" aria-label="Results" hidden></ul></div>
</header>
<div class="columns">
${it.nav === undefined ? '' : aside(it, it.nav)}<main id="content" tabindex="-1">
${it.body}
</main>
</div>
<footer class="bottom"><p>alambic: deep learning, reinforcement learning and distillation, from scratch in TypeScript. MIT licence.</p></footer>
</body>
</html>
`
}

// Shown beside the content, and as a closed menu above it on a narrow screen.
function aside(it: Page, nav: NonNullable<Page['nav']>): string {
  const items = nav.items.map(({ title, page, number }) => {
    const here = page === it.page
    const label = `${number === undefined ? '' : `<span class="number">${number}</span> `}<span>${escaped(title)}</span>`
    const inside = here && (it.headings?.length ?? 0) > 1 ? headingList(it.headings!) : ''
    return `<li><a href="${linkBetween(it.page, page)}"${here ? ' aria-current="page"' : ''}>${label}</a>${inside}</li>`
  })
  const list = `<ul>${items.join('')}</ul>`
  return `<nav class="side wide" aria-label="${nav.label}"><h2>${nav.label}</h2>${list}</nav>
<details class="side narrow"><summary>${nav.label}</summary><nav aria-label="${nav.label}, menu">${list}</nav></details>
`
}

function headingList(headings: NonNullable<Page['headings']>): string {
  return `<ul>${headings.map(({ text, anchor }) => `<li><a href="#${anchor}">${escaped(text)}</a></li>`).join('')}</ul>`
}

export const icon = `${LOGO.replace('class="logo" ', 'xmlns="http://www.w3.org/2000/svg" ').replaceAll('currentColor', '#b3541e')}`
