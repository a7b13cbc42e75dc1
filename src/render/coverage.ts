// Coverage of each pixel by a shape: from the distance of the pixel's centre for circles, rounded rectangles and lines, by exact
// spans on four rows per pixel for polygons. Read next: raster.ts.

import type { Point } from './scene.ts'

/** Coverage in [0, 1] of each pixel, row by row, and the bounding box of the pixels covered. */
export class Mask {
  readonly values: Float32Array // [height, width]
  left: number
  right = 0 // first column outside the box
  top: number
  bottom = 0

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.values = new Float32Array(width * height)
    this.left = width
    this.top = height
  }

  clear(): void {
    for (let y = this.top; y < this.bottom; y++) {
      this.values.fill(0, y * this.width + this.left, y * this.width + this.right)
    }
    this.left = this.width
    this.right = 0
    this.top = this.height
    this.bottom = 0
  }

  /** A disc; with `stroke` above 0, a ring around its edge. */
  addCircle(x: number, y: number, radius: number, stroke = 0): void {
    const reach = radius + stroke / 2
    this.addField(x - reach, y - reach, x + reach, y + reach, (px, py) => {
      const outside = distance(px - x, py - y) - radius
      return stroke > 0 ? stroke / 2 - Math.abs(outside) : -outside
    })
  }

  /** A rectangle with rounded corners; with `stroke` above 0, its outline. */
  addRect(x: number, y: number, width: number, height: number, corner: number, stroke = 0): void {
    const radius = Math.min(corner, width / 2, height / 2)
    const [middleX, middleY] = [x + width / 2, y + height / 2]
    const reach = stroke / 2
    this.addField(x - reach, y - reach, x + width + reach, y + height + reach, (px, py) => {
      const dx = Math.abs(px - middleX) - width / 2 + radius
      const dy = Math.abs(py - middleY) - height / 2 + radius
      const outside = distance(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius
      return stroke > 0 ? reach - Math.abs(outside) : -outside
    })
  }

  /** A line from a to b with round ends. */
  addSegment([ax, ay]: Point, [bx, by]: Point, width: number): void {
    const reach = width / 2
    const [dx, dy] = [bx - ax, by - ay]
    const lengthSquared = dx * dx + dy * dy
    const [left, right] = [Math.min(ax, bx) - reach, Math.max(ax, bx) + reach]
    this.addField(left, Math.min(ay, by) - reach, right, Math.max(ay, by) + reach, (px, py) => {
      const along = lengthSquared === 0 ? 0 : ((px - ax) * dx + (py - ay) * dy) / lengthSquared
      const t = Math.max(0, Math.min(1, along))
      return reach - distance(px - ax - t * dx, py - ay - t * dy)
    })
  }

  /** The inside of a polygon (even-odd). */
  addPolygon(points: readonly Point[]): void {
    const rows = 4
    const ys = points.map(([, y]) => y)
    const [top, bottom] = [Math.max(0, Math.floor(Math.min(...ys))), Math.min(this.height, Math.ceil(Math.max(...ys)))]
    for (let line = top * rows; line < bottom * rows; line++) {
      const crossings = crossingsAt(points, (line + 0.5) / rows)
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        this.addSpan(Math.floor(line / rows), crossings[i]!, crossings[i + 1]!, 1 / rows)
      }
    }
  }

  private addSpan(y: number, from: number, to: number, weight: number): void {
    const left = Math.max(0, Math.floor(from))
    const right = Math.min(this.width, Math.ceil(to))
    this.touch(left, y, right, y + 1)
    for (let x = left; x < right; x++) {
      const part = Math.min(to, x + 1) - Math.max(from, x)
      this.values[y * this.width + x]! += weight * Math.max(0, Math.min(1, part))
    }
  }

  /** The pixels for which `depth`, the distance inside the shape in pixels, is above -0.5. */
  private addField(x0: number, y0: number, x1: number, y1: number, depth: (x: number, y: number) => number): void {
    const [left, top] = [Math.max(0, Math.floor(x0 - 1)), Math.max(0, Math.floor(y0 - 1))]
    const [right, bottom] = [Math.min(this.width, Math.ceil(x1 + 1)), Math.min(this.height, Math.ceil(y1 + 1))]
    this.touch(left, top, right, bottom)
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const covered = Math.max(0, Math.min(1, depth(x + 0.5, y + 0.5) + 0.5))
        const at = y * this.width + x
        if (covered > this.values[at]!) this.values[at] = covered
      }
    }
  }

  private touch(left: number, top: number, right: number, bottom: number): void {
    if (right <= left || bottom <= top) return
    this.left = Math.min(this.left, left)
    this.top = Math.min(this.top, top)
    this.right = Math.max(this.right, right)
    this.bottom = Math.max(this.bottom, bottom)
  }
}

function crossingsAt(points: readonly Point[], y: number): number[] {
  const crossings: number[] = []
  for (const [i, [ax, ay]] of points.entries()) {
    const [bx, by] = points[(i + 1) % points.length]!
    if (ay <= y !== by <= y) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax))
  }
  return crossings.sort((a, b) => a - b)
}

// Engines differ in the last bit of Math.hypot, not in that of Math.sqrt.
function distance(x: number, y: number): number {
  return Math.sqrt(x * x + y * y)
}
