// How many names each entry point has, types included. A name is public if a program, a document or a study writes it down;
// what only the library and its tests use is imported by its path.

import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const ceilings = { tensor: 92, gpu: 10, nn: 78, tabular: 28, render: 8 } as const

/** A name of each entry point, which the test finds if it reads exports at all. */
const known = { tensor: 'Tensor', gpu: 'openDevice', nn: 'MLP', tabular: 'qLearning', render: 'drawEnv' } as const

it('an entry point has no more names than it should', () => {
  const entries = Object.keys(ceilings).map((floor) =>
    fileURLToPath(new URL(`../src/${floor}/index.ts`, import.meta.url)),
  )
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
    types: [],
  }
  const program = ts.createProgram(entries, options)
  const checker = program.getTypeChecker()
  Object.entries(ceilings).forEach(([floor, ceiling], i) => {
    const names = checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(entries[i]!)!)!)
      .map(({ name }) => name)
    expect(names, floor).toContain(known[floor as keyof typeof known])
    expect(names.length, `${floor}: ${names.sort().join(', ')}`).toBeLessThanOrEqual(ceiling)
  })
})
