// The planted errors of `npm run test:mutants`: a list that has fallen behind the source would catch nothing.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { algorithmMutants } from '../scripts/mutants/algorithms.ts'
import { environmentMutants } from '../scripts/mutants/environments.ts'
import { kernelMutants } from '../scripts/mutants/kernels.ts'
import type { Mutant } from '../scripts/mutants/mutant.ts'
import { networkMutants } from '../scripts/mutants/networks.ts'
import { operationMutants } from '../scripts/mutants/operations.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const lists: [string, readonly Mutant[]][] = Object.entries({
  operationMutants,
  kernelMutants,
  networkMutants,
  environmentMutants,
  algorithmMutants,
})

it.each(lists)('every error of %s is in a line of the source, once, and has tests', (_, mutants) => {
  for (const { file, find, replace, tests } of mutants) {
    const places = readFileSync(join(root, file), 'utf8').split(find).length - 1
    expect.soft(places, `${file}: places of ${find}`).toBe(1)
    expect.soft(replace, file).not.toBe(find)
    for (const test of tests) expect.soft(existsSync(join(root, test)), test).toBe(true)
  }
})
