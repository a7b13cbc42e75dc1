import { expect, it } from 'vitest'
import { seedCurves } from '../../src/plot/curves.ts'
import { newDocument } from '../../studies/plot/document.ts'

const points = [1, 2, 3].map((i) => ({ step: 1000 * i, mean: 10 * i, low: 5 * i, high: 12 * i }))

function count(svg: string, mark: string): number {
  const document = newDocument()
  const holder = document.createElement('div')
  holder.innerHTML = svg
  return holder.querySelectorAll(`[data-mark=${mark}] path, [data-mark=${mark}] line, path[data-mark=${mark}]`).length
}

it('draws one line in one band, and a dashed one where a figure is published', () => {
  const svg = seedCurves(newDocument(), { points, published: 30 })
  expect(count(svg, 'area')).toBe(1)
  expect(count(svg, 'line')).toBe(1)
  expect(svg).toContain('stroke-dasharray')
  expect(seedCurves(newDocument(), { points })).not.toContain('stroke-dasharray')
})

it('has a picture even where no seed has ended an episode', () => {
  expect(seedCurves(newDocument(), { points: [] })).toContain('<svg')
})
