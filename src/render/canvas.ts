// A scene on a 2-D canvas, in a page or off screen. The calls mirror svg.ts shape for shape.

import { type Scene, type Shape, strokeWidthOf, toPoints } from './scene.ts'

/** The part of a 2-D context that is used; an `OffscreenCanvas` has it too. */
export type Canvas2d = Pick<
  CanvasRenderingContext2D,
  | 'save'
  | 'restore'
  | 'scale'
  | 'translate'
  | 'beginPath'
  | 'closePath'
  | 'moveTo'
  | 'lineTo'
  | 'arc'
  | 'roundRect'
  | 'fill'
  | 'stroke'
  | 'fillRect'
  | 'fillText'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'lineCap'
  | 'lineJoin'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
  | 'textBaseline'
>

/** Draws the scene into the upper left `width` by `height` pixels, in proportion and centred. */
export function drawOnCanvas(scene: Scene, context: Canvas2d, width = scene.width, height = scene.height): void {
  const scale = Math.min(width / scene.width, height / scene.height)
  context.save()
  context.fillStyle = scene.background
  context.fillRect(0, 0, width, height)
  context.translate((width - scale * scene.width) / 2, (height - scale * scene.height) / 2)
  context.scale(scale, scale)
  context.lineCap = 'round'
  context.lineJoin = 'round'
  for (const shape of scene.shapes) paint(shape, context)
  context.restore()
}

function paint(shape: Shape, context: Canvas2d): void {
  context.globalAlpha = shape.opacity ?? 1
  if (shape.fill !== undefined) context.fillStyle = shape.fill
  if (shape.kind === 'label') {
    context.font = `${shape.bold ? 'bold ' : ''}${shape.size}px system-ui, sans-serif`
    context.textAlign = shape.anchor === undefined || shape.anchor === 'middle' ? 'center' : shape.anchor
    context.textBaseline = 'middle'
    context.fillText(shape.text, shape.at[0], shape.at[1])
    return
  }
  context.beginPath()
  trace(shape, context)
  if (shape.fill !== undefined && shape.kind !== 'line') context.fill()
  if (shape.stroke === undefined) return
  context.strokeStyle = shape.stroke
  context.lineWidth = strokeWidthOf(shape)
  context.stroke()
}

function trace(shape: Exclude<Shape, { kind: 'label' }>, context: Canvas2d): void {
  if (shape.kind === 'circle') {
    context.arc(shape.center[0], shape.center[1], shape.radius, 0, 2 * Math.PI)
  } else if (shape.kind === 'rect') {
    context.roundRect(shape.x, shape.y, shape.width, shape.height, shape.radius ?? 0)
  } else {
    for (const [i, [x, y]] of toPoints(shape.points).entries()) {
      if (i === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
    if (shape.kind === 'polygon') context.closePath()
  }
}
