import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { benchmarkDocs } from '../../scripts/benchmark-docs.ts'

const root = join(import.meta.dirname, '../..')
const files = benchmarkDocs()

it.each([...files.keys()])('%s is what `npm run docs:benchmarks` draws from bench/results', (path) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(files.get(path))
})

it('has a picture for each curve and none beside them', () => {
  const pictures = [...files.keys()].filter((path) => path.endsWith('.svg')).map((path) => path.split('/').at(-1))
  expect(readdirSync(join(root, 'docs/media/benchmarks')).sort()).toEqual(pictures.sort())
  for (const name of pictures) expect(files.get('docs/benchmarks.md')).toContain(`media/benchmarks/${name}`)
})
