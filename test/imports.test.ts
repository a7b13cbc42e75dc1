// Reads every import under src/ and holds it to the floors: cli stands on distill; distill, tabular and render on rl; rl on nn, nn
// on tensor; gpu stands beside rl, and only the command on it. No modules import each other in a circle. plot takes plain numbers
// only, and only the command may need Node. studies/ imports the package by its public names.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }

const source = fileURLToPath(new URL('../src', import.meta.url))
const studies = fileURLToPath(new URL('../studies', import.meta.url))

/** What each floor may import, itself aside. */
const below: Record<string, readonly string[]> = {
  tensor: [],
  nn: ['tensor'],
  gpu: ['nn', 'tensor'],
  data: ['nn', 'tensor'],
  rl: ['data', 'nn', 'tensor'],
  distill: ['rl', 'data', 'nn', 'tensor'],
  export: ['tabular', 'distill', 'rl', 'data', 'nn', 'tensor'],
  tabular: ['rl', 'data', 'nn', 'tensor'],
  render: ['rl', 'data', 'tensor'],
  plot: [],
  cli: ['plot', 'render', 'tabular', 'export', 'distill', 'rl', 'data', 'gpu', 'nn', 'tensor'],
  'index.ts': ['export', 'distill', 'rl', 'data', 'nn', 'tensor'],
}

// `from '…'`, `import '…'`, `import('…')`, in code that the formatter keeps on predictable lines.
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g

/** The only imports from outside of src/: the version, and the demo, which `alambic demo` loads when it is called. */
const outside: Readonly<Record<string, string>> = {
  'cli/runs/run-folder.ts': '../../../package.json',
  'cli/commands/demo.ts': '../../../studies/demo/index.ts',
}

/** The specifiers that a module imports, comments aside. */
function importsOf(code: string): string[] {
  const withoutComments = code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(IMPORT)].map((match) => match[2]!)
}

/** The modules that a module needs when it is evaluated: its static imports, those of types aside. */
function neededBy(path: string, code: string): string[] {
  const withoutTypes = code.replace(/^(?:import|export) type [^'"]*?from '[^']+'/gm, '')
  const dynamic = new Set([...withoutTypes.matchAll(/\bimport\(\s*'([^']+)'/g)].map((match) => match[1]!))
  return importsOf(withoutTypes)
    .filter((specifier) => specifier.startsWith('.') && !dynamic.has(specifier))
    .map((specifier) => relative(source, resolve(source, dirname(path), specifier)).replaceAll('\\', '/'))
}

/** The circles of a graph: sets of modules each of which needs all others. Tarjan 1972. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const places = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (node: string): void => {
    places.set(node, places.size)
    lowest.set(node, places.get(node)!)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!places.has(next)) visit(next)
      else if (!stack.includes(next)) continue
      lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!))
    }
    if (lowest.get(node) !== places.get(node)) return
    const circle = stack.splice(stack.indexOf(node))
    if (circle.length > 1) circles.push(circle)
  }
  for (const node of graph.keys()) if (!places.has(node)) visit(node)
  return circles
}

/** What is wrong with `specifier` in the file `path` (relative to src/), or undefined. */
function complaint(path: string, specifier: string): string | undefined {
  const floor = path.split('/')[0]!
  if (outside[path] === specifier) return undefined
  if (specifier.startsWith('.')) {
    const target = relative(source, resolve(source, dirname(path), specifier))
    const targetFloor = target.split('/')[0]!
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

/** What is wrong with `specifier` in the file `path` (relative to studies/), or undefined. */
function studyComplaint(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const isInside = !relative(studies, resolve(studies, dirname(path), specifier)).startsWith('..')
    return isInside ? undefined : `${path} imports ${specifier}, outside of studies/: import a public name of alambic`
  }
  const [entry] = /^alambic(\/.*)?$/.exec(specifier) ?? []
  if (entry === undefined || Object.hasOwn(packageJson.exports, entry.replace('alambic', '.'))) return undefined
  return `${path} imports ${specifier}, which is no entry point of the package`
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))

const complaintsOf = (folder: string, check: typeof complaint) =>
  filesOf(folder)
    .flatMap((path) => importsOf(readFileSync(join(folder, path), 'utf8')).map((specifier) => check(path, specifier)))
    .filter((each) => each !== undefined)

describe('imports', () => {
  it('point down, one floor to another', () => expect(complaintsOf(source, complaint)).toEqual([]))

  it('of studies/ are its own files, packages and entry points of alambic', () => {
    expect(complaintsOf(studies, studyComplaint)).toEqual([])
  })

  it('make no circle', () => {
    const graph = new Map(
      filesOf(source).map((path) => [path, neededBy(path, readFileSync(join(source, path), 'utf8'))]),
    )
    expect(graph.get('nn/layers/mlp.ts')).toContain('nn/layers/linear.ts')
    expect(circlesOf(graph)).toEqual([])
  })

  it('go one way between a folder and the folders inside it, entry points aside', () => {
    const pairs = new Map<string, Set<'up' | 'down'>>()
    for (const path of filesOf(source)) {
      if (path.endsWith('index.ts')) continue
      const from = dirname(path)
      for (const specifier of importsOf(readFileSync(join(source, path), 'utf8'))) {
        if (!specifier.startsWith('.')) continue
        const to = dirname(relative(source, resolve(source, from, specifier)).replaceAll('\\', '/'))
        const [outer, inner] = from.length < to.length ? [from, to] : [to, from]
        if (!inner.startsWith(`${outer}/`)) continue
        const key = `${outer} and ${inner}`
        pairs.set(key, (pairs.get(key) ?? new Set()).add(outer === from ? 'down' : 'up'))
      }
    }
    expect(pairs.size).toBeGreaterThan(10)
    expect([...pairs].filter(([, ways]) => ways.size === 2).map(([key]) => key)).toEqual([])
  })

  it('make a circle where two modules need each other, types and dynamic imports aside', () => {
    const needed = { 'a.ts': `import { b } from './b.ts'`, 'b.ts': `import { a } from './a.ts'` }
    const graphOf = (files: Record<string, string>) =>
      new Map(Object.entries(files).map(([path, code]) => [path, neededBy(path, code)]))
    expect(circlesOf(graphOf(needed))).toEqual([['a.ts', 'b.ts']])
    for (const code of [`import type { a } from './a.ts'`, `const a = () => import('./a.ts')`]) {
      expect(circlesOf(graphOf({ ...needed, 'b.ts': code }))).toEqual([])
    }
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
    ['nn/layers/linear.ts', '../../rl/envs/env.ts'],
    ['nn/layers/linear.ts', '../../gpu/to-device.ts'],
    ['rl/env.ts', '../gpu/to-device.ts'],
    ['rl/env.ts', '../distill/targets.ts'],
    ['plot/report.ts', '../tensor/tensor.ts'],
    ['plot/report.ts', 'node:fs'],
    ['rl/env.ts', 'alambic/tensor'],
    ['distill/study.ts', '../cli/cli.ts'],
    ['distill/distill.ts', '../export/onnx.ts'],
    ['rl/env.ts', '../../studies/demo/index.ts'],
    ['cli/commands/train.ts', '../../../studies/demo/index.ts'],
    ['cli/commands/demo.ts', '../../../studies/demo/run.ts'],
    ['rl/wrappers/wrapper.ts', '../../render/scene.ts'],
    ['rl/algorithms/registry.ts', '../../tabular/algorithms.ts'],
  ])('%s may not import %s', (path, specifier) => expect(complaint(path, specifier)).toBeDefined())

  it.each([
    ['nn/layers/linear.ts', '../tensor/tensor.ts'],
    ['distill/distill.ts', '../rl/env.ts'],
    ['cli/commands/demo.ts', '../../plot/report.ts'],
    ['cli/files.ts', 'node:fs'],
    ['render/classic-control.ts', '../rl/envs/cart-pole.ts'],
    ['tabular/q-table.ts', '../rl/exploration.ts'],
    ['plot/charts.ts', '@observablehq/plot'],
    ['cli/commands/demo.ts', '../../../studies/demo/index.ts'],
  ])('%s may import %s', (path, specifier) => expect(complaint(path, specifier)).toBeUndefined())

  it.each(['../../src/rl/env.ts', '../../src/rl/index.ts', '../../test/support/numbers.ts', 'alambic/rl/env.ts'])(
    'studies/ may not import %s',
    (specifier) => expect(studyComplaint('demo/run.ts', specifier)).toBeDefined(),
  )

  it.each(['alambic', 'alambic/rl', '../plot/groups.ts', './plan.ts', 'commander', 'node:fs'])(
    'studies/ may import %s',
    (specifier) => expect(studyComplaint('demo/run.ts', specifier)).toBeUndefined(),
  )
})
