// docs/gpu.md: its programs run and print what they say, the kernel it shows is the kernel, its links and commands are there.

import { existsSync, readFileSync } from 'node:fs'
import { format } from 'node:util'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import * as gpu from '../../src/gpu/index.ts'
import { wgslText } from '../../src/gpu/wgsl/kernels.ts'
import * as nn from '../../src/nn/index.ts'
import * as tensor from '../../src/tensor/index.ts'

const page = new URL('../../docs/gpu.md', import.meta.url)
const text = readFileSync(page, 'utf8')
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^\`]*)^\`\`\``, 'gm'))].map((match) => match[1]!)

/** What a program prints, line by line. */
async function output(program: string): Promise<string[]> {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
  const script = ts.transpileModule(program, { compilerOptions }).outputText
  const printed: string[] = []
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) }
  const modules: Record<string, object> = { 'alambic/tensor': tensor, 'alambic/nn': nn, 'alambic/gpu': gpu }
  const run = new Function('require', 'exports', 'console', `return (async () => { ${script} })()`)
  await run((name: string) => modules[name], {}, console)
  return printed
}

describe('docs/gpu.md', () => {
  it.each(blocks('ts').map((program, i) => [i + 1, program] as const))(
    'program %i prints what it says',
    async (_, it) => {
      const expected = [...it.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1]!.trim())
      expect(expected.length).toBeGreaterThan(2)
      expect(await output(it)).toEqual(expected)
    },
  )

  it('shows the kernels as they are', () => {
    const [shown] = blocks('typescript')
    expect(readFileSync(new URL('../src/gpu/gpujs/matmul.ts', page), 'utf8')).toContain(shown)
    expect(wgslText('matmul')).toContain(blocks('wgsl')[0])
  })

  it('points to files and commands that are there', () => {
    const links = [...text.matchAll(/\]\((\.\.\/[^)]+)\)/g)].map((match) => match[1]!)
    expect(links.length).toBeGreaterThan(3)
    for (const link of links) expect(existsSync(new URL(link, page)), link).toBe(true)
    for (const [, path] of text.matchAll(/`(test\/[\w./-]+\.ts)`/g)) {
      expect(existsSync(new URL(`../${path}`, page)), path).toBe(true)
    }
    for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) expect(packageJson.scripts).toHaveProperty([script!])
  })
})
