// One scene, two ways to show it: pixels and text.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toPixels, toText } from '../../src/render/index.ts'
import type { Scene, Shape } from '../../src/render/scene.ts'
import { forAll } from '../support/property.ts'

const sceneOf = (...shapes: Shape[]): Scene => ({ width: 20, height: 10, background: '#ffffff', shapes })
const box: Shape = { kind: 'rect', x: 4, y: 2, width: 8, height: 4, fill: '#c02040' }

describe('toPixels', () => {
  const at = (scene: Scene, x: number, y: number, scale = 1) => {
    const { width, data } = toPixels(scene, 20 * scale, 10 * scale)
    return Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4))
  }

  it('fills shapes over the background, later ones over earlier ones', () => {
    const scene = sceneOf(box, { kind: 'circle', center: [8, 4], radius: 1.5, fill: '#0000ff' })
    expect(at(scene, 0, 0)).toEqual([255, 255, 255, 255])
    expect(at(scene, 4, 2)).toEqual([192, 32, 64, 255])
    expect(at(scene, 12, 2)).toEqual([255, 255, 255, 255])
    expect(at(scene, 8, 4)).toEqual([0, 0, 255, 255])
    expect(at(scene, 8, 5, 2)).toEqual([192, 32, 64, 255]) // twice the size: the box from (8, 4)
  })

  it('mixes by opacity and by how much of a pixel is covered', () => {
    expect(at(sceneOf({ ...box, fill: '#000000', opacity: 0.25 }), 6, 3)).toEqual([191, 191, 191, 255])
    const halfPixel = sceneOf({ kind: 'polygon', points: [4, 2, 6.5, 2, 6.5, 6, 4, 6], fill: '#000000' })
    expect(at(halfPixel, 5, 3)).toEqual([0, 0, 0, 255])
    expect(at(halfPixel, 6, 3)).toEqual([128, 128, 128, 255])
  })

  it('joins the pieces of a line, and closes the outline of a polygon', () => {
    const stroke = { stroke: '#000000', strokeWidth: 4 } as const
    const angle = sceneOf({ kind: 'line', points: [2, 5, 10, 5, 10, 1], ...stroke })
    expect([at(angle, 7, 5)[0], at(angle, 10, 2)[0], at(angle, 7, 1)[0]]).toEqual([0, 0, 255])
    const triangle = sceneOf({ kind: 'polygon', points: [2, 2, 18, 2, 2, 8], ...stroke, strokeWidth: 2 })
    expect([at(triangle, 9, 1)[0], at(triangle, 1, 5)[0], at(triangle, 5, 4)[0]]).toEqual([0, 0, 255])
  })

  it('looks at the middle of the rows of a polygon', () => {
    const low = sceneOf({ kind: 'polygon', points: [4, 2.1, 8, 2.1, 8, 6.1, 4, 6.1], fill: '#000000' })
    expect(at(low, 5, 2)[0]).toBe(0)
    expect(at(low, 5, 6)[0]).toBe(255)
  })

  it('covers as much as the shape is large', () => {
    const inside = fc.double({ min: 3.5, max: 6.5, noNaN: true })
    forAll([inside, inside, fc.double({ min: 1, max: 3, noNaN: true })], { numRuns: 20 }, (x, y, size) => {
      const area = (shape: Shape) => {
        const { data } = toPixels(sceneOf(shape), 200, 100)
        let dark = 0
        for (let i = 0; i < data.length; i += 4) dark += (255 - data[i]!) / 255
        return dark / 100
      }
      const fill = '#000000' as const
      const close = (got: number, wanted: number) => expect(Math.abs(got / wanted - 1)).toBeLessThan(0.03)
      close(area({ kind: 'circle', center: [x, y], radius: size, fill }), Math.PI * size * size)
      close(area({ kind: 'rect', x, y: 1, width: size, height: size, fill }), size * size)
      const corners = (4 - Math.PI) * (size / 3) ** 2
      close(area({ kind: 'rect', x, y: 1, width: size, height: size, radius: size / 3, fill }), size * size - corners)
      close(area({ kind: 'polygon', points: [x, y, x + size, y, x, y + size], fill }), (size * size) / 2)
      const line = area({ kind: 'line', points: [x, y, x + size, y], stroke: fill, strokeWidth: 1 })
      close(line, size + Math.PI / 4)
      close(
        area({ kind: 'circle', center: [x, y], radius: size, stroke: fill, strokeWidth: 0.4 }),
        Math.PI * size * 0.8,
      )
    })
  })

  it('writes labels with strokes of its own', () => {
    const label: Shape = { kind: 'label', at: [10, 5], text: 'I', size: 8, fill: '#000000' }
    expect(at(sceneOf(label), 50, 25, 5)[0]).toBeLessThan(60) // the stem
    expect(at(sceneOf(label), 40, 25, 5)[0]).toBe(255)
  })

  it('shrinks in proportion and centres', () => {
    const whole = sceneOf({ ...box, x: 0, y: 0, width: 20, height: 10 })
    const red = (width: number, height: number, x: number, y: number) => {
      return toPixels(whole, width, height).data[4 * (y * width + x)]
    }
    expect([red(20, 20, 0, 4), red(20, 20, 0, 5), red(20, 20, 0, 14), red(20, 20, 0, 15)]).toEqual([255, 192, 192, 255])
    expect([red(40, 10, 9, 0), red(40, 10, 10, 0), red(40, 10, 29, 0), red(40, 10, 30, 0)]).toEqual([
      255, 192, 192, 255,
    ])
  })
})

describe('toText', () => {
  it('sets a dot where a shape covers one', () => {
    const scene: Scene = {
      width: 8,
      height: 4,
      background: '#ffffff',
      shapes: [{ ...box, x: 2, y: 0, width: 3, height: 4 }],
    }
    expect(toText(scene, { columns: 4 })).toBe(' ⣿⡇')
  })

  it('leaves what is faint or of the background’s colour blank, and clears what lies below', () => {
    const line: Shape = { kind: 'line', points: [0, 2, 8, 2], stroke: '#000000', strokeWidth: 1 }
    const over = { ...box, x: 2, y: 0, width: 4, height: 4 }
    const show = (...shapes: Shape[]) => toText({ width: 8, height: 4, background: '#ffffff', shapes }, { columns: 4 })
    expect(show(line)).toBe('⠶⠶⠶⠶')
    expect(show(line, { ...over, faint: true })).toBe('⠶  ⠶')
    expect(show(line, { ...over, fill: '#ffffff' })).toBe('⠶  ⠶')
    expect(show(over, line)).toBe('⠶⣿⣿⠶')
  })

  it('shows lines thinner than a dot', () => {
    const line: Shape = { kind: 'line', points: [0, 50, 800, 50], stroke: '#000000', strokeWidth: 1 }
    expect(toText({ width: 800, height: 100, background: '#ffffff', shapes: [line] }, { columns: 8, rows: 1 })).toMatch(
      /\S{8}/,
    )
  })

  it('writes labels as letters where they stand', () => {
    const label: Shape = { kind: 'label', at: [10, 6], text: 'ok', size: 4, fill: '#000000' }
    expect(toText(sceneOf(label), { columns: 10, rows: 3 }).split('\n')[1]).toBe('    ok')
    expect(toText(sceneOf({ ...label, anchor: 'start' }), { columns: 10, rows: 3 }).split('\n')[1]).toBe('     ok')
    expect(toText(sceneOf({ ...label, anchor: 'end' }), { columns: 10, rows: 3 }).split('\n')[1]).toBe('   ok')
    expect(toText(sceneOf({ ...label, at: [0, 6] }), { columns: 10, rows: 3 }).split('\n')[1]).toBe('k')
  })

  it('has as many lines as asked for, and colours only on demand', () => {
    expect(toText(sceneOf(box), { columns: 20, rows: 7 }).split('\n')).toHaveLength(7)
    expect(toText(sceneOf(box))).not.toContain('\u001b')
    const colored = toText(sceneOf(box), { color: true })
    expect(colored).toContain('\u001b[38;5;167m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape codes are the subject
    expect(colored.replace(/\u001b\[[\d;]*m/g, '')).toBe(toText(sceneOf(box)))
    for (const line of colored.split('\n')) if (line !== '') expect(line.endsWith('\u001b[39m')).toBe(true)
  })
})
