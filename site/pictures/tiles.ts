// Lesson 2: a product of matrices as tiles, forward and backward. A tile of the result shows the row and the column it comes from.

import { button, canvas, html, mountPicture, set, svg } from './lib/elements.ts'
import { fixed } from './lib/numbers.ts'

type Matrix = readonly (readonly number[])[]

const A: Matrix = [
  [1, 2],
  [0, -1],
  [3, 1],
]
const B: Matrix = [
  [2, 0, 1, -1],
  [1, 3, 0, 2],
]
const DC: Matrix = [
  [1, 0, -1, 2],
  [0, 1, 1, 0],
  [2, 0, 0, 1],
]
const SIZE = 44
const GAP = 4

const transpose = (m: Matrix): Matrix => m[0]!.map((_, j) => m.map((row) => row[j]!))
const products = [
  { title: 'C = A · B', left: A, right: B, names: ['A', 'B', 'C'], about: 'forward' },
  { title: 'dA = dC · Bᵀ', left: DC, right: transpose(B), names: ['dC', 'Bᵀ', 'dA'], about: 'backward, to A' },
  { title: 'dB = Aᵀ · dC', left: transpose(A), right: DC, names: ['Aᵀ', 'dC', 'dB'], about: 'backward, to B' },
] as const

mountPicture('tiles', (stage) => {
  const area = canvas(640, 250, 'Two matrices and their product')
  const words = html('p', { class: 'readout', 'aria-live': 'polite' })
  const buttons = products.map((product) =>
    button(product.title, () => {
      shown = product
      row = 0
      column = 0
      draw()
    }),
  )
  let shown: (typeof products)[number] = products[0]
  let row = 0
  let column = 0

  function draw(): void {
    const { left, right, names } = shown
    area.replaceChildren()
    const widths = [left[0]!.length, right[0]!.length, right[0]!.length]
    const wide = widths.reduce((sum, n) => sum + n * (SIZE + GAP), 0) + 2 * 44
    let x = (640 - wide) / 2
    const place = (matrix: Matrix, name: string, chosen: (i: number, j: number) => string) => {
      const y = 140 - (matrix.length * (SIZE + GAP)) / 2
      const middle = x + (matrix[0]!.length * (SIZE + GAP)) / 2
      area.append(svg('text', { x: middle, y: y - 14, 'text-anchor': 'middle', class: 'value' }, name))
      const tiles = matrix.map((numbers, i) =>
        numbers.map((value, j) => {
          const at = { x: x + j * (SIZE + GAP), y: y + i * (SIZE + GAP) }
          const tile = svg('g', { class: `tile ${chosen(i, j)}`, transform: `translate(${at.x} ${at.y})` })
          tile.append(svg('rect', { width: SIZE, height: SIZE, rx: 6 }))
          tile.append(svg('text', { x: SIZE / 2, y: SIZE / 2 + 5, 'text-anchor': 'middle' }, fixed(value, 0)))
          area.append(tile)
          return tile
        }),
      )
      x += matrix[0]!.length * (SIZE + GAP)
      return tiles
    }
    const sign = (text: string) => {
      area.append(svg('text', { x: x + 20, y: 145, 'text-anchor': 'middle', class: 'value' }, text))
      x += 44
    }
    const result = left.map((_, i) => right[0]!.map((_, j) => terms(i, j).reduce((sum, [a, b]) => sum + a * b, 0)))
    place(left, names[0], (i) => (i === row ? 'row' : ''))
    sign('·')
    place(right, names[1], (_, j) => (j === column ? 'column' : ''))
    sign('=')
    const tiles = place(result, names[2], (i, j) => (i === row && j === column ? 'chosen' : ''))
    tiles.forEach((line, i) => {
      line.forEach((tile, j) => {
        const here = i === row && j === column
        set(tile, {
          role: 'button',
          tabindex: here ? 0 : -1,
          'aria-label': `Row ${i + 1}, column ${j + 1}: ${result[i]![j]}`,
        })
        tile.style.cursor = 'pointer'
        tile.addEventListener('click', () => choose(i, j, true))
        tile.addEventListener('keydown', (event) => {
          const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
          if (step === undefined) return
          event.preventDefault()
          choose(i + step[0]!, j + step[1]!, true)
        })
      })
    })
    const sum = terms(row, column).map(([a, b]) => `${fixed(a, 0)} · ${fixed(b, 0)}`)
    words.textContent = `Row ${row + 1} of ${names[0]} times column ${column + 1} of ${names[1]}: ${sum.join(' + ')} = ${fixed(result[row]![column]!, 0)}`
    buttons.forEach((each, i) => {
      each.setAttribute('aria-pressed', String(products[i] === shown))
    })
  }

  const terms = (i: number, j: number) => shown.left[i]!.map((a, k) => [a, shown.right[k]![j]!] as const)

  function choose(i: number, j: number, focus: boolean): void {
    if (i < 0 || j < 0 || i >= shown.left.length || j >= shown.right[0]!.length) return
    row = i
    column = j
    draw()
    if (focus) area.querySelector<SVGElement>('[tabindex="0"]')?.focus()
  }

  stage.append(area, words, html('div', { class: 'controls' }, ...buttons))
  draw()
})
