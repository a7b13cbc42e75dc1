// Many seeds in child processes: an interrupt, a seed that fails.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules', '.cache')

let folder = ''
let program = ''
beforeAll(async () => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'alambic-many-'))
  program = join(folder, 'cli.mjs')
  const entryPoints = [join(root, 'src/cli/cli.ts')]
  const format = { bundle: true, packages: 'external', platform: 'node', format: 'esm', logLevel: 'error' } as const
  await build({ entryPoints, outfile: program, ...format })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function alambic(argv: readonly string[]) {
  const options = { cwd: folder, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], options)
  return { status, stdout, stderr }
}

const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'))
const seeds = (name: string, list: string, steps = '500') => [
  ...'train q-learning --env FrozenLake-v1 --steps'.split(' '),
  steps,
  '--seeds',
  list,
  ...'--jobs 2 --name'.split(' '),
  name,
]

it('an interrupt stops all seeds; the same command continues, and ends with the bytes of one that never stopped', async () => {
  const line = (name: string) => [...seeds(name, '0-1', '600000'), '--checkpoint-seconds', '1000']
  const pathOf = (seed: number) => join(folder, `runs/stopped/seed-${seed}`)
  const both = (file: string) => [0, 1].map((seed) => existsSync(join(pathOf(seed), file)))
  // On a loaded machine a seed may not reach its next report in the time that a signal leaves it: then it starts again.
  const attempts = 5
  for (let attempt = 1; attempt <= attempts && both('checkpoint.safetensors').includes(false); attempt++) {
    for (const seed of [0, 1]) rmSync(pathOf(seed), { recursive: true, force: true })
    const child = spawn(process.execPath, [program, ...line('stopped')], { cwd: folder })
    let said = ''
    child.stderr.on('data', (chunk) => (said += chunk))
    while (both('.lock').includes(false) && child.exitCode === null) await setTimeout(20)
    await setTimeout(400 * attempt)
    child.kill('SIGINT')
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(130)
    expect(said).toContain(`continue with: alambic ${line('stopped').join(' ')}`)
    expect(both('evaluation.json')).toEqual([false, false])
  }
  expect(both('checkpoint.safetensors')).toEqual([true, true])
  for (const name of ['stopped', 'whole']) expect(alambic(line(name)).status).toBe(0)
  for (const file of ['checkpoint.safetensors', 'agent.safetensors', 'episodes.csv', 'evaluation.json']) {
    const [stopped, whole] = ['stopped', 'whole'].map((name) =>
      readFileSync(join(folder, `runs/${name}/seed-1/${file}`)),
    )
    expect(stopped!.equals(whole!), file).toBe(true)
  }
})

it('a seed that fails is named, and the others go on', () => {
  mkdirSync(join(folder, 'runs/locked/seed-1'), { recursive: true })
  writeFileSync(join(folder, 'runs/locked/seed-1/.lock'), `${process.pid}`)
  const { status, stderr } = alambic(seeds('locked', '0-2'))
  expect([status, stderr]).toEqual([1, expect.stringMatching(/error: seed 1 failed: .*being written by process/)])
  expect(read('runs/locked/results.json').seeds.map(({ seed }: { seed: number }) => seed)).toEqual([0, 2])
})
