import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { animation, packFrames, unpackFrame } from '../../../studies/plot/animation.ts'
import { forAll } from '../../support/property.ts'

const frame = (x: number, y: number, color = '#d2691e') =>
  `<svg viewBox="0 0 600 300"><rect x="${x}" y="${y}" width="76" height="36" fill="${color}"/></svg>`

describe('packFrames', () => {
  it('keeps the drawing once and the changing numbers of each frame', () => {
    expect(packFrames([frame(1, 5), frame(2.5, 5), frame(-3, 5)])).toEqual({
      drawings: [['<svg viewBox="0 0 600 300"><rect x="', '" y="5" width="76" height="36" fill="#d2691e"/></svg>']],
      frames: ['0 1', '0 2.5', '0 -3'],
    })
  })

  it('is undone by unpackFrame, whatever the frames', () => {
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    const piece = fc.oneof(
      number.map(String),
      fc.constantFrom('<a x="', '"/>', ' ', '#0f0', '-', '.', '1e-7'),
      fc.string(),
    )
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('').replaceAll('\0', ''))
    const frames = fc.array(
      fc.oneof(
        text,
        fc.tuple(number, number).map(([x, y]) => frame(x, y)),
      ),
      { maxLength: 8 },
    )
    forAll([frames], (given) => {
      const packed = packFrames(given)
      expect(given.map((_, index) => unpackFrame(packed, index))).toEqual(given)
    })
  })

  it('makes a long animation small', () => {
    const frames = Array.from({ length: 500 }, (_, i) => frame(i * 1.01, 5))
    expect(JSON.stringify(packFrames(frames)).length).toBeLessThan(frames.join('').length / 8)
  })
})

it('animation: holds lanes of different lengths, and text that cannot break out of its script', () => {
  const html = animation([
    { title: 'teacher & co', frames: [frame(1, 1), frame(2, 2), frame(3, 3)], ending: 'still balancing' },
    { title: 'student', frames: [frame(1, 1)], ending: '</script><b>' },
  ])
  expect(html).toContain('teacher &#38; co')
  expect(html).toContain('max="2"')
  expect(html.match(/<\/script>/g)).toHaveLength(2)
  const json = /<script type="application\/json">(.*?)<\/script>/s.exec(html)![1]!
  expect(JSON.parse(json).lanes.map((lane: { frames: string[] }) => lane.frames.length)).toEqual([3, 1])
})
