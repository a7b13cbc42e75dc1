// Maps of a plane of states on canvases, with the labelled states as dots. All numbers come from the worker.

import { actionColors, between, css, isDark, mixed, type Rgb, ramps } from './colors.ts'
import type { Config } from './config.ts'
import { fitted } from './paint.ts'
import type { LabelsView, Maps } from './protocol.ts'
import { gridMap, taskOf } from './tasks.ts'

export type MapName = 'teacher' | 'student' | 'difference'

const buffers = new Map<MapName, HTMLCanvasElement>()

/** Colors of a map's cells as an image, to be scaled by `paintMap`. */
export function colorMap(name: MapName, maps: Maps, config: Config): void {
  const values = maps[name]
  if (values === undefined) {
    buffers.delete(name)
    return
  }
  const { side } = maps
  const buffer = buffers.get(name) ?? document.createElement('canvas')
  Object.assign(buffer, { width: side, height: side })
  const context = buffer.getContext('2d')!
  const image = context.createImageData(side, side)
  const color = colorOf(name, maps, values, config)
  const wall: Rgb = isDark() ? [12, 15, 18] : [120, 128, 136]
  for (let i = 0; i < side * side; i++) {
    const isWall = config.env === 'GridWorld-v0' && gridMap[Math.floor(i / side)]![i % side] === '#'
    const [r, g, b] = isWall ? wall : color(i)
    image.data.set([r, g, b, 255], 4 * i)
  }
  context.putImageData(image, 0, 0)
  buffers.set(name, buffer)
}

function colorOf(name: MapName, maps: Maps, values: Float32Array, { env }: Config): (cell: number) => Rgb {
  const { kind, width, range } = maps
  const along = (ramp: readonly Rgb[], part: (value: number) => number) => (i: number) =>
    between(ramp, part(values[i]!))
  if (name === 'difference') {
    if (kind === 'policy' && width > 1) return along(ramps.distance(), (x) => x)
    const most = kind === 'policy' ? 2 : Math.max(1e-9, (range[1] - range[0]) / 2)
    return along(ramps.difference(), (x) => 0.5 + x / most / 2)
  }
  if (kind === 'value') return along(ramps.value(), (x) => (x - range[0]) / (range[1] - range[0] || 1))
  if (width === 1) return along(ramps.force(), (x) => (x + 1) / 2)
  const colors = actionColors(taskOf(env).actions.length)
  return (i) => mixed(colors, values, i * width)
}

const AXIS = { left: 42, bottom: 30 }

/** The part of a canvas that shows the plane, in CSS pixels; small maps have no axes. */
function frameOf(canvas: HTMLCanvasElement, isMain: boolean) {
  const { clientWidth: width, clientHeight: height } = canvas
  const [left, bottom] = isMain ? [AXIS.left, AXIS.bottom] : [0, 0]
  return {
    x: left,
    y: isMain ? 6 : 0,
    width: width - left - (isMain ? 8 : 0),
    height: height - bottom - (isMain ? 6 : 0),
  }
}

/** The map, dots on it and, on the main one, axes and the cursor of the keyboard. */
export function paintMap(
  canvas: HTMLCanvasElement,
  name: MapName,
  config: Config,
  labels: LabelsView | undefined,
  cursor: readonly number[] | undefined,
): void {
  const isMain = name === 'teacher'
  const { context, width, height } = fitted(canvas)
  context.clearRect(0, 0, width, height)
  const frame = frameOf(canvas, isMain)
  const buffer = buffers.get(name)
  const style = getComputedStyle(canvas)
  const ink = (variable: string) => style.getPropertyValue(variable)
  if (buffer) {
    context.imageSmoothingEnabled = config.env !== 'GridWorld-v0'
    context.imageSmoothingQuality = 'high'
    context.drawImage(buffer, frame.x, frame.y, frame.width, frame.height)
  } else {
    context.fillStyle = ink('--quiet')
    context.textAlign = 'center'
    context.font = `12px ${style.fontFamily}`
    context.fillText('–', frame.x + frame.width / 2, frame.y + frame.height / 2)
  }
  if (isMain) axes(context, frame, config, ink('--quiet'), style.fontFamily)
  if (labels && name !== 'difference') dots(context, frame, config, labels, isMain ? 4 : 2.2)
  if (cursor === undefined || !isMain) return
  const [x, y] = pixelOf(cursor, frame, config)
  context.strokeStyle = ink('--card')
  context.lineWidth = 4
  cross(context, x, y)
  context.strokeStyle = ink('--ink')
  context.lineWidth = 1.5
  cross(context, x, y)
}

function cross(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath()
  context.arc(x, y, 8, 0, 2 * Math.PI)
  context.moveTo(x - 13, y)
  context.lineTo(x + 13, y)
  context.moveTo(x, y - 13)
  context.lineTo(x, y + 13)
  context.stroke()
}

type Frame = ReturnType<typeof frameOf>

function axes(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { axes: shown, env }: Config,
  color: string,
  font: string,
): void {
  const [h, v] = shown.map((axis) => taskOf(env).dimensions[axis]!) as [Dimension, Dimension]
  context.fillStyle = color
  context.font = `11px ${font}`
  const isGrid = env === 'GridWorld-v0'
  const bottom = frame.y + frame.height
  context.textBaseline = 'top'
  for (const [value, align, x] of [
    [h.low, 'left', frame.x],
    [h.high, 'right', frame.x + frame.width],
  ] as const) {
    context.textAlign = align
    if (!isGrid) context.fillText(short(value), x, bottom + 5)
  }
  context.textAlign = 'center'
  context.fillText(named(h), frame.x + frame.width / 2, bottom + 5)
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  if (!isGrid)
    for (const [value, y] of [
      [v.high, frame.y + 6],
      [v.low, bottom - 6],
    ] as const)
      context.fillText(short(value), frame.x - 5, y)
  context.save()
  context.translate(frame.x - 14, frame.y + frame.height / 2)
  context.rotate(-Math.PI / 2)
  context.textAlign = 'center'
  context.fillText(named(v), 0, 0)
  context.restore()
}

type Dimension = ReturnType<typeof taskOf>['dimensions'][number]

const named = ({ name, unit }: Dimension) => (unit ? `${name} (${unit})` : name)
const short = (value: number) =>
  Math.abs(value) > 3.1 && Math.abs(value) < 3.2 ? (value < 0 ? '−π' : 'π') : String(value).replace('-', '−')

function pixelOf(state: ArrayLike<number>, frame: Frame, { axes: shown, env }: Config): [number, number] {
  const part = (axis: number) => {
    const { low, high } = taskOf(env).dimensions[axis]!
    return (state[axis]! - low) / (high - low)
  }
  const up = env === 'GridWorld-v0' ? part(shown[1]) : 1 - part(shown[1])
  return [frame.x + part(shown[0]) * frame.width, frame.y + up * frame.height]
}

/** Dots fade with their distance from the slice; states added by hand are larger. */
function dots(
  context: CanvasRenderingContext2D,
  frame: Frame,
  config: Config,
  labels: LabelsView,
  radius: number,
): void {
  const { dimensions, actions, continuous } = taskOf(config.env)
  const width = dimensions.length
  const count = labels.states.length / width
  const colors = actionColors(actions.length)
  const forces = ramps.force()
  context.save()
  context.beginPath()
  context.rect(frame.x, frame.y, frame.width, frame.height)
  context.clip()
  for (let i = 0; i < count; i++) {
    const state = labels.states.subarray(i * width, (i + 1) * width)
    const away = dimensions.reduce((sum, { low, high }, axis) => {
      return config.axes.includes(axis) ? sum : sum + Math.abs(state[axis]! - config.held[axis]!) / (high - low)
    }, 0)
    const [x, y] = pixelOf(state, frame, config)
    const isAdded = i >= count - labels.added
    const action = labels.actions[i]!
    context.globalAlpha = isAdded ? 1 : Math.max(0.28, 1 - 1.6 * away)
    context.beginPath()
    context.arc(x, y, isAdded ? 1.45 * radius : radius, 0, 2 * Math.PI)
    context.fillStyle = css(continuous ? between(forces, (action + 1) / 2) : colors[action]!)
    context.fill()
    context.lineWidth = isAdded ? 2.2 : 1.4
    context.strokeStyle = isAdded ? '#111820' : '#ffffff'
    context.stroke()
  }
  context.restore()
}

/** The full state under a point of a canvas, rounded as the URL has it; undefined beside the plane. */
export function stateAt(
  canvas: HTMLCanvasElement,
  name: MapName,
  event: MouseEvent,
  config: Config,
): number[] | undefined {
  const box = canvas.getBoundingClientRect()
  const frame = frameOf(canvas, name === 'teacher')
  const [right, down] = [
    (event.clientX - box.left - frame.x) / frame.width,
    (event.clientY - box.top - frame.y) / frame.height,
  ]
  if (right < 0 || right > 1 || down < 0 || down > 1) return undefined
  return stateOf(right, config.env === 'GridWorld-v0' ? down : 1 - down, config)
}

/** A state of the slice by its place on the plane, from 0 to 1 each. Grid cells are named by their centers. */
export function stateOf(right: number, up: number, { env, axes: shown, held }: Config): number[] {
  const { dimensions } = taskOf(env)
  const state = [...held]
  for (const [axis, part] of [
    [shown[0], right],
    [shown[1], up],
  ] as const) {
    const { low, high } = dimensions[axis]!
    state[axis] = low + Math.min(Math.max(part, 0), 0.9999) * (high - low)
  }
  if (env === 'GridWorld-v0') return state.map((x) => Math.floor(x) + 0.5)
  return state.map((x, axis) => Number(x.toFixed(dimensions[axis]!.digits + 1)))
}

export const isWall = (env: string, [column, row]: readonly number[]): boolean =>
  env === 'GridWorld-v0' && gridMap[Math.floor(row!)]![Math.floor(column!)] !== '.'
