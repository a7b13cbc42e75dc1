import { beforeEach, describe, expect, it } from 'vitest'
import { comparison, type Method } from '../../../studies/plot/comparison.ts'
import { newDocument } from '../../../studies/plot/document.ts'
import { temperatureTargets } from '../../../studies/plot/temperature-targets.ts'

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

const method = (name: string, mean: number, group: Method['group'] = 'policy'): Method => {
  return { name, group, mean, low: mean - 10, high: mean + 10 }
}

describe('comparison', () => {
  it('puts the best on top, with its mean, in the colour of its group', () => {
    const methods = [method('hard labels', 300, 'controls'), method('soft', 480), method('teacher', 499, 'teacher')]
    const html = comparison(document, { methods, random: 22, teacher: 499 })
    const labels = elements(html, '[data-mark="y-axis tick label"] text').map((label) => label.textContent)
    expect(labels).toEqual(['teacher', 'soft', 'hard labels'])
    const dots = elements(html, '[data-mark=dot] circle').map((dot) => dot.getAttribute('fill'))
    expect(dots).toEqual(['var(--teacher)', 'var(--policy)', 'var(--controls)'])
    for (const text of ['499.0', '480.0', '300.0', 'random actions']) expect(html).toContain(text)
  })

  it('starts its bars at what random actions return', () => {
    const methods = [method('hard labels', 300), method('soft', 480)]
    const xOf = (html: string, selector: string, name: string) =>
      Number(elements(html, selector)[0]!.getAttribute(name))
    const html = comparison(document, { methods, random: 22 })
    expect(xOf(html, '[data-mark=bar] rect', 'x')).toBeCloseTo(xOf(html, '[data-mark=rule] line', 'x1'), 0)
    expect(xOf(html, '[data-mark=bar] rect', 'x')).toBeGreaterThan(
      xOf(comparison(document, { methods }), '[data-mark=bar] rect', 'x'),
    )
  })

  it('keeps negative returns in the picture', () => {
    const methods = [method('student', -95), method('random', -498, 'controls')]
    const html = comparison(document, { methods, random: -498, teacher: -85 })
    for (const dot of elements(html, '[data-mark=dot] circle')) {
      expect(Number(dot.getAttribute('cx'))).toBeGreaterThan(0)
      expect(Number(dot.getAttribute('cx'))).toBeLessThan(760)
    }
    expect(html).toContain('−95.0')
  })

  it('escapes names', () => {
    expect(comparison(document, { methods: [method('<script>', 1)] })).not.toContain('<script>')
  })
})

describe('temperatureTargets', () => {
  it('shows each action at each temperature in per cent, and the values behind them', () => {
    const html = temperatureTargets(document, {
      actions: ['left', 'right'],
      scores: [97.62, 98.31],
      panels: [
        { label: 'hard label', targets: [0, 1] },
        { label: 'T = 1', targets: [0.334, 0.666] },
      ],
    })
    for (const text of ['97.62', '98.31', 'hard label', 'T = 1', '100 %', '33 %', '67 %']) expect(html).toContain(text)
    expect(elements(html, '[data-mark=bar] rect, [data-mark=bar] path')).toHaveLength(4)
  })

  it('survives equal values', () => {
    const panels = [{ label: 'T = 1', targets: [0.5, 0.5] }]
    expect(temperatureTargets(document, { actions: ['a', 'b'], scores: [3, 3], panels })).not.toContain('NaN')
  })
})
