// Lesson 10: two exported students balance the pole, and can be shoved.

import { button, html, mountPicture, slider } from './lib/elements.ts'
import { fixed } from './lib/numbers.ts'
import { poleStage } from './lib/pole.ts'
import { act as actBy10 } from './lib/student-10.js'
import { act as actBy114 } from './lib/student-114.js'

mountPicture('shove', (stage) => {
  const strength = slider(
    'Shove, rad/s',
    { min: 0.1, max: 1.5, step: 0.1, value: 0.6 },
    (s) => fixed(s, 1),
    () => {},
  )
  const shove = (direction: number) => () => {
    pole.change(([position, velocity, angle, turning]) => {
      return [position!, velocity!, angle!, turning! + direction * strength.value]
    })
  }
  const [left, right] = [shove(-1), shove(1)]
  const buttons = html('span', { class: 'pair' }, button('← shove', left), button('shove →', right))
  const players = [
    { name: 'Student of 114 numbers', act: actBy114 },
    { name: 'Student of 10 numbers', act: actBy10 },
  ]
  const pole = poleStage(stage, players, { limit: Infinity, extra: [buttons, strength.element] })
  const drawing = stage.querySelector<HTMLElement>('.drawing')!
  drawing.style.cursor = 'pointer'
  // A click beside the pole shoves it away from there.
  drawing.addEventListener('click', (event) => {
    const { left: edge, width } = drawing.getBoundingClientRect()
    if (event.clientX < edge + width / 2) right()
    else left()
  })
  stage.addEventListener('keydown', (event) => {
    if ((event.target as HTMLElement).matches('input')) return
    if (event.key === 'ArrowLeft') left()
    else if (event.key === 'ArrowRight') right()
    else return
    event.preventDefault()
  })
})
