// Lesson 4: CartPole, played by the reader or by simple policies.

import { Rng } from 'alambic/tensor'
import { button, html, mountPicture } from './lib/elements.ts'
import { poleStage } from './lib/pole.ts'

mountPicture('balance', (stage) => {
  const rng = new Rng(1)
  let pushed = 1
  const keys: Readonly<Record<string, number>> = { ArrowLeft: 0, ArrowRight: 1 }
  const push = (action: number) => () => {
    pushed = action
  }
  stage.addEventListener('keydown', (event) => {
    const action = keys[event.key]
    if (action === undefined) return
    event.preventDefault()
    pushed = action
  })
  const own = html('span', { class: 'pair' }, button('← push', push(0)), button('push →', push(1)))
  const players = [
    { name: 'You', act: () => pushed },
    { name: 'Random', act: () => rng.integer(2) },
    { name: 'Lean', act: ([, , angle]: Float32Array) => (angle! > 0 ? 1 : 0) },
    { name: 'Lean and speed', act: ([, , angle, speed]: Float32Array) => (angle! + 0.3 * speed! > 0 ? 1 : 0) },
  ]
  poleStage(stage, players, { slowness: 50, extra: [own] })
})
