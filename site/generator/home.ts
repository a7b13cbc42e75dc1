// The first page.

import { drawEnv, toSvg } from '../../src/render/index.ts'
import { make } from '../../src/rl/index.ts'
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
<p class="start"><a class="button" href="${lessons[0]!.page}">Start with lesson 1</a> <a href="playground/index.html">Playground</a> <a href="guides/index.html">Guides</a> <a href="api/index.html">API</a></p>
</section>
<a class="card play" href="playground/index.html"><span aria-hidden="true">${cart()}</span><span><strong>Playground</strong>Here a teacher labels a few dozen states, and a student of 58 parameters learns from the labels to balance the pole as long as the teacher does. Add labels by a click, change the student, and export it.</span></a>
<h2 id="lessons">Lessons</h2>
<p>Each takes about ten minutes: a picture to play with, an explanation, programs to change, an exercise that is checked on the page.</p>
<ol class="cards">${steps.join('')}</ol>
<h2 id="guides">Guides</h2>
<p>The documentation of alambic, for those who use it or read its source.</p>
<ul class="cards">${cards.join('')}</ul>`
  const title = 'alambic: learn deep reinforcement learning by running it'
  return layout({ page: 'index.html', title, kind: 'home', body, description: title })
}

/** CartPole in motion, as an SVG. */
function cart(): string {
  const env = make('CartPole-v1')
  env.reset({ seed: 7 })
  for (const action of [1, 1, 0]) env.step(action)
  return toSvg(drawEnv(env), { width: 240 })
}
