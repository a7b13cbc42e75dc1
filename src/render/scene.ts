// A scene: a picture of one state of an environment, as a list of flat shapes, independent of file formats and screens.
// Read next: classic-control.ts creates some; svg.ts, raster.ts and terminal.ts render one.

/** `#rrggbb`, lower case. */
export type Color = `#${string}`

/** Pixels of the scene's natural size, from its left and its top edge. */
export type Point = readonly [x: number, y: number]

/** Points one after the other: x, y, x, y, … */
export type Coordinates = readonly number[]

/** How a shape is painted. Shapes have a fill, an outline, or both. */
export interface Paint {
  readonly fill?: Color
  readonly stroke?: Color
  /** Width of the outline in pixels; 2 if a stroke is given alone. */
  readonly strokeWidth?: number
  /** From 0 (invisible) to 1 (the default). */
  readonly opacity?: number
  /** Whether a terminal leaves the shape blank: it clears what lies below it and sets no dots. */
  readonly faint?: boolean
}

/** An open line through two or more points, with round ends and joints. */
export interface Line extends Paint {
  readonly kind: 'line'
  readonly points: Coordinates
}

export interface Polygon extends Paint {
  readonly kind: 'polygon'
  readonly points: Coordinates
}

export interface Rect extends Paint {
  readonly kind: 'rect'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Radius of the corners, 0 by default. */
  readonly radius?: number
}

export interface Circle extends Paint {
  readonly kind: 'circle'
  readonly center: Point
  readonly radius: number
}

/** One line of text, centred in height on `at`. Painted with its fill only. */
export interface Label extends Paint {
  readonly kind: 'label'
  readonly at: Point
  readonly text: string
  /** Height of a capital letter's line in pixels (the font size). */
  readonly size: number
  /** Which part of the text lies on `at`; the middle by default. */
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly bold?: boolean
}

export type Shape = Line | Rect | Circle | Polygon | Label

/** Shapes are painted in their order, the later over the earlier. */
export interface Scene {
  readonly width: number
  readonly height: number
  readonly background: Color
  readonly shapes: readonly Shape[]
}

/** A scene of 600 by 300 pixels on paper, with changes. */
export function sceneOf(shapes: readonly Shape[], changes: Partial<Scene> = {}): Scene {
  return { width: 600, height: 300, background: palette.paper, shapes, ...changes }
}

/** A line through points, `strokeWidth` pixels wide. */
export function line(points: Coordinates, stroke: Color, strokeWidth: number): Shape {
  return { kind: 'line', points, stroke, strokeWidth }
}

/** A circle, with an outline of `rim` pixels in the colour of the paper. */
export function disc(center: Point, radius: number, fill: Color, rim = 0): Shape {
  const outline = { stroke: palette.paper, strokeWidth: rim }
  return { kind: 'circle', center, radius, fill, ...(rim > 0 && outline) }
}

export function polygon(points: Coordinates, fill: Color, paint: Paint = {}): Shape {
  return { kind: 'polygon', points, fill, ...paint }
}

export function rect(x: number, y: number, width: number, height: number, radius: number, paint: Paint): Shape {
  return { kind: 'rect', x, y, width, height, radius, ...paint }
}

export function label(at: Point, text: string, size: number, fill: Color, style: Partial<Label> = {}): Shape {
  return { kind: 'label', at, text, size, fill, ...style }
}

/** The width of the outline; 0 without a stroke. */
export function strokeWidthOf(paint: Paint): number {
  return paint.stroke === undefined ? 0 : (paint.strokeWidth ?? 2)
}

export function toPoints(coordinates: Coordinates): Point[] {
  return Array.from({ length: coordinates.length / 2 }, (_, i) => [coordinates[2 * i]!, coordinates[2 * i + 1]!])
}

/** The colours of all drawings. */
export const palette = {
  paper: '#faf8f4',
  ink: '#243b53',
  slate: '#627d98',
  mist: '#d9e2ec',
  copper: '#d2691e',
  amber: '#f0b429',
  moss: '#3f8f5f',
  berry: '#c0364f',
  sky: '#4a90c2',
} as const satisfies Record<string, Color>

const STRIP = 0.1 // height of the strip, as a fraction of the picture's width

/** The scene with a strip of text added below it. */
export function withCaption(scene: Scene, text: string): Scene {
  const strip = STRIP * scene.width
  // A letter is about two thirds of the size wide.
  const size = Math.min(0.4 * strip, (0.92 * scene.width) / (0.68 * Math.max(1, text.length)))
  const at = [scene.width / 2, scene.height + strip / 2] as const
  return {
    ...scene,
    height: scene.height + strip,
    shapes: [...scene.shapes, label(at, text, size, palette.slate)],
  }
}
