// A stroke font for raster pictures, independent of installed fonts. Lower-case letters are drawn as capitals.

import type { Label, Point } from './scene.ts'

// Polylines parted by spaces, each point two digits: 0 … 4 across, 0 (top) … 6 (base line) down. One point twice is a dot.
const glyphs: Readonly<Record<string, string>> = {
  ...{ A: '062046 1434', B: '0006 003041423303 3344453606', C: '4130100105163645', D: '00204244260600' },
  ...{ E: '40000646 0333', F: '400006 0333', G: '41301001051636454323', H: '0006 4046 0343', I: '2026 1030 1636' },
  ...{ J: '4045361605', K: '0006 400346', L: '000646', M: '0600234046', N: '06004640', O: '103041453616050110' },
  ...{ P: '06003041423303', Q: '103041453616050110 3446', R: '06003041423303 2346', S: '413010010213334445361605' },
  ...{ T: '0040 2026', U: '000516364540', V: '002640', W: '0016233640', X: '0046 4006', Y: '002340 2326' },
  ...{
    Z: '00400646',
    0: '103041453616050110',
    1: '112026 1636',
    2: '01103041420646',
    3: '01103041423313 334445361605',
  },
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
