// Reads every import under src/ and holds it to the floors: cli and study stand on distill, distill on rl, rl on nn, nn on
// tensor. plot knows plain numbers only, and nothing but the command may need Node.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src', import.meta.url))

/** What each floor may import, itself aside. */
const below: Record<string, readonly string[]> = {
  tensor: [],
  nn: ['tensor'],
  rl: ['nn', 'tensor'],
  distill: ['rl', 'nn', 'tensor'],
  export: ['distill', 'rl', 'nn', 'tensor'],
  plot: [],
  cli: ['plot', 'export', 'distill', 'rl', 'nn', 'tensor'],
  'index.ts': ['export', 'distill', 'rl', 'nn', 'tensor'],
}

// `from '…'`, `import '…'`, `import('…')`, in code that the formatter keeps on predictable lines.
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g

/** The one file outside of src/ that may be imported: it says which version this is. */
const MANIFEST = '../../package.json'

/** The specifiers that a module imports, comments aside. */
function importsOf(code: string): string[] {
  const withoutComments = code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(IMPORT)].map((match) => match[2]!)
}

/** What is wrong with `specifier` in the file `path` (relative to src/), or undefined. */
function complaint(path: string, specifier: string): string | undefined {
  const floor = path.split('/')[0]!
  if (specifier === MANIFEST && floor === 'cli') return undefined
  if (specifier.startsWith('.')) {
    const target = relative(source, resolve(source, dirname(path), specifier))
    const targetFloor = target.split('/')[0]!
    if (floor === 'cli' && target.startsWith('../studies/')) return undefined
    if (targetFloor === '..') return `${path} imports ${specifier}, outside of src/`
    if (targetFloor !== floor && !below[floor]?.includes(targetFloor)) {
      return `${path} imports ${specifier}: ${floor} may import ${below[floor]?.join(', ') || 'no other floor'}`
    }
    if (!specifier.endsWith('.ts')) return `${path} imports ${specifier} without its extension`
  }
  if (specifier.startsWith('node:') && floor !== 'cli')
    return `${path} imports ${specifier}: only src/cli may need Node`
  if (/^alambic(\/|$)/.test(specifier)) return `${path} imports the package itself: use a relative path`
  return undefined
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))

describe('imports', () => {
  it('point down, one floor to another', () => {
    const complaints = files.flatMap((path) =>
      importsOf(readFileSync(join(source, path), 'utf8')).map((specifier) => complaint(path, specifier)),
    )
    expect(complaints.filter((each) => each !== undefined)).toEqual([])
  })

  it('are all seen: static, type-only, re-exported, bare and dynamic', () => {
    const code = [
      `import { a } from './a.ts'`,
      `import type { B } from "./b.ts"`,
      `export * from './c.ts'`,
      `import './d.ts'`,
      `const e = await import('./e.ts')`,
      `import {\n  f,\n} from './f.ts'`,
      `// import './comment.ts'`,
    ].join('\n')
    expect(importsOf(code)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'])
  })

  it.each([
    ['tensor/tensor.ts', '../nn/linear.ts'],
    ['nn/linear.ts', '../rl/env.ts'],
    ['rl/env.ts', '../distill/targets.ts'],
    ['plot/report.ts', '../tensor/tensor.ts'],
    ['plot/report.ts', 'node:fs'],
    ['rl/env.ts', 'alambic/tensor'],
    ['distill/study.ts', '../cli/cli.ts'],
    ['distill/distill.ts', '../export/onnx.ts'],
  ])('%s may not import %s', (path, specifier) => {
    expect(complaint(path, specifier)).toBeDefined()
  })

  it.each([
    ['nn/linear.ts', '../tensor/tensor.ts'],
    ['distill/distill.ts', '../rl/env.ts'],
    ['cli/commands/demo.ts', '../../plot/report.ts'],
    ['cli/files.ts', 'node:fs'],
    ['plot/charts.ts', '@observablehq/plot'],
  ])('%s may import %s', (path, specifier) => {
    expect(complaint(path, specifier)).toBeUndefined()
  })
})
