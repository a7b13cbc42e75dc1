import { describe, expect, it } from 'vitest'
import { bandChart, bandPicture } from '../../../studies/plot/band-chart.ts'
import { newDocument } from '../../../studies/plot/document.ts'
import { intervalChart } from '../../../studies/plot/interval-chart.ts'

const count = (text: string, part: string) => text.split(part).length - 1
const series = [
  { name: 'a <b>', points: [50, 200].map((x) => ({ x, y: 0.5, low: 0.4, high: 0.6 })) },
  { name: 'none', points: [] },
  { name: 'c', points: [50, 200].map((x) => ({ x, y: 3, low: 0.9, high: 4 })) },
]
const chart = {
  series,
  description: 'a test',
  x: { label: 'labels', type: 'log', ticks: [50, 200, 5000] },
  y: { label: 'score', domain: [0, 1] },
} as const

describe('a band chart', () => {
  const html = bandChart(newDocument(), chart)

  it('names every line in its colour, and draws each with its band', () => {
    expect(html).toContain('a &#60;b&#62;')
    for (const hue of ['#0072b2', '#009e73']) expect(count(html, `stroke="${hue}"`)).toBeGreaterThanOrEqual(2)
    expect(count(html, 'data-mark="area"')).toBe(2)
  })

  it('keeps the colour of a place, so that charts under one legend agree', () => {
    const alone = bandPicture(newDocument(), { ...chart, series: [series[1]!, series[0]!] })
    expect(alone).toContain('#d55e00')
    expect(alone).not.toContain('class="legend"')
  })

  it('has no tick where there is no point', () => {
    expect(html).toContain('>200</text>')
    expect(html).not.toContain('>5000</text>')
  })

  it('keeps within its frame what lies beyond the scale', () => {
    const heights = [...html.matchAll(/cy="(-?[\d.]+)"/g)].map(([, height]) => Number(height))
    expect(heights).toHaveLength(4)
    for (const height of heights) expect(height).toBeGreaterThanOrEqual(0)
  })
})

it('an interval chart: has a point, an interval and a number for each row, from top to bottom', () => {
  const html = intervalChart(newDocument(), {
    rows: [
      { name: 'best', group: 'policy', value: 0.987, low: 0.9, high: 1 },
      { name: 'worst', group: 'controls', value: -0.04, low: -0.1, high: 0 },
    ],
    description: 'a test',
    label: 'score',
    marks: [{ value: 1, label: 'teacher' }],
  })
  for (const text of ['0.99', '−0.04', 'teacher', 'var(--policy)', 'var(--controls)']) expect(html).toContain(text)
  expect(html.indexOf('>best<')).toBeLessThan(html.indexOf('>worst<'))
})
