// Kernels travel to the device as the source text of functions, and a user's bundler makes that text small: names of one
// letter, statements joined by commas, a conditional for every `if`. All kernels must mean the same afterwards.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, describe, expect, it } from 'vitest'
import type { Outcome } from './checks/check.ts'
import { wantedModes } from './wanted.ts'

// In the project, for the bundle finds gpu.js in its node_modules.
const folder = fileURLToPath(new URL('../../node_modules/.cache/alambic-minified/', import.meta.url))
const bundle = `${folder}checks.mjs`
mkdirSync(folder, { recursive: true })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

await build({
  entryPoints: [fileURLToPath(new URL('./minified.ts', import.meta.url))],
  outfile: bundle,
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
})

describe.each(await wantedModes())('kernels made small by a bundler, $mode on $adapter', ({ mode }) => {
  const printed = execFileSync(process.execPath, [bundle, mode], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  const report = JSON.parse(printed.trim().split('\n').at(-1)!) as { mode: string; outcomes: Outcome[] }
  console.log(`ran in mode ${report.mode}, ${report.outcomes.length} checks`)

  it('ran in the mode that was asked for', () => expect(report.mode).toBe(mode))
  it.each(report.outcomes)('$name', ({ failure }) => expect(failure).toBeNull())
})
