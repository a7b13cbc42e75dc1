// How large src/ is, how long its files are, and that no modules import each other in a ring but those that are known to.

import { describe, expect, it } from 'vitest'
import { cyclesOf } from '../scripts/size/cycles.ts'
import { floorOf, importGraph, sourceFiles, valueImports } from '../scripts/size/modules.ts'
import * as ceilings from './support/ceilings.ts'

const files = sourceFiles()
const inFloor = (floor: string) => files.filter(({ path }) => floor === 'all' || floorOf(path) === floor)

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

  it('has no long files but those that are known', () => {
    const long = files.filter(({ lines }) => lines > ceilings.LONGEST_FILE).map(({ path }) => path)
    expect(long).toEqual(Object.keys(ceilings.longFiles))
  })

  it('has no modules that import each other but those that are known', () => {
    expect(cyclesOf(importGraph(files))).toEqual(ceilings.knownCycles)
  })
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
