import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { vectorOf } from '../../src/nn/module.ts'
import { make, registeredIds } from '../../src/rl/envs/tasks/make.ts'
import { algorithm } from '../../src/rl/registry.ts'
import type { ResumableReport, TrainedAgent } from '../../src/rl/training/training.ts'
import { forgetAlgorithms } from '../support/own-algorithms.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const path = (...names: string[]) => join(captured.folder, ...names)
const config = (name: string) => JSON.parse(readFileSync(path(name, 'config.json'), 'utf8'))

/** A module in the folder of the test, which registers `id` through the source. */
function moduleOf(name: string, id: string): string {
  const registry = fileURLToPath(new URL('../../src/rl/envs/tasks/make.ts', import.meta.url))
  const env = fileURLToPath(new URL('../../src/rl/envs/tasks/mountain-car.ts', import.meta.url))
  const code = `import { register } from '${registry}'
    import { MountainCar } from '${env}'
    register({ id: '${id}', create: (options, id) => new MountainCar(options, id) })`
  writeFileSync(path(name), code)
  return path(name)
}

/** The algorithm of docs/your-own.md as a module, with another name or another text in place of one of its own. */
function algorithmAt(name: string, from = '', to = from): string {
  const page = readFileSync(new URL('../../docs/your-own.md', import.meta.url), 'utf8')
  const [, code] = /^```ts\n((?:(?!^```)[\s\S])*?^registerAlgorithm[\s\S]*?^}\)\n)/m.exec(page)!
  const source = code!.replaceAll(
    /'alambic\/(\w+)'/g,
    (_, floor) => `'${fileURLToPath(new URL(`../../src/${floor}/index.ts`, import.meta.url))}'`,
  )
  expect(source).toContain(from)
  writeFileSync(path(name), source.replaceAll(from, to))
  return path(name)
}

/** A package in a folder of modules, with conditions of `import` only, which registers `id`. */
function packageOf(name: string, id: string): void {
  mkdirSync(path('node_modules', name), { recursive: true })
  const manifest = { name, type: 'module', exports: { '.': { import: './main.ts' } } }
  writeFileSync(path('node_modules', name, 'package.json'), JSON.stringify(manifest))
  moduleOf(join('node_modules', name, 'main.ts'), id)
}

describe('--import of an algorithm', () => {
  afterEach(forgetAlgorithms)

  it('lists and trains it, and its run is resumed, evaluated, distilled and exported without the flag', async () => {
    const preset = "[{ name: 'wide', about: 'far', env: 'CartPole-v1', numEnvs: 1, options: { sigma: 0.2 } }]"
    const own = ['--import', algorithmAt('search.ts', '\n})\n', `\n}, ${preset})\n`)]
    expect(await run(['algorithms', '--json', ...own])).toBe(0)
    expect(JSON.parse(captured.out)).toContainEqual(
      expect.objectContaining({ name: 'random-search', actions: ['discrete'], presets: ['wide'] }),
    )
    captured.out = ''
    expect(await run(['train', 'random-search', '--help', ...own])).toBe(0)
    expect(captured.out.replace(/\s+/g, ' ')).toContain('standard deviation of a move (a number above 0; default 0.1)')
    const train = ['train', 'random-search', '--preset', 'wide', '--steps', '60', ...own]
    expect(await run([...train, '--out', captured.folder, '--name', 'run'])).toBe(0)
    expect(config('run')).toMatchObject({
      algorithm: 'random-search',
      options: { sigma: 0.2 },
      imports: ['../search.ts'],
    })
    const student = ['--labels', '5', '--rounds', '1', '--updates', '3', '--episodes', '2', '--hidden', '4']
    for (const argv of [
      ['resume', path('run')],
      ['evaluate', path('run'), '--episodes', '2'],
      ['distill', '--teacher', path('run'), ...student, '--out', path('student')],
      ['export', path('run'), '--to', 'js'],
    ])
      expect(await run(argv), captured.errors).toBe(0)
    await expectRefusal(captured, [...train, '--sigma', '-1'], '--sigma: expected a number above 0')
  })

  it('resumes to the same bits', async () => {
    expect(await run(['algorithms', '--import', algorithmAt('again.ts')])).toBe(0)
    const { train } = algorithm('random-search')
    const options = { totalTimesteps: 300, seed: 3 }
    const training = train(make('CartPole-v1'), options)
    const { save } = [1, 2, 3].map(() => training.next().value as ResumableReport<TrainedAgent>).at(-1)!
    const resumed = train(make('CartPole-v1'), { ...options, resume: save() })
    const rest = (reports: Iterable<ResumableReport<TrainedAgent>>) =>
      Array.from(reports, ({ step, agent }) => [step, vectorOf(Object.values(agent.parameters()))])
    expect(rest(resumed)).toEqual(rest(training))
  })

  it.each([
    ["name: 'random-search'", "name: 'dqn'", 'name is dqn; expected one that is not registered already'],
    [
      "name: 'random-search'",
      "name: 'q-learning'",
      'registers an algorithm "q-learning", which the command has already',
    ],
    ["name: 'random-search'", "name: 'distill'", 'registers an algorithm "distill"'],
    ["name: 'random-search'", "name: 'My search'", 'name is My search; expected lower-case letters'],
    ["'discrete'", "'dicrete'", 'actions of random-search is ["dicrete"]; expected a list of discrete'],
    ['maxEnvs: 1', 'maxEnvs: 1, numEnvs: 2', 'numEnvs of random-search is 2'],
    ['seed: whole(0', 'sead: whole(0', 'option seed of random-search is undefined; expected an option'],
    ['positive(0.1', '0.1 || positive(0.1', 'option sigma of random-search is 0.1'],
    ['newAgent(', 'newAgents(', 'expected { name, about, options, actions, train, newAgent }'],
    ['sigma: positive', 'env: positive', "needs another name: Cannot add option '--env <value>'"],
    ['sigma: positive', 'jobs: positive', "needs another name: Cannot add option '--jobs"],
  ])('refuses one with %s → %s', async (from, to, words) => {
    await expectRefusal(captured, ['algorithms', '--import', algorithmAt('broken.ts', from, to)], words)
  })
})

describe('--import', () => {
  it('trains in an environment of the module, which the run keeps by its path from the folder', async () => {
    const lane = moduleOf('lane.ts', 'Lane-v0')
    const train = ['train', 'ppo', '--env', 'Lane-v0', '--steps', '64', '--num-steps', '16', '--hidden', '8']
    const argv = [...train, '--import', lane, '--out', captured.folder, '--name', 'run']
    expect(await run(argv)).toBe(0)
    expect(config('run').imports).toEqual([relative(path('run'), lane)])
    expect(readFileSync(path('run', 'report.html'), 'utf8')).toContain(`--import ${lane}`)
    const tree = ['distill', '--teacher', path('run'), '--tree', '--labels', '20', '--episodes', '2']
    expect(await run([...tree, '--out', path('student')])).toBe(0)
    expect(config('student').imports).toEqual([relative(path('student'), lane)])
    for (const command of ['evaluate --episodes 2', 'resume', 'export --to js']) {
      const [name, ...more] = command.split(' ')
      expect(await run([name!, path('student'), ...more])).toBe(0)
    }
    expect(
      await run([
        ...'record Lane-v0 --policy'.split(' '),
        path('run'),
        '--out',
        path('a.gif'),
        ...'--steps 2 --width 32'.split(' '),
      ]),
    ).toBe(0)
  })

  it('finds the module of a run that moved together with it', async () => {
    mkdirSync(path('a'))
    moduleOf('a/walk.ts', 'Walk-v0')
    const train = ['train', 'ppo', '--env', 'Walk-v0', '--steps', '64', '--num-steps', '16', '--hidden', '8']
    expect(await run([...train, '--import', path('a', 'walk.ts'), '--out', path('a'), '--name', 'run'])).toBe(0)
    expect(config('a/run').imports).toEqual(['../walk.ts'])
    renameSync(path('a'), path('b'))
    writeFileSync(path('b', 'walk.ts'), readFileSync(path('b', 'walk.ts'), 'utf8').replaceAll('Walk-v0', 'Moved-v0'))
    expect(await run(['evaluate', path('b', 'run'), '--episodes', '1'])).toBe(0)
    expect(registeredIds()).toContain('Moved-v0')
    cpSync(path('b', 'run'), path('alone'), { recursive: true })
    await expectRefusal(captured, ['evaluate', path('alone')], 'walk.ts" does not exist', 'config.json of a run')
  })

  it('lists what it registers, with its reward range', async () => {
    expect(await run(['envs', '--json', '--import', moduleOf('listed.ts', 'Listed-v0')])).toBe(0)
    expect(JSON.parse(captured.out)).toContainEqual(
      expect.objectContaining({
        id: 'Listed-v0',
        observationSpace: expect.stringMatching(/^Box\(\[-1.2/),
        rewardRange: null,
      }),
    )
  })

  it('takes the name of a package of the current folder, which the run keeps as a path', async () => {
    packageOf('my-lane', 'Packed-v0')
    const folder = process.cwd()
    process.chdir(captured.folder)
    try {
      const train = ['train', 'ppo', '--env', 'Packed-v0', '--steps', '64', '--num-steps', '16', '--hidden', '8']
      expect(await run([...train, '--import=my-lane', '--name', 'run']), captured.errors).toBe(0)
      expect(config('runs/run').imports).toEqual(['../../node_modules/my-lane/main.ts'])
      await expectRefusal(captured, ['envs', '--import', 'my-lan'], '"my-lan" is no file, and no package of that name')
    } finally {
      process.chdir(folder)
    }
    expect(await run(['evaluate', path('runs', 'run'), '--episodes', '1'])).toBe(0)
  })

  it('refuses a module that does not exist, throws, or registers nothing, and a broken list of a run', async () => {
    writeFileSync(path('throws.ts'), "throw new TypeError('no such\\n thing')")
    writeFileSync(path('empty.ts'), 'export {}')
    const refused = (name: string, ...words: string[]) =>
      expectRefusal(captured, ['envs', '--import', path(name)], name, ...words)
    await refused('none.ts', 'does not exist')
    await refused('throws.ts', 'cannot be imported: TypeError: no such thing')
    await refused('empty.ts', 'registers no environment and no algorithm; call register()')
    await refused(relative(captured.folder, moduleOf('taken.ts', 'CartPole-v1')), '"CartPole-v1" is registered already')
    mkdirSync(path('run'))
    const broken = { algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 1, options: {}, imports: [1] }
    writeFileSync(path('run', 'config.json'), JSON.stringify(broken))
    await expectRefusal(captured, ['evaluate', path('run')], 'config.json" is broken')
  })
})
