// docs/tensors.md: its programs run and print what they say, and the files it points to are there.

import { existsSync, readFileSync } from 'node:fs'
import { format } from 'node:util'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as tensorModule from '../../src/tensor/index.ts'

const page = new URL('../../docs/tensors.md', import.meta.url)
const text = readFileSync(page, 'utf8')
const programs = [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => match[1]!)

/** What a program prints, line by line. */
function output(program: string): string[] {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  const script = ts.transpileModule(program, { compilerOptions }).outputText
  const printed: string[] = []
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) }
  const require = (name: string) => {
    if (name !== 'alambic/tensor') throw new Error(`the page imports ${name}`)
    return tensorModule
  }
  new Function('require', 'exports', 'console', script)(require, {}, console)
  return printed
}

describe('docs/tensors.md', () => {
  it.each(programs.map((program, i) => [i + 1, program] as const))('program %i prints what it says', (_, program) => {
    const expected = [...program.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1]!.trim())
    expect(output(program)).toEqual(expected)
  })

  it('points to files that are there', () => {
    const links = [...text.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map((match) => match[1]!)
    expect(links.length).toBeGreaterThan(8)
    for (const link of links) expect(existsSync(new URL(link, page)), link).toBe(true)
  })

  it('names functions that are there', () => {
    const file = (path: string) => readFileSync(new URL(`../../src/tensor/${path}`, import.meta.url), 'utf8')
    expect(file('ops/matmul.ts')).toContain('function product(')
    expect(file('ops/primitives.ts')).toContain('export function backendForBoth(')
    expect(file('backends/wasm/staging.ts')).toContain('export function address(')
    expect(file('scope.ts')).toContain('export function allocate(')
    expect(file('backends/wasm/matmul-kernels.ts')).toContain('const matmul = kernel(')
  })
})
