// Bundles the bench of the peers, as bench/run.ts does with the others, and runs it.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname
const outfile = join(folder, 'node_modules', '.bench.mjs')
const entryPoints = [join(folder, 'training-step.ts')]
await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
process.exitCode = spawnSync(process.execPath, ['--expose-gc', outfile], { stdio: 'inherit' }).status ?? 1
