// `npm run bench`: every program of this folder, one process each; `npm run bench -- matmul` only those whose name holds
// "matmul". What the programs share lies in folders below.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, join } from 'node:path'

const folder = import.meta.dirname
const wanted = process.argv[2] ?? ''
const all = readdirSync(folder).filter((file) => file.endsWith('.ts') && file !== basename(import.meta.filename))
const programs = all.filter((file) => file.includes(wanted)).sort()
if (programs.length === 0) {
  console.error(`no bench holds "${wanted}" in its name; there are ${all.join(', ') || 'none'}`)
  process.exit(2)
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`)
for (const program of programs) {
  console.log(`\n== ${basename(program, '.ts')}`)
  const { status } = spawnSync(process.execPath, ['--expose-gc', '--import', 'tsx', join(folder, program)], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
