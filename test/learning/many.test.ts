// Many seeds in child processes: the job files of docs/algorithms.md, an interrupt, a seed that fails, a sweep.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

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

function alambic(argv: readonly string[], variables: NodeJS.ProcessEnv = {}) {
  const options = { cwd: folder, env: { ...process.env, ...variables }, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...argv], options)
  return { status, stdout, stderr }
}

const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'))
const quick = ['--steps', '500', '--envs', '1']
const seeds = (name: string, list: string, steps = '500') => [
  'train',
  'q-learning',
  '--env',
  'FrozenLake-v1',
  '--steps',
  steps,
  '--seeds',
  list,
  '--jobs',
  '2',
  '--name',
  name,
]

describe('the job files of docs/algorithms.md', () => {
  const page = readFileSync(join(root, 'docs/algorithms.md'), 'utf8')
  const slurm = /^srun npx alambic (.*)$/m.exec(page)![1]!.split(' ')
  const command = /alambic\.js, (.*)\]$/m.exec(page)![1]!.split(', ')
  const ofKubernetes = command.map((each) => each.replace('/runs', 'runs'))

  it.each([
    [
      'SLURM',
      slurm,
      (i: number) => ({ SLURM_ARRAY_TASK_ID: `${i}`, SLURM_ARRAY_TASK_MIN: '0', SLURM_ARRAY_TASK_COUNT: '2' }),
    ],
    ['Kubernetes', ofKubernetes, (i: number) => ({ JOB_COMPLETION_INDEX: `${i}` })],
  ])('%s: parts by its variables, then --merge', (kind, argv, variablesOf) => {
    const line = argv.map((each) => each.replace('0-9', '0-3').replace('auto/5', 'auto/2').replace('runs', kind))
    for (const i of [0, 1]) {
      const { status, stdout } = alambic([...line, ...quick], variablesOf(i))
      expect([status, stdout]).toEqual([0, expect.stringContaining(`part ${i + 1} of 2: 2 runs`)])
    }
    const merge = [...line.filter((each, i) => each !== '--shard' && line[i - 1] !== '--shard'), ...quick, '--merge']
    expect(alambic(merge).status).toBe(0)
    const path = `${kind}/balance`
    expect(read(`${path}/results.json`).seeds.map(({ seed }: { seed: number }) => seed)).toEqual([0, 1, 2, 3])
    expect(existsSync(join(folder, path, 'report.html'))).toBe(true)

    const config = join(folder, path, 'seed-2/config.json')
    const text = readFileSync(config, 'utf8')
    writeFileSync(config, text.replace(/"version": "[^"]*"/, '"version": "0.0.1"'))
    expect(alambic(merge)).toMatchObject({ status: 2, stderr: expect.stringMatching(/different versions.*0\.0\.1/) })
    writeFileSync(config, text.replace('"gamma": 0.9', '"gamma": 0.8'))
    expect(alambic(merge)).toMatchObject({ status: 2, stderr: expect.stringMatching(/seed-2.* has gamma=0\.8/) })
  })
})

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

it('a sweep sorts its trials, skips finished runs, and prints lines that train them again', () => {
  const sweep = (trials: number) => [
    ...['sweep', 'q-learning', '--env', 'CliffWalking-v1', '--trials', `${trials}`, '--seeds', '0-1', '--jobs', '2'],
    ...['--vary', 'learning-rate=0.01:1:log', '--vary', 'epsilon=0.1,0.3', '--steps', '2000', '--name', 'search'],
  ]
  expect(alambic(sweep(2)).status).toBe(0)
  const before = readFileSync(join(folder, 'runs/search/trial-1/seed-0/timings.json'), 'utf8')
  expect(alambic(sweep(3)).status).toBe(0)
  expect(readFileSync(join(folder, 'runs/search/trial-1/seed-0/timings.json'), 'utf8')).toBe(before)
  const { trials } = read('runs/search/results.json') as { trials: { trial: number; mean: number; command: string }[] }
  expect(trials.map(({ mean }) => mean)).toEqual(trials.map(({ mean }) => mean).sort((a, b) => b - a))
  expect(readFileSync(join(folder, 'runs/search/results.csv'), 'utf8').trim().split('\n')).toHaveLength(4)
  expect(alambic([...trials[0]!.command.split(' ').slice(1), '--name', 'again']).status).toBe(0)
  expect(read('runs/again/results.json').mean).toBe(trials[0]!.mean)
})
