import { expect, it } from 'vitest'
import { headlinePicture } from '../../../studies/few-labels/picture.ts'
import { summariesOf } from '../../../studies/few-labels/summary.ts'
import { newDocument } from '../../../studies/plot/document.ts'
import { recordOf } from './records.ts'

it('the picture has a panel for each number of labels and a row for each method that was measured', () => {
  const records = [recordOf(0.9), recordOf(0.8, { labels: 20 }), recordOf(0.7, { method: 'viper', size: 'tree' })]
  const svg = headlinePicture(newDocument(), summariesOf(records))
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)
  expect([...svg.matchAll(/>(\d+ labels|recommended|viper|dagger-hard)</g)].map(([, text]) => text)).toEqual(
    expect.arrayContaining(['50 labels', '20 labels', 'recommended', 'viper']),
  )
  expect(svg).not.toContain('dagger-hard')
  expect(svg.match(/<circle/g)).toHaveLength(3)
})
