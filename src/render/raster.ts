// A scene as pixels, equal on every machine, for animated files and for the dots of a terminal.
// Read next: coverage.ts for one shape.

import { Mask } from './coverage.ts'
import { labelStrokes } from './font.ts'
import {
  type Circle,
  type Color,
  type Point,
  type Rect,
  type Scene,
  type Shape,
  strokeWidthOf,
  toPoints,
} from './scene.ts'

/** Rows from the top, four bytes a pixel: red, green, blue, and 255. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray<ArrayBuffer> // [height, width, 4]
}

/** The scene fitted into `width` by `height` pixels, in proportion and centred. */
export function toPixels(scene: Scene, width: number, height: number): Pixels {
  const pixels: Pixels = { width, height, data: new Uint8ClampedArray(4 * width * height) }
  for (const [k, byte] of [...toRgb(scene.background), 255].entries()) {
    for (let i = k; i < pixels.data.length; i += 4) pixels.data[i] = byte
  }
  const mask = new Mask(width, height)
  const view = viewOf(scene, width, height)
  for (const shape of scene.shapes) {
    if (coverFill(mask, shape, view)) blend(pixels, mask, shape.fill!, shape.opacity ?? 1)
    if (coverStroke(mask, shape, view)) blend(pixels, mask, shape.stroke!, shape.opacity ?? 1)
  }
  return pixels
}

/** From the scene's coordinates to pixels. */
export interface View {
  readonly scale: number
  readonly left: number
  readonly top: number
}

export function viewOf(scene: Scene, width: number, height: number): View {
  const scale = Math.min(width / scene.width, height / scene.height)
  return { scale, left: (width - scale * scene.width) / 2, top: (height - scale * scene.height) / 2 }
}

export function toView([x, y]: Point, { scale, left, top }: View): Point {
  return [left + scale * x, top + scale * y]
}

/** Clears the mask and covers it with the shape's inside. False if it has none. */
export function coverFill(mask: Mask, shape: Shape, view: View): boolean {
  mask.clear()
  if (shape.fill === undefined || shape.kind === 'line') return false
  if (shape.kind === 'polygon') {
    mask.addPolygon(toPoints(shape.points).map((point) => toView(point, view)))
  } else if (shape.kind === 'label') {
    const { lines, width } = labelStrokes(shape)
    for (const line of lines) addPolyline(mask, line, view.scale * width, view)
  } else {
    addRound(mask, shape, 0, view)
  }
  return true
}

/** Clears the mask and covers it with the shape's outline, at least `thinnest` pixels wide. False if it has none. */
export function coverStroke(mask: Mask, shape: Shape, view: View, thinnest = 0): boolean {
  mask.clear()
  if (shape.stroke === undefined || shape.kind === 'label') return false
  const width = Math.max(thinnest, view.scale * strokeWidthOf(shape))
  if (shape.kind === 'line' || shape.kind === 'polygon') {
    const points = toPoints(shape.points)
    addPolyline(mask, shape.kind === 'polygon' ? [...points, ...points.slice(0, 1)] : points, width, view)
  } else {
    addRound(mask, shape, width, view)
  }
  return true
}

function addRound(mask: Mask, shape: Circle | Rect, stroke: number, view: View): void {
  const { scale } = view
  if (shape.kind === 'circle') {
    mask.addCircle(...toView(shape.center, view), scale * shape.radius, stroke)
  } else {
    const [x, y] = toView([shape.x, shape.y], view)
    mask.addRect(x, y, scale * shape.width, scale * shape.height, scale * (shape.radius ?? 0), stroke)
  }
}

export function toRgb(color: Color): readonly [red: number, green: number, blue: number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function addPolyline(mask: Mask, points: readonly Point[], width: number, view: View): void {
  for (let i = 1; i < points.length; i++) {
    mask.addSegment(toView(points[i - 1]!, view), toView(points[i]!, view), width)
  }
}

function blend({ width, data }: Pixels, mask: Mask, color: Color, opacity: number): void {
  const [red, green, blue] = toRgb(color)
  for (let y = mask.top; y < mask.bottom; y++) {
    for (let x = mask.left; x < mask.right; x++) {
      const covered = opacity * mask.values[y * width + x]!
      if (covered === 0) continue
      const at = 4 * (y * width + x)
      data[at] = data[at]! + covered * (red - data[at]!)
      data[at + 1] = data[at + 1]! + covered * (green - data[at + 1]!)
      data[at + 2] = data[at + 2]! + covered * (blue - data[at + 2]!)
    }
  }
}
