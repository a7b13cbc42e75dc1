// The page that `npm run mutation` writes from Stryker's report.

import { expect, it } from 'vitest'
import { type MutationReport, markdownOf, outcomesOf } from '../scripts/mutation/report.ts'

const mutant = (status: string, line: number, start: number, end: number, replacement: string) => ({
  ...{ mutatorName: 'ArithmeticOperator', replacement, status },
  location: { start: { line, column: start }, end: { line, column: end } },
})

const report: MutationReport = {
  files: {
    'src/rl/b.ts': {
      source: 'const x = a + b\nconst y = c | d\n',
      mutants: [
        mutant('Survived', 2, 11, 16, 'c & d'),
        mutant('NoCoverage', 1, 11, 16, 'a - b'),
        mutant('Killed', 1, 11, 16, ''),
        mutant('Ignored', 1, 11, 16, ''),
        { ...mutant('Ignored', 1, 11, 16, ''), static: true },
      ],
    },
    'src/nn/a.ts': { source: 'const z = e * f\n', mutants: [mutant('Timeout', 1, 11, 16, 'e / f')] },
  },
}

it('has the score of each floor and file, and the survivors by line; what runs forever is noticed', () => {
  const lines = markdownOf(outcomesOf(report, String), [], '2026-11-26').split('\n')
  expect(lines).toContain('| nn | 100.0 % | 1 | 1 | 0 | 100 % |')
  expect(lines).toContain('| rl | 33.3 % | 3 | 1 | 2 | 100 % |')
  expect(lines).toContain('| all | 50.0 % | 4 | 2 | 2 | 100 % |')
  expect(lines).toContain('| `src/rl/b.ts` | 33.3 % | 3 | 1 | 2 | 100 % |')
  expect(lines.some((line) => line.includes(' 1 more, which run only while a module loads'))).toBe(true)
  expect(lines.filter((line) => line.startsWith('- '))).toEqual([
    '- src/rl/b.ts:1 ArithmeticOperator: `a + b` → `a - b`',
    '- src/rl/b.ts:2 ArithmeticOperator: `c | d` → `c & d`',
  ])
})

it('names the files that are not judged', () => {
  expect(markdownOf({}, ['src/rl/c.ts'], '2026-11-26')).toContain('Not judged yet: src/rl/c.ts.')
})

it('keeps of each file what its source was, so that a changed file is judged again', () => {
  const { 'src/nn/a.ts': outcome } = outcomesOf(report, (source) => source.trim())
  expect(outcome).toEqual({ digest: 'const z = e * f', killed: 1, survivors: [], atImport: 0 })
})

it('tells which share of the lines was judged, where a sample was drawn', () => {
  const outcomes = outcomesOf(report, String)
  const lines = markdownOf({ ...outcomes, 'src/rl/b.ts': { ...outcomes['src/rl/b.ts']!, sample: 4 } }, [], '2026-11-26')
  expect(lines).toContain('| `src/rl/b.ts` | 33.3 % | 3 | 1 | 2 | 25 % |')
  expect(lines).toContain('| all | 50.0 % | 4 | 2 | 2 | 63 % |')
})
