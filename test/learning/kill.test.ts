// A run that is killed again and again, at any moment, and each time goes on: in the end its folder has the same bytes as that
// of a run that nobody touched.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Rng } from '../../src/tensor/random.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules', '.cache')
const KILLS = 10

let folder = ''
let program = ''
beforeAll(async () => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, 'alambic-kill-'))
  program = join(folder, 'cli.mjs')
  const entryPoints = [join(root, 'src/cli/cli.ts')]
  await build({
    ...{ entryPoints, outfile: program, bundle: true, packages: 'external', platform: 'node', format: 'esm' },
    logLevel: 'error',
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** The files of a run. timings.json has the seconds of a distillation, and its report repeats them. */
const files = (path: string) => {
  const names = readdirSync(path)
  const timed = names.includes('timings.json') ? ['timings.json', 'report.html'] : []
  return Object.fromEntries(
    names.map((file) => [file, timed.includes(file) ? 'timed' : hash(readFileSync(join(path, file)))]),
  )
}

/** Runs the command and kills it after so many milliseconds, if it has not ended by then. Says whether it was killed. */
function runFor(milliseconds: number, ...argv: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...argv], { cwd: folder, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
    child.on('exit', (_, signal) => {
      clearTimeout(timer)
      resolve(signal === 'SIGKILL')
    })
  })
}

const teacher = join(root, 'bench/teachers/cartpole-1.safetensors')
const runs = {
  ppo: 'train ppo --env CartPole-v1 --name run --steps 200000 --seed 5 --hidden 32,32'.split(' '),
  dqn: [
    ...'train dqn --env CartPole-v1 --name run --steps 20000 --seed 5 --hidden 32,32'.split(' '),
    ...['--buffer-size', '2000'],
  ],
  distill: ['distill', '--teacher', teacher, '--labels', '100', '--rounds', '5', '--updates', '80', '--seed', '5'],
}

describe.each(Object.entries(runs))('%s', (name, begin) => {
  it(`killed ${KILLS} times, ends as if it never had been`, { timeout: 300_000 }, async () => {
    const pathOf = (kind: string) => join(folder, `${name}-${kind}`, 'run')
    const command = (kind: string) => {
      const out = name === 'distill' ? pathOf(kind) : `${name}-${kind}`
      return [...begin, '--checkpoint-seconds', '0', '--out', out]
    }
    const started = performance.now()
    expect(spawnSync(process.execPath, [program, ...command('whole')], { cwd: folder }).status).toBe(0)
    const duration = performance.now() - started
    const path = pathOf('broken')

    const rng = new Rng(Math.floor(started))
    let kills = 0
    let start = 0 // milliseconds until a run has begun, at least: a kill before leaves nothing to resume
    // The first run may have been slow for a reason that has passed: a run that ends after too few kills starts again, with half
    // the patience.
    for (let share = 0.5; kills < 3 && share > 0.1; share /= 2) {
      kills = 0
      rmSync(path, { recursive: true, force: true })
      while (kills < KILLS) {
        // Long enough that the run gets further, on the average by a fraction of what is left.
        const patience = start + rng.uniform(0.1, share) * duration
        const again = existsSync(join(path, 'config.json'))
        const argv = again ? ['resume', path, '--checkpoint-seconds', '0'] : command('broken')
        const killed = await runFor(patience, ...argv)
        if (!killed) break // it came to its end
        if (existsSync(join(path, 'config.json'))) kills++
        else start += 0.1 * duration
      }
    }
    expect(kills).toBeGreaterThanOrEqual(3)
    expect(spawnSync(process.execPath, [program, 'resume', path], { cwd: folder }).status).toBe(0)
    const passing = (file: string) => file.endsWith('.part') // what a kill in the middle of writing leaves behind
    const left = Object.entries(files(path)).filter(([file]) => !passing(file))
    expect(Object.fromEntries(left)).toEqual(files(pathOf('whole')))
  })
})
