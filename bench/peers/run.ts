// Bundles a bench of this folder, as bench/run.ts does with the others, and runs it: `training-step`, or the one named first.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname
const [name = 'training-step', ...rest] = process.argv.slice(2)
const outfile = join(folder, 'node_modules', `.bench-${name}.mjs`)
const entryPoints = [join(folder, `${name}.ts`)]
await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
process.exitCode = spawnSync(process.execPath, ['--expose-gc', outfile, ...rest], { stdio: 'inherit' }).status ?? 1
