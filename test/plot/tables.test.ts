import { expect, it } from 'vitest'
import { formatTable } from '../../src/plot/format.ts'

it('sets numbers to the right, words to the left, and draws one line under the head', () => {
  const rows = [
    ['policy', '4,610', '500.0 ± 0.0'],
    ['no teacher', '4,610', '88.3 ± 12.1'],
  ]
  expect(formatTable(['method', 'parameters', 'return'], rows).split('\n')).toEqual([
    'method      parameters       return',
    '───────────────────────────────────',
    'policy           4,610  500.0 ± 0.0',
    'no teacher       4,610  88.3 ± 12.1',
  ])
})

it('has a head even without rows', () => expect(formatTable(['method', 'return'], [])).toMatch(/^method {2}return\n─+/))
