// A scene as pixels, equal on every machine, for animated files and for the dots of a terminal.
// Read next: coverage.ts for one shape.

import { Mask } from './coverage.ts'
import {
  type Circle,
  type Color,
  type Label,
  type Point,
  type Rect,
  type Scene,
  type Shape,
  strokeWidthOf,
  toPoints,
} from './scene.ts'

// Polylines parted by spaces, each point two digits: 0 … 4 across, 0 (top) … 6 (base line) down. One point twice is a dot.
const glyphs: Readonly<Record<string, string>> = {
  ...{ A: '062046 1434', B: '0006 003041423303 3344453606', C: '4130100105163645', D: '00204244260600' },
  ...{ E: '40000646 0333', F: '400006 0333', G: '41301001051636454323', H: '0006 4046 0343', I: '2026 1030 1636' },
  ...{ J: '4045361605', K: '0006 400346', L: '000646', M: '0600234046', N: '06004640', O: '103041453616050110' },
  ...{ P: '06003041423303', Q: '103041453616050110 3446', R: '06003041423303 2346', S: '413010010213334445361605' },
  ...{ T: '0040 2026', U: '000516364540', V: '002640', W: '0016233640', X: '0046 4006', Y: '002340 2326' },
  ...{ Z: '00400646', 0: '103041453616050110', 1: '112026 1636' },
  ...{ 2: '01103041420646', 3: '01103041423313 334445361605' },
  ...{ 4: '36300444', 5: '400003334445361605', 6: '413010010516364544331304', 7: '004016' },
  ...{ 8: '103041423313020110 1304051636454433', 9: '423313020110304145361605' },
  ...{ '.': '2626', ',': '2617', ':': '2222 2525', '-': '0343', '−': '0343', '+': '0343 2125', '=': '0242 0444' },
  ...{ '/': '0640', '%': '0640 1111 3535', '(': '30111536', ')': '10313516', '!': '2024 2626', _: '0646' },
  ...{ '?': '01103041422324 2626', "'": '2021', '°': '1021120110', '×': '1234 3214', '<': '410345', '>': '014305' },
  ...{ '→': '0343 214325', '←': '4303 210325', '↑': '2620 022042', '↓': '2026 042644' },
}
const UNKNOWN = '0040460600'
const ADVANCE = 5.6 // from one glyph to the next, in the grid's units
const UNIT = 0.12 // of the font size

/** The strokes of a label at its position, as lines of one width. Unknown letters are boxes. */
export function labelStrokes({ text, at: [x, y], size, anchor = 'middle', bold }: Label) {
  const unit = size * UNIT
  const letters = [...text.toUpperCase()]
  const length = (letters.length * ADVANCE - (ADVANCE - 4)) * unit
  const left = anchor === 'start' ? x : anchor === 'end' ? x - length : x - length / 2
  const lines = letters.flatMap((letter, i) => {
    const polylines = (letter === ' ' ? '' : (glyphs[letter] ?? UNKNOWN)).split(' ').filter((line) => line !== '')
    return polylines.map((line) =>
      Array.from({ length: line.length / 2 }, (_, k): Point => {
        const [across, down] = [Number(line[2 * k]), Number(line[2 * k + 1])]
        return [left + (i * ADVANCE + across) * unit, y + (down - 3) * unit]
      }),
    )
  })
  return { lines, width: unit * (bold ? 1.25 : 0.85) }
}

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
