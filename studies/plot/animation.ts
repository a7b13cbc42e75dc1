// Episodes played side by side, with a button and a slider. The frames of one environment differ in a few numbers only, so a lane
// stores its drawing once and, for each frame, the numbers that change: a tenth of the size.

import { escapeHtml } from 'alambic/plot'

export interface Lane {
  readonly title: string
  /** One SVG per frame. */
  readonly frames: readonly string[]
  /** Under the picture once the lane has ended: `fell after 38 steps`. */
  readonly ending: string
}

/** A lane's drawings, split where numbers change, and for each frame `<drawing> <number> <number> …`. */
export interface PackedFrames {
  readonly drawings: string[][]
  readonly frames: string[]
}

const NUMBER = /-?\d+(?:\.\d+)?/g

/** Separates the constant parts of the frames from the numbers that change. */
export function packFrames(frames: readonly string[]): PackedFrames {
  const packed: PackedFrames = { drawings: [], frames: new Array<string>(frames.length) }
  for (const [skeleton, members] of bySkeleton(frames)) {
    const numbers = members.map((index) => frames[index]!.match(NUMBER) ?? [])
    const changes = numbers[0]!.map((first, column) => numbers.some((row) => row[column] !== first))
    const kind = packed.drawings.push(drawingOf(skeleton, numbers[0]!, changes)) - 1
    members.forEach((index, member) => {
      packed.frames[index] = [kind, ...numbers[member]!.filter((_, column) => changes[column])].join(' ')
    })
  }
  return packed
}

const HOLE = '\0' // no SVG may hold it

/** Groups frames that differ in their numbers only. */
function bySkeleton(frames: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>()
  frames.forEach((frame, index) => {
    const skeleton = frame.replace(NUMBER, HOLE)
    const group = groups.get(skeleton)
    if (group === undefined) groups.set(skeleton, [index])
    else group.push(index)
  })
  return groups
}

/** The skeleton in pieces, cut where numbers change; the other numbers are put back. */
function drawingOf(skeleton: string, numbers: readonly string[], changes: readonly boolean[]): string[] {
  const [first, ...rest] = skeleton.split(HOLE)
  const pieces = [first!]
  rest.forEach((text, column) => {
    if (changes[column]) pieces.push(text)
    else pieces[pieces.length - 1] += numbers[column]! + text
  })
  return pieces
}

/** Rebuilds one frame. */
export function unpackFrame({ drawings, frames }: PackedFrames, index: number): string {
  const [kind, ...numbers] = frames[index]!.split(' ')
  return drawings[Number(kind)]!.reduce((text, piece, hole) => text + numbers[hole - 1] + piece)
}

/** The lanes as HTML with an inline script. Without scripts the first frames are shown. */
export function animation(lanes: readonly Lane[], framesPerSecond = 25): string {
  const data = lanes.map(({ frames, ending }) => ({ ...packFrames(frames), ending }))
  const pictures = lanes.map(
    ({ title, frames, ending }) =>
      `<div class="lane"><div>${frames[0] ?? ''}</div><h3>${escapeHtml(title)}</h3><p>${escapeHtml(ending)}</p></div>`,
  )
  const last = Math.max(1, ...lanes.map(({ frames }) => frames.length)) - 1
  return `<div class="player"><div class="lanes">${pictures.join('')}</div>
<div class="controls" hidden><button type="button">pause</button><input type="range" min="0" max="${last}" value="0" aria-label="step"><output></output></div>
<script type="application/json">${JSON.stringify({ lanes: data, framesPerSecond }).replaceAll('<', '\\u003c')}</script>
<script>${player}</script></div>`
}

// The script of the page: the same unpacking, a clock, a button and a slider.
const player = `{
  const root = document.currentScript.parentElement
  const { lanes, framesPerSecond } = JSON.parse(root.querySelector('script[type="application/json"]').textContent)
  const [button] = root.getElementsByTagName('button'), [slider] = root.getElementsByTagName('input')
  const [output] = root.getElementsByTagName('output'), last = Number(slider.max)
  const unpack = ({ drawings, frames }, index) => {
    const [kind, ...numbers] = frames[index].split(' ')
    return drawings[Number(kind)].reduce((text, piece, hole) => text + numbers[hole - 1] + piece)
  }
  const show = (index) => {
    slider.value = index
    output.textContent = 'frame ' + index + ' of ' + last
    root.querySelectorAll('.lane').forEach((element, which) => {
      const lane = lanes[which], end = lane.frames.length - 1
      element.firstElementChild.innerHTML = unpack(lane, Math.min(index, end))
      element.style.opacity = index > end && end < last ? 0.45 : 1
      element.lastElementChild.textContent = index >= end ? lane.ending : '\\u00a0'
    })
  }
  let playing = !matchMedia('(prefers-reduced-motion: reduce)').matches, at = 0, before
  const play = (yes) => { playing = yes; before = undefined; button.textContent = yes ? 'pause' : 'play' }
  const tick = (now) => {
    if (playing) {
      at += before === undefined ? 0 : (now - before) / 1000 * framesPerSecond
      before = now
      if (at > last + framesPerSecond) at = 0
      const index = Math.min(last, Math.floor(at))
      if (index !== Number(slider.value)) show(index)
    }
    requestAnimationFrame(tick)
  }
  button.onclick = () => play(!playing)
  slider.oninput = () => { play(false); at = Number(slider.value); show(at) }
  root.querySelector('.controls').hidden = false
  play(playing); show(0); requestAnimationFrame(tick)
}`
