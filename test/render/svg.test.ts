import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawCartPole } from '../../src/render/classic-control.ts'
import type { Scene, Shape } from '../../src/render/scene.ts'
import { toSvg } from '../../src/render/svg.ts'
import { forAll } from '../support/property.ts'

const sceneOf = (...shapes: Shape[]): Scene => ({ width: 40, height: 20, background: '#ffffff', shapes })

describe('toSvg', () => {
  it('writes one element a shape, in order', () => {
    const svg = toSvg(
      sceneOf(
        { kind: 'rect', x: 1, y: 2, width: 3, height: 4, radius: 1, fill: '#102030' },
        { kind: 'circle', center: [5, 6], radius: 7.126, stroke: '#405060' },
        { kind: 'line', points: [0, 0, 1, 1], stroke: '#000000', strokeWidth: 3, opacity: 0.5 },
        { kind: 'polygon', points: [0, 0, 1, 0, 0, 1], fill: '#ffffff' },
        { kind: 'label', at: [9, 8], text: 'G', size: 12, fill: '#000000', bold: true },
      ),
    )
    expect(svg).toContain('<rect x="1" y="2" width="3" height="4" rx="1" fill="#102030"/>')
    expect(svg).toContain('<circle cx="5" cy="6" r="7.13" fill="none" stroke="#405060" stroke-width="2"/>')
    expect(svg).toContain('<polyline points="0,0 1,1" fill="none"')
    expect(svg).toContain('stroke="#000000" stroke-width="3" opacity="0.5"/>')
    expect(svg).toContain('<polygon points="0,0 1,0 0,1"')
    expect(svg).toMatch(/<text x="9" y="8" text-anchor="middle"[^>]*font-weight="bold"[^>]*>G<\/text><\/svg>$/)
    expect(svg.indexOf('<circle')).toBeLessThan(svg.indexOf('<polyline'))
  })

  it('keeps the proportions when only one side is given', () => {
    expect(toSvg(sceneOf(), { width: 80 })).toContain('width="80" height="40" viewBox="0 0 40 20"')
    expect(toSvg(sceneOf(), { height: 10 })).toContain('width="20" height="10" viewBox="0 0 40 20"')
  })

  it('lets no text break out of its element', () => {
    const hostile = fc.string({ unit: fc.constantFrom('<', '>', '&', '"', '#', '6', '0', ';') })
    forAll([hostile], { examples: [['&#60;']] }, (text) => {
      const svg = toSvg(sceneOf({ kind: 'label', at: [0, 0], text, size: 9, fill: '#000000' }))
      const inner = svg.slice(svg.indexOf('<text'), svg.lastIndexOf('</text>'))
      expect(inner.match(/[<>]/g)).toHaveLength(2)
      expect(inner.slice(inner.indexOf('>') + 1).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))).toBe(
        text,
      )
    })
  })
})

it('drawCartPole: moves right with the cart and leans with the pole', () => {
  const tip = (state: number[]) => {
    const pole = drawCartPole(state).shapes.find((shape) => shape.kind === 'line' && shape.strokeWidth === 11)
    return pole?.kind === 'line' ? pole.points.slice(2) : []
  }
  expect(tip([0, 0, 0, 0])[0]).toBe(300)
  expect(tip([1, 0, 0, 0])[0]).toBe(410)
  expect(tip([0, 0, 0.2, 0])[0]).toBeGreaterThan(300)
  expect(tip([0, 0, 0.2, 0])[1]).toBeGreaterThan(tip([0, 0, 0, 0])[1]!)
})
