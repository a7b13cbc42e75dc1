// The page: controls in, pictures out. All that computes is in the worker. Read next: worker.ts.

import code from 'worker:./worker.ts'
import { load } from '../client/load.ts'
import type { OpenProgram } from '../client/playground-program.ts'
import { type Config, defaults, fromHash, toHash } from './config.ts'
import { element } from './dom.ts'
import { colorMap, isWall, type MapName, paintMap, stateAt, stateOf } from './maps.ts'
import { paintCurve, paintScene } from './paint.ts'
import { programOf } from './program.ts'
import type { Frame, FromWorker, Maps, ToWorker } from './protocol.ts'
import { render } from './render.ts'
import { taskOf } from './tasks.ts'
import type { View } from './view.ts'
import { wire } from './wire.ts'

// A page opened from file:// may not start a worker by its URL, but by that of a Blob.
const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
const send = (message: ToWorker) => worker.postMessage(message)

let config = fromHash(location.hash)
const view: View = { isPlaying: true, stopWhenSolved: true, uploads: {}, failures: {} }

const canvas = (id: string) => element(id) as unknown as HTMLCanvasElement
const mapCanvases: Readonly<Record<MapName, HTMLCanvasElement>> = {
  teacher: canvas('map-teacher'),
  student: canvas('map-student'),
  difference: canvas('map-difference'),
}
const mapNames = Object.keys(mapCanvases) as MapName[]

let frame: Frame | undefined
let maps: Maps | undefined
/** Where the keyboard's cursor is on the plane, from 0 to 1 each; shown while the map has the focus. */
const cursor = { right: 0.5, up: 0.5, isShown: false }
const dirty = { frame: false, maps: true, curve: false, controls: true }

/** Changes the configuration, the URL and what follows from it. */
function update(changes: Partial<Config>, isReplaced = true): void {
  const isOther = changes.env !== undefined && changes.env !== config.env
  const { seed, speed } = config
  config = isOther ? { ...defaults(changes.env), seed, speed } : { ...config, ...changes }
  const touchesTeacher = ['teacher', 'teacherHidden', 'seed'].some((name) => name in changes)
  if (touchesTeacher && !taskOf(config.env).trained.includes(config.teacher)) config = { ...config, teacherSteps: 0 }
  if (isOther || 'teacher' in changes) {
    delete view.uploads.policy
    delete view.teacher
    delete view.probe
  }
  if (isOther) {
    delete view.uploads.csv
    delete view.labels
    delete view.student
    frame = undefined
  }
  if (config.divergence !== 'forward-kl' && config.target !== 'policy') config = { ...config, divergence: 'forward-kl' }
  view.failures = {}
  const url = `${location.pathname}${location.search}${toHash(config)}`
  if (isReplaced) history.replaceState(null, '', url)
  const teacher = view.uploads.policy === undefined ? config.teacher : 'upload'
  send({ type: 'configure', config: { ...config, teacher }, stopWhenSolved: view.stopWhenSolved })
  dirty.controls = true
  dirty.maps = true
}

const receive: { [T in FromWorker['type']]: (message: Extract<FromWorker, { type: T }>) => void } = {
  frame(message) {
    frame = message
    dirty.frame = true
  },
  teacher(message) {
    view.teacher = message
    delete view.failures.teacher
    dirty.curve = message.curve.length > 0
    dirty.controls = true
  },
  stopped({ steps }) {
    config = { ...config, teacherSteps: steps }
    history.replaceState(null, '', `${location.pathname}${location.search}${toHash(config)}`)
  },
  labels(message) {
    view.labels = message
    dirty.maps = true
    dirty.controls = true
  },
  student(message) {
    view.student = message
    if (message.status !== 'none') delete view.failures.student
    if (message.status === 'ready') document.documentElement.dataset.student = message.digest
    else delete document.documentElement.dataset.student
    dirty.controls = true
  },
  maps(message) {
    maps = message
    view.maps = message
    for (const name of mapNames) colorMap(name, message, config)
    dirty.maps = true
    dirty.controls = true
  },
  probe(message) {
    view.probe = message
    dirty.controls = true
  },
  read({ name, target }) {
    view.uploads.csv = name
    update({ target, clicks: [] })
  },
  uploaded({ name }) {
    view.uploads.policy = name
    update({ target: 'policy' })
  },
  failure({ where, message }) {
    view.failures[where] = message
    dirty.controls = true
  },
  files({ files }) {
    load<OpenProgram>('playground-program.js', 'siteOpenProgram').then((open) =>
      open(programOf(config, view.uploads), files),
    )
  },
  file({ name, content }) {
    const url = URL.createObjectURL(new Blob([content as BlobPart]))
    Object.assign(document.createElement('a'), { href: url, download: name }).click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  },
}

worker.onmessage = ({ data }: MessageEvent<FromWorker>) => receive[data.type](data as never)
worker.onerror = ({ message }) =>
  receive.failure({ type: 'failure', where: 'student', message: `The worker failed: ${message}` })

// Pictures, at most once per frame of the screen, and only what changed.

function paint(): void {
  requestAnimationFrame(paint)
  if (dirty.frame && frame) {
    for (const who of ['teacher', 'student'] as const) {
      const player = frame[who]
      if (player) paintScene(canvas(`${who}-play`), player.scene, player.ended)
      const moment = player
        ? `step ${player.step}, return ${rounded(player.episodeReturn)}${player.ended ? ' · end' : ''}`
        : '–'
      element(`${who}-moment`).textContent = moment
    }
    if (!document.documentElement.dataset.firstFrame) {
      document.documentElement.dataset.firstFrame = String(Math.round(performance.now()))
    }
  }
  if (dirty.maps) {
    const at = cursor.isShown ? stateOf(cursor.right, cursor.up, config) : undefined
    for (const name of mapNames) paintMap(mapCanvases[name], name, config, view.labels, at)
  }
  const { teacher } = view
  if (dirty.curve && teacher) {
    element('curve-figure').hidden = teacher.curve.length === 0
    paintCurve(canvas('curve'), teacher.curve, teacher.total, taskOf(config.env).threshold)
  }
  if (dirty.controls) render(config, view)
  Object.assign(dirty, { frame: false, maps: false, curve: false, controls: false })
}

const rounded = (value: number) => String(Number(value.toFixed(1))).replace('-', '−')

function repaint(): void {
  if (maps) for (const name of mapNames) colorMap(name, maps, config)
  Object.assign(dirty, { frame: true, maps: true, curve: true, controls: true })
}
addEventListener('resize', repaint)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint)

// The plane: pointing asks for a state, a click labels it.

function addState(state: readonly number[]): void {
  const isThere = config.clicks.some((each) => each.join() === state.join())
  if (isThere || isWall(config.env, state) || view.uploads.csv !== undefined) return
  update({ clicks: [...config.clicks, state] })
  send({ type: 'probe', state })
}

let isAsked = false
for (const name of mapNames) {
  const map = mapCanvases[name]
  map.addEventListener('pointermove', (event) => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      const state = stateAt(map, name, event, config)
      if (state && !isWall(config.env, state)) send({ type: 'probe', state })
    })
  })
  map.addEventListener('click', (event) => {
    const state = stateAt(map, name, event, config)
    if (state) addState(state)
  })
}

// Arrow keys belong to the map while it has the focus.
mapCanvases.teacher.tabIndex = 0
mapCanvases.teacher.setAttribute('role', 'application')

const STRIDE = 1 / 32
mapCanvases.teacher.addEventListener('keydown', (event) => {
  const isGrid = config.env === 'GridWorld-v0'
  const stride = isGrid ? 1 / 8 : STRIDE
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-stride, 0],
    ArrowRight: [stride, 0],
    ArrowUp: [0, isGrid ? -stride : stride],
    ArrowDown: [0, isGrid ? stride : -stride],
  }
  const move = moves[event.key]
  if (move) {
    cursor.right = Math.min(Math.max(cursor.right + move[0], 0.001), 0.999)
    cursor.up = Math.min(Math.max(cursor.up + move[1], 0.001), 0.999)
    send({ type: 'probe', state: stateOf(cursor.right, cursor.up, config) })
  } else if (event.key === 'Enter') addState(stateOf(cursor.right, cursor.up, config))
  else if (event.key === 'Backspace' && config.clicks.length > 0) update({ clicks: config.clicks.slice(0, -1) })
  else return
  event.preventDefault()
  dirty.maps = true
})
for (const type of ['focus', 'blur']) {
  mapCanvases.teacher.addEventListener(type, () => {
    cursor.isShown = type === 'focus' && mapCanvases.teacher.matches(':focus-visible')
    dirty.maps = true
  })
}

wire({
  get: () => config,
  view,
  update,
  send,
  changed: () => Object.assign(dirty, { controls: true }),
  program: () => programOf(config, view.uploads),
})
addEventListener('hashchange', () => {
  const next = fromHash(location.hash)
  if (toHash(next) === toHash(config)) return
  config = next
  update({}, false)
})
update({}, false)
requestAnimationFrame(paint)
