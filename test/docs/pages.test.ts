// The pages of docs/: their programs run and print what they say, and the files and names they point to are there.

import * as fs from 'node:fs'
import { format } from 'node:util'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { selections } from '../../src/distill/collecting/selection.ts'
import * as distillModule from '../../src/distill/index.ts'
import * as exportModule from '../../src/export/index.ts'
import * as nnModule from '../../src/nn/index.ts'
import * as rlModule from '../../src/rl/index.ts'
import * as tensorModule from '../../src/tensor/index.ts'
import { forgetAlgorithms } from '../support/own-algorithms.ts'

const modules: Readonly<Record<string, unknown>> = {
  ...{ 'alambic/tensor': tensorModule, 'alambic/nn': nnModule, 'alambic/rl': rlModule },
  ...{ 'alambic/distill': distillModule, 'alambic/export': exportModule, 'node:fs': fs },
}

afterAll(forgetAlgorithms)

const addressOf = (page: string) => new URL(`../../docs/${page}`, import.meta.url)
const read = (page: string) => fs.readFileSync(addressOf(page), 'utf8')

/** What a program prints, line by line. */
function output(program: string): string[] {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  const script = ts.transpileModule(program, { compilerOptions }).outputText
  const printed: string[] = []
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) }
  const require = (name: string) => {
    if (!(name in modules)) throw new Error(`the page imports ${name}`)
    return modules[name]
  }
  new Function('require', 'exports', 'console', script)(require, {}, console)
  return printed
}

describe.each(['tensors.md', 'algorithms.md', 'distillation.md', 'your-own.md'])('docs/%s', (page) => {
  const text = read(page)
  const programs = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!)

  it.each(programs.map((program, i) => [i + 1, program] as const))('program %i prints what it says', (_, program) => {
    const expected = [...program.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1]!.trim())
    expect(expected.length).toBeGreaterThan(0)
    expect(output(program)).toEqual(expected)
  })

  it('points to files that are there', () => {
    const links = [...text.matchAll(/\]\((\.\.\/[^)#]+)\)/g)].map((match) => match[1]!)
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) expect(fs.existsSync(new URL(link, addressOf(page))), link).toBe(true)
  })
})

it('docs/tensors.md names functions that are there', () => {
  const file = (path: string) => fs.readFileSync(new URL(`../../src/tensor/${path}`, import.meta.url), 'utf8')
  expect(file('ops/matmul.ts')).toContain('function product(')
  expect(file('ops/primitives.ts')).toContain('export function backendForBoth<')
  expect(file('backends/wasm/staging.ts')).toContain('export function address(')
  expect(file('arena.ts')).toContain('export function allocate(')
  expect(file('backends/wasm/matmul-kernels.ts')).toContain('const matmul = /* @__PURE__ */ kernel(')
})

it('docs/algorithms.md has the figures of the benchmark', () => {
  const text = read('algorithms.md')
  const file = new URL('../../bench/results/benchmark.json', import.meta.url)
  const tasks = JSON.parse(fs.readFileSync(file, 'utf8')) as { mean: number; worst: { mean: number } }[]
  const shown = (value: number) => value.toFixed(1).replace('-', '−')
  expect(tasks).toHaveLength(13)
  for (const { mean, worst } of tasks)
    expect(text).toMatch(new RegExp(`\\| ${shown(mean)} \\| .*\\| ${shown(worst.mean)} \\|`))
})

describe('docs/distillation.md', () => {
  const text = read('distillation.md')
  const firstColumn = (heading: string) => {
    const table = text
      .slice(text.indexOf(heading))
      .split('\n\n')
      .find((block) => block.startsWith('| '))!
    return table
      .split('\n')
      .slice(2)
      .flatMap((line) => [...line.split('|')[1]!.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!))
  }

  it('has every target, and no other', () => {
    expect(firstColumn('## What is learned').sort()).toEqual([...distillModule.targetNames].sort())
  })

  it('has every selection, and no other', () => {
    expect(firstColumn('The states are then selected by').sort()).toEqual([...selections].sort())
  })
})
