// `npm run bench`: every program of this folder, one process each; `npm run bench -- matmul` only that program, or those
// whose name contains "matmul". Shared code is in the subfolders. Each is bundled first, as the package is: running
// TypeScript directly would wrap every inner function to keep its name, and that costs more than some of the calls measured.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname
const wanted = process.argv[2] ?? ''
const all = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== basename(import.meta.filename))
const programs = all.includes(`${wanted}.ts`) ? [`${wanted}.ts`] : all.filter((file) => file.includes(wanted)).sort()
if (wanted === '--help' || wanted === '-h') {
  const names = all.map((file) => basename(file, '.ts'))
  console.log(
    `Usage: npm run bench -- [name] [options of that bench]\n\nRuns every bench, or those with the name: ${names.join(', ')}.`,
  )
  process.exit()
}
if (programs.length === 0) {
  console.error(`no bench holds "${wanted}" in its name; there are ${all.join(', ') || 'none'}`)
  process.exit(2)
}

const bundles = join(folder, '..', 'node_modules', '.cache', 'alambic-bench')
mkdirSync(bundles, { recursive: true })

if (programs.length > 1) console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`)
for (const program of programs) {
  if (programs.length > 1) console.log(`\n== ${basename(program, '.ts')}`)
  const outfile = join(bundles, program.replace(/\.ts$/, '.mjs'))
  const entryPoints = [join(folder, program)]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external' })
  const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, ...process.argv.slice(3)], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = programs.length > 1 ? 1 : (status ?? 1)
}
