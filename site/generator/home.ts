// The first page.

import type { Built } from './guides.ts'
import { layout } from './layout.ts'
import { numberOf } from './lessons.ts'
import { escaped } from './text.ts'

export function home(lessons: readonly Built[], guides: readonly Built[]): string {
  const steps = lessons.map(({ page, title, about }) => {
    const number = numberOf(page)
    return `<li><a class="card" href="${page}"><span class="number">${number}</span><strong>${escaped(title)}</strong><span>${escaped(about)}</span></a></li>`
  })
  const cards = guides.map(({ page, title, about }) => {
    return `<li><a class="card" href="${page}"><strong>${escaped(title)}</strong><span>${escaped(about)}</span></a></li>`
  })
  const body = `<section class="hero">
<h1>Learn deep reinforcement learning by running it</h1>
<p class="lead">Ten short lessons, from the slope of a curve to a network of a hundred parameters that balances a pole. Every program on these pages runs in your browser, and you can change it.</p>
<p class="start"><a class="button" href="${lessons[0]!.page}">Start with lesson 1</a> <a href="guides/index.html">Guides</a> <a href="api/index.html">API</a></p>
</section>
<h2 id="lessons">Lessons</h2>
<p>Each takes about ten minutes: a picture to play with, an explanation, programs to change, an exercise that is checked on the page.</p>
<ol class="cards">${steps.join('')}</ol>
<h2 id="guides">Guides</h2>
<p>The documentation of alambic, for those who use it or read its source.</p>
<ul class="cards">${cards.join('')}</ul>`
  const title = 'alambic: learn deep reinforcement learning by running it'
  return layout({ page: 'index.html', title, kind: 'home', body, description: title })
}
