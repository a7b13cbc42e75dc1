// CartPole on a page: one of several players acts, the state is drawn after each step.

import { drawEnv, toSvg } from 'alambic/render'
import { CartPole } from 'alambic/rl'
import { drawn } from '../../playground/colors.ts'
import { button, html } from './elements.ts'

export interface Player {
  readonly name: string
  /** 0 pushes to the left, 1 to the right. Gets position, velocity, angle and angular velocity. */
  act(observation: Float32Array): number
}

export interface PoleStage {
  /** Replaces the state of the episode: position, velocity, angle, angular velocity. Does nothing after its end. */
  change(state: (old: readonly number[]) => readonly number[]): void
}

/**
 * `slowness`: milliseconds per step of a fiftieth of a second. `limit`: steps of an episode. `extra` controls are put beside the
 * players' buttons.
 */
export function poleStage(
  stage: HTMLElement,
  players: readonly Player[],
  { slowness = 25, limit = 500, extra = [] as HTMLElement[] } = {},
): PoleStage {
  const env = new CartPole()
  const picture = html('div', { class: 'drawing', role: 'img', 'aria-label': 'A cart with a pole on a track' })
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const buttons = players.map((player) => button(player.name, () => start(player)))
  const pause = button('Pause', () => {
    if (timer === undefined) resume()
    else stop()
  })
  pause.disabled = true
  let player: Player | undefined
  let episode = 0
  let steps = 0
  let over = true
  let { observation } = env.reset({ seed: episode })
  let timer: ReturnType<typeof setInterval> | undefined

  function start(next: Player): void {
    stop()
    player = next
    steps = 0
    over = false
    episode++
    observation = env.reset({ seed: episode }).observation
    buttons.forEach((each, i) => {
      each.setAttribute('aria-pressed', String(players[i] === next))
    })
    pause.disabled = false
    resume()
  }

  function resume(): void {
    pause.textContent = 'Pause'
    timer = setInterval(step, slowness)
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    pause.textContent = 'Go on'
  }

  function step(): void {
    const next = env.step(player!.act(observation))
    observation = next.observation
    steps++
    over = next.terminated || steps === limit
    if (over) {
      stop()
      pause.disabled = true
      pause.textContent = 'Pause'
    }
    show(next.terminated ? `The episode ended after ${steps} steps: a return of ${steps}.` : undefined)
  }

  function show(end?: string): void {
    picture.innerHTML = toSvg(drawEnv(env)).replace(/#[0-9a-f]{6}/g, drawn)
    if (end !== undefined) words.textContent = end
    else if (steps === limit) words.textContent = `${limit} steps: the time limit, and the best return there is.`
    else words.textContent = player === undefined ? 'Choose who plays.' : `${player.name}: ${steps} steps`
  }

  stage.append(
    picture,
    words,
    html('div', { class: 'controls' }, html('span', { class: 'pair' }, ...buttons), ...extra, pause),
  )
  show()
  return {
    change(state) {
      if (over) return
      env.state = state(env.state)
      observation = Float32Array.from(env.state)
      show()
    },
  }
}
