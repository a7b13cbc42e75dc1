// Scenes of the library and the learning curve on a canvas.

import type { Scene } from 'alambic/render'
import { drawn } from './colors.ts'

type Shape = Scene['shapes'][number]

/** Sizes a canvas to its box and the screen's pixels; returns its context and its box in CSS pixels. */
export function fitted(canvas: HTMLCanvasElement): {
  context: CanvasRenderingContext2D
  width: number
  height: number
} {
  const { clientWidth: width, clientHeight: height } = canvas
  const ratio = Math.min(devicePixelRatio, 3)
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))]
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h })
  const context = canvas.getContext('2d')!
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return { context, width, height }
}

/** A scene, as large as the canvas allows, on paper of its color. `dimmed`: its episode has ended and waits. */
export function paintScene(canvas: HTMLCanvasElement, scene: Scene, dimmed: boolean): void {
  const { context, width, height } = fitted(canvas)
  const scale = Math.min(width / scene.width, height / scene.height)
  context.fillStyle = drawn(scene.background)
  context.fillRect(0, 0, width, height)
  context.translate((width - scale * scene.width) / 2, (height - scale * scene.height) / 2)
  context.scale(scale, scale)
  for (const shape of scene.shapes) paintShape(context, shape, dimmed ? 0.45 : 1)
  context.globalAlpha = 1
}

function paintShape(context: CanvasRenderingContext2D, shape: Shape, opacity: number): void {
  context.globalAlpha = (shape.opacity ?? 1) * opacity
  context.beginPath()
  if (shape.kind === 'label') {
    context.font = `${shape.bold ? 'bold ' : ''}${shape.size}px system-ui, sans-serif`
    const { anchor = 'middle' } = shape
    context.textAlign = anchor === 'middle' ? 'center' : anchor
    context.textBaseline = 'middle'
    context.fillStyle = drawn(shape.fill ?? '#243b53')
    context.fillText(shape.text, shape.at[0], shape.at[1])
    return
  }
  if (shape.kind === 'rect') context.roundRect(shape.x, shape.y, shape.width, shape.height, shape.radius ?? 0)
  else if (shape.kind === 'circle') context.arc(shape.center[0], shape.center[1], shape.radius, 0, 2 * Math.PI)
  else {
    const { points } = shape
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i]!, points[i + 1]!)
    if (shape.kind === 'polygon') context.closePath()
  }
  if (shape.fill !== undefined && shape.kind !== 'line') {
    context.fillStyle = drawn(shape.fill)
    context.fill()
  }
  if (shape.stroke === undefined) return
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.lineWidth = shape.strokeWidth ?? 2
  context.strokeStyle = drawn(shape.stroke)
  context.stroke()
}

const WINDOW = 20

/** Returns of episodes against environment steps, with a running mean and the threshold. `curve` has pairs. */
export function paintCurve(canvas: HTMLCanvasElement, curve: Float32Array, total: number, threshold: number): void {
  const { context, width, height } = fitted(canvas)
  const style = getComputedStyle(canvas)
  const color = (name: string) => style.getPropertyValue(name)
  context.clearRect(0, 0, width, height)
  const count = curve.length / 2
  if (count === 0) return
  const [left, bottom, top] = [34, height - 16, 8]
  let [low, high] = [threshold, threshold]
  for (let i = 0; i < count; i++) [low, high] = [Math.min(low, curve[2 * i + 1]!), Math.max(high, curve[2 * i + 1]!)]
  const last = Math.max(total, curve[2 * count - 2]!)
  const x = (step: number) => left + (step / last) * (width - left - 4)
  const y = (value: number) => bottom - ((value - low) / (high - low || 1)) * (bottom - top)
  context.font = `11px ${style.fontFamily}`
  context.fillStyle = color('--quiet')
  context.textAlign = 'right'
  for (const value of [low, high]) context.fillText(String(Math.round(value)).replace('-', '−'), left - 5, y(value) + 4)
  context.fillText(`${Math.round(last / 1000)}k steps`, width - 4, height - 3)
  context.strokeStyle = color('--quiet')
  context.setLineDash([4, 4])
  line([
    [left, y(threshold)],
    [width - 4, y(threshold)],
  ])
  context.setLineDash([])
  context.fillStyle = color('--teacher')
  context.globalAlpha = 0.28
  const every = Math.max(1, Math.floor(count / 1500))
  for (let i = 0; i < count; i += every) context.fillRect(x(curve[2 * i]!) - 1, y(curve[2 * i + 1]!) - 1, 2, 2)
  context.globalAlpha = 1
  context.strokeStyle = color('--teacher')
  context.lineWidth = 2
  let sum = 0
  line(
    Array.from({ length: count }, (_, i) => {
      sum += curve[2 * i + 1]! - (i >= WINDOW ? curve[2 * (i - WINDOW) + 1]! : 0)
      return [x(curve[2 * i]!), y(sum / Math.min(i + 1, WINDOW))]
    }),
  )

  function line(points: readonly (readonly number[])[]): void {
    context.beginPath()
    for (const [px, py] of points) context.lineTo(px!, py!)
    context.stroke()
  }
}
