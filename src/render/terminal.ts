// A scene as text in braille characters, whose 2 x 4 dots give a terminal twice its columns and four times its rows in pixels.
// Labels are printed as letters. Read next: raster.ts.

import { Mask } from './coverage.ts'
import { coverFill, coverStroke, toRgb, toView, type View, viewOf } from './raster.ts'
import type { Color, Label, Scene, Shape } from './scene.ts'

export interface TerminalSize {
  /** Columns of text. Default 72. */
  readonly columns?: number
  /** Rows of text. Default: by the scene's proportions. */
  readonly rows?: number
  /** Whether to use the colour codes of a 256-colour terminal. Default false. */
  readonly color?: boolean
}

// The bit of each dot in a braille letter, row by row (Unicode, block U+2800).
const DOT_BITS = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
const THINNEST = 1.15 // dots; a thinner line would fall between them

/** Lines of text, parted by `\n`, without trailing spaces. */
export function toText(scene: Scene, { columns = 72, rows, color = false }: TerminalSize = {}): string {
  const height = rows ?? Math.max(1, Math.round((columns * scene.height) / scene.width / 2))
  const screen = new Screen(columns, height)
  const view = viewOf(scene, 2 * columns, 4 * height)
  for (const shape of scene.shapes) screen.paint(shape, scene.background, view)
  return screen.toLines(color).join('\n')
}

class Screen {
  private readonly mask: Mask
  private readonly dots: (Color | undefined)[] // row by row, `undefined` where blank
  private readonly letters = new Map<number, { letter: string; color: Color }>()

  constructor(
    private readonly columns: number,
    private readonly rows: number,
  ) {
    this.mask = new Mask(2 * columns, 4 * rows)
    this.dots = new Array<Color | undefined>(8 * columns * rows).fill(undefined)
  }

  paint(shape: Shape, background: Color, view: View): void {
    if (shape.kind === 'label') {
      this.write(shape, view)
      return
    }
    const ink = (color: Color) => (shape.faint || color === background ? undefined : color)
    if (coverFill(this.mask, shape, view)) this.set(ink(shape.fill!))
    if (coverStroke(this.mask, shape, view, THINNEST)) this.set(ink(shape.stroke!))
  }

  toLines(color: boolean): string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let line = ''
      let current: string | undefined
      for (let column = 0; column < this.columns; column++) {
        const { letter, color: paint } = this.cell(row, column)
        const code = paint === undefined ? current : terminalColor(paint)
        if (color && code !== current) line += code ?? ''
        current = code
        line += letter
      }
      const text = line.trimEnd()
      return color && current !== undefined && current !== PLAIN ? text + PLAIN : text
    })
  }

  private set(color: Color | undefined): void {
    const { mask } = this
    for (let y = mask.top; y < mask.bottom; y++) {
      for (let x = mask.left; x < mask.right; x++) {
        if (mask.values[y * mask.width + x]! < 0.5) continue
        this.dots[y * mask.width + x] = color
        this.letters.delete((y >> 2) * this.columns + (x >> 1))
      }
    }
  }

  private write(label: Label, view: View): void {
    const letters = [...label.text]
    const [x, y] = toView(label.at, view)
    const shift = label.anchor === 'start' ? 0 : label.anchor === 'end' ? letters.length : letters.length / 2
    const row = Math.floor(y / 4)
    const first = Math.round(x / 2 - shift)
    for (const [i, letter] of letters.entries()) {
      const column = first + i
      if (row < 0 || row >= this.rows || column < 0 || column >= this.columns) continue
      this.letters.set(row * this.columns + column, { letter, color: label.fill ?? '#000000' })
    }
  }

  private cell(row: number, column: number): { letter: string; color: Color | undefined } {
    const written = this.letters.get(row * this.columns + column)
    if (written !== undefined) return written
    const counts = new Map<Color, number>()
    let bits = 0
    for (const [i, bit] of DOT_BITS.entries()) {
      const color = this.dots[(4 * row + (i >> 1)) * 2 * this.columns + 2 * column + (i & 1)]
      if (color === undefined) continue
      bits |= bit
      counts.set(color, (counts.get(color) ?? 0) + 1)
    }
    if (bits === 0) return { letter: ' ', color: undefined }
    const [color] = [...counts].reduce((most, each) => (each[1] > most[1] ? each : most))
    return { letter: String.fromCharCode(0x2800 + bits), color }
  }
}

const PLAIN = '\u001b[39m'
const GREY = '\u001b[38;5;245m'

// Dark colours become the terminal's text colour, which is visible on any background; pale ones become grey.
function terminalColor(color: Color): string {
  const [red, green, blue] = toRgb(color)
  const [highest, lowest] = [Math.max(red, green, blue), Math.min(red, green, blue)]
  if (highest - lowest < 48) return highest < 160 ? PLAIN : GREY
  if (highest < 128) return PLAIN
  const level = (value: number) => Math.round((value / 255) * 5)
  return `\u001b[38;5;${16 + 36 * level(red) + 6 * level(green) + level(blue)}m`
}
