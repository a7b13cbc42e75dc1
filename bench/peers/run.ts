// Bundles a program of this folder, as bench/run.ts does with the others, and runs it: `peers`, or `rl` if that is named first.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname
const argv = process.argv.slice(2)
const name = argv[0] === 'rl' ? argv.shift()! : 'peers'
if (name === 'peers' && !existsSync(join(folder, 'node_modules', '@jax-js'))) {
  spawnSync('npm', ['--prefix', folder, 'ci', '--silent'], { stdio: ['ignore', 'ignore', 'inherit'] })
}
const outdir = join(folder, 'node_modules', '.bench') // where the peers' packages are found
const programs = name === 'rl' ? ['rl'] : ['peers', 'alambic', 'tfjs', 'jax']
const entryPoints = programs.map((each) => join(folder, `${each}.ts`))
await build({
  ...{ entryPoints, outdir, outExtension: { '.js': '.mjs' }, bundle: true },
  ...{ platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' },
})
const env = { ...process.env, BENCH_PEERS: folder }
const { status } = spawnSync(process.execPath, ['--expose-gc', join(outdir, `${name}.mjs`), ...argv], {
  ...{ stdio: 'inherit', env },
})
process.exitCode = status ?? 1
