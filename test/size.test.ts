// How large src/ and test/ are, how long files and lines are, how much of the source is comment, how files are named, and that no
// modules import each other in a ring.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cyclesOf } from '../scripts/size/cycles.ts'
import { floorOf, importGraph, sourceFiles, valueImports } from '../scripts/size/modules.ts'
import * as ceilings from './support/ceilings.ts'

const files = sourceFiles()
const inFloor = (floor: string) => files.filter(({ path }) => floor === 'all' || floorOf(path) === floor)

/** Whether a line is a comment or part of one. */
function commentLines(code: string): number {
  let count = 0
  let isInside = false
  for (const line of code.split('\n').map((each) => each.trim())) {
    const isComment = isInside || line.startsWith('//') || line.startsWith('/*')
    if (isComment) count++
    if (isInside || line.startsWith('/*')) isInside = !line.includes('*/')
  }
  return count
}

describe('src/', () => {
  it('has no floor without a ceiling', () => {
    const floors = new Set(files.map(({ path }) => floorOf(path)))
    expect([...floors, 'all'].filter((floor) => ceilings.lines[floor] === undefined)).toEqual([])
  })

  it.each(Object.entries(ceilings.lines))('has few enough lines: %s', (floor, { ceiling }) => {
    expect(inFloor(floor).reduce((sum, { lines }) => sum + lines, 0)).toBeLessThanOrEqual(ceiling)
  })

  it.each(Object.entries(ceilings.files))('has few enough files: %s', (floor, { ceiling }) => {
    expect(inFloor(floor).length).toBeLessThanOrEqual(ceiling)
  })

  it('has lines of at most 140 columns, on average no longer than they were', () => {
    const lines = files.flatMap(({ code }) => code.split('\n').slice(0, -1))
    // Addresses and tables of instructions cannot be broken.
    expect(lines.filter((line) => line.length > 140).length).toBeLessThanOrEqual(ceilings.longLines.ceiling)
    expect(lines.reduce((sum, line) => sum + line.length, 0) / lines.length).toBeLessThanOrEqual(ceilings.MEAN_LINE)
  })

  it('is explained: the fraction of comments stays', () => {
    const total = files.reduce((sum, { lines }) => sum + lines, 0)
    const comments = files.reduce((sum, { code }) => sum + commentLines(code), 0)
    expect(comments / total).toBeGreaterThan(ceilings.COMMENTS - 0.01)
  })

  it('has at most twelve files at the root of rl', () => {
    expect(files.filter(({ path }) => /^rl\/[^/]+$/.test(path)).length).toBeLessThanOrEqual(12)
  })

  it('has no two files of a floor whose names differ by a plural', () => {
    const names = new Set(files.map(({ path }) => `${floorOf(path)}/${path.split('/').at(-1)}`))
    const plurals = [...names].filter((name) => names.has(name.replace(/\.ts$/, 's.ts')))
    expect(plurals).toEqual([])
  })

  it('has no long files but those that are known', () => {
    const long = files.filter(({ lines }) => lines > ceilings.LONGEST_FILE).map(({ path }) => path)
    expect(long).toEqual(Object.keys(ceilings.longFiles))
  })

  it('has no modules that import each other but those that are known', () => {
    expect(cyclesOf(importGraph(files))).toEqual(ceilings.knownCycles)
  })
})

it('test/: has few enough lines', () => {
  const root = fileURLToPath(new URL('.', import.meta.url))
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  const lines = paths.reduce((sum, path) => sum + readFileSync(`${root}/${path}`, 'utf8').split('\n').length - 1, 0)
  expect(lines).toBeLessThanOrEqual(ceilings.testLines.ceiling)
})

describe('the search for cycles', () => {
  const cycles = (edges: Readonly<Record<string, readonly string[]>>) => cyclesOf(new Map(Object.entries(edges)))

  it('finds rings, rings that share a module, and modules that import themselves', () => {
    expect(cycles({ a: ['b'], b: ['c'], c: [] })).toEqual([])
    expect(cycles({ a: ['b'], b: ['c'], c: ['b'] })).toEqual([['b', 'c']])
    expect(cycles({ a: ['b'], b: ['a', 'c'], c: ['d'], d: ['b'] })).toEqual([['a', 'b', 'c', 'd']])
    expect(cycles({ a: ['a'], b: ['c'], c: ['b', 'a'] })).toEqual([['a'], ['b', 'c']])
    expect(cycles({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })).toEqual([])
  })

  it('follows values, not types', () => {
    const code = [
      `import type { A } from './a.ts'`,
      `import { type B, type C } from './b.ts'`,
      `import { type D, e } from './d.ts'`,
      `import * as f from './f.ts'`,
      `import './g.ts'`,
      `export * from './h.ts'`,
      `export type * from './i.ts'`,
      `export { type J } from './j.ts'`,
      `export { k } from './k.ts'`,
    ].join('\n')
    expect(valueImports(code)).toEqual(['./d.ts', './f.ts', './g.ts', './h.ts', './k.ts'])
  })
})
