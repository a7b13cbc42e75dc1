import { beforeEach, describe, expect, it } from 'vitest'
import { newDocument } from '../../src/cli/terminal/document.ts'
import { learningCurve } from '../../src/plot/curves.ts'

let document: Document
beforeEach(() => {
  document = newDocument()
})

/** The elements that the chart draws, as the document sees them. */
function elements(html: string, selector: string): Element[] {
  const holder = document.createElement('div')
  holder.innerHTML = html
  return [...holder.querySelectorAll(selector)]
}

describe('learningCurve', () => {
  it('draws a point an episode, one line and the threshold', () => {
    const steps = Array.from({ length: 60 }, (_, i) => 20 * (i + 1))
    const html = learningCurve(document, { steps, returns: steps.map((step) => step / 3), threshold: 475 })
    expect(elements(html, '[data-mark=dot] circle')).toHaveLength(60)
    expect(elements(html, '[data-mark=line] path')).toHaveLength(1)
    expect(html).toContain('solved: 475')
  })

  it('draws the mean of the latest episodes and never looks ahead', () => {
    const returns = [0, 0, 0, 0, 100]
    const html = learningCurve(document, { steps: [1, 2, 3, 4, 5], returns, window: 2 })
    const path = elements(html, '[data-mark=line] path')[0]!.getAttribute('d')!
    const heights = path.match(/-?\d+(\.\d+)?,-?\d+(\.\d+)?/g)!.map((point) => Number(point.split(',')[1]))
    const [bottom] = heights
    expect(heights.slice(0, 4)).toEqual([bottom, bottom, bottom, bottom])
    expect(heights[4]!).toBeLessThan(bottom!)
    const top = Math.min(...elements(html, '[data-mark=dot] circle').map((dot) => Number(dot.getAttribute('cy'))))
    expect(bottom! - heights[4]!).toBeCloseTo((bottom! - top) / 2, 1) // mean(0, 100) is half way up
  })

  it('has a picture even before the first episode ends', () => {
    expect(learningCurve(document, { steps: [], returns: [] })).toContain('<svg')
  })
})
