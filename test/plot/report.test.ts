import { describe, expect, it } from 'vitest'
import { escapeHtml, type Report, report } from '../../src/plot/index.ts'

const page: Report = {
  title: 'One teacher & <several> students',
  lead: 'What happened.',
  facts: [{ label: 'labelled states', value: '200' }],
  sections: [
    {
      title: 'Comparison',
      text: 'What was asked.',
      figure: '<svg></svg>',
      howToRead: 'A dot is a mean.',
      table: {
        head: ['method', 'return'],
        rows: [
          { cells: ['soft', '487.1 [480.2, 493.0]'], color: 'var(--policy)' },
          { cells: ['hard', '–'], color: 'var(--controls)' },
        ],
      },
    },
  ],
  command: 'alambic demo --seed 1',
}

describe('report', () => {
  it('is one page that asks the network for nothing', () => {
    const html = report(page)
    expect(html).toMatch(/^<!doctype html>/)
    expect(html).not.toMatch(/https?:|<link|src=|@import|url\(/)
  })

  it('holds everything that it was given, text escaped', () => {
    const html = report(page)
    expect(html).toContain('<h1>One teacher &#38; &#60;several&#62; students</h1>')
    for (const text of [
      'What happened.',
      '200',
      'What was asked.',
      '<svg></svg>',
      'A dot is a mean.',
      'demo --seed 1',
    ]) {
      expect(html).toContain(text)
    }
  })

  it('sets columns of numbers to the right and marks rows by their color', () => {
    const html = report(page)
    expect(html).toContain('<th>method</th><th class="number">return</th>')
    expect(html).toContain('<td class="number">487.1 [480.2, 493.0]</td>')
    expect(html).toContain('background:var(--controls)"></span>hard</td>')
  })

  it('is the same text for the same report', () => expect(report(page)).toBe(report(structuredClone(page))))
})

it('escapeHtml makes text safe between tags and in attributes', () => {
  expect(escapeHtml(`<a b="c">'&'</a>`)).toBe('&#60;a b=&#34;c&#34;&#62;&#39;&#38;&#39;&#60;/a&#62;')
})
