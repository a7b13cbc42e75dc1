import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { registeredIds } from '../../src/rl/registry.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const path = (...names: string[]) => join(captured.folder, ...names)
const config = (name: string) => JSON.parse(readFileSync(path(name, 'config.json'), 'utf8'))

/** A module in the folder of the test, which registers `id` through the source. */
function moduleOf(name: string, id: string): string {
  const registry = fileURLToPath(new URL('../../src/rl/registry.ts', import.meta.url))
  const env = fileURLToPath(new URL('../../src/rl/envs/mountain-car.ts', import.meta.url))
  const code = `import { register } from '${registry}'
    import { MountainCar } from '${env}'
    register({ id: '${id}', create: (options, id) => new MountainCar(options, id) })`
  writeFileSync(path(name), code)
  return path(name)
}

describe('--import', () => {
  it('trains in an environment of the module, which the run keeps by its path from the folder', async () => {
    const lane = moduleOf('lane.ts', 'Lane-v0')
    const train = ['train', 'ppo', '--env', 'Lane-v0', '--steps', '64', '--num-steps', '16', '--hidden', '8']
    const argv = [...train, '--import', lane, '--out', captured.folder, '--name', 'run']
    expect(await run(argv)).toBe(0)
    expect(config('run').imports).toEqual([relative(path('run'), lane)])
    expect(readFileSync(path('run', 'learning-curve.html'), 'utf8')).toContain(`--import ${lane}`)
    const tree = ['distill', '--teacher', path('run'), '--tree', '--labels', '20', '--episodes', '2']
    expect(await run([...tree, '--out', path('student')])).toBe(0)
    expect(config('student').imports).toEqual([relative(path('student'), lane)])
    for (const command of ['evaluate --episodes 2', 'resume', 'export --to js']) {
      const [name, ...more] = command.split(' ')
      expect(await run([name!, path('student'), ...more])).toBe(0)
    }
    expect(
      await run([
        'record',
        'Lane-v0',
        '--policy',
        path('run'),
        '--out',
        path('a.gif'),
        '--steps',
        '2',
        '--width',
        '32',
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

  it('refuses a module that does not exist, throws, or registers nothing, and a broken list of a run', async () => {
    writeFileSync(path('throws.ts'), "throw new TypeError('no such\\n thing')")
    writeFileSync(path('empty.ts'), 'export {}')
    const refused = (name: string, ...words: string[]) =>
      expectRefusal(captured, ['envs', '--import', path(name)], name, ...words)
    await refused('none.ts', 'does not exist')
    await refused('throws.ts', 'cannot be imported: TypeError: no such thing')
    await refused('empty.ts', 'registers no environment; call register() of alambic/rl in it')
    await refused(relative(captured.folder, moduleOf('taken.ts', 'CartPole-v1')), '"CartPole-v1" is registered already')
    mkdirSync(path('run'))
    const broken = { algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 1, options: {}, imports: [1] }
    writeFileSync(path('run', 'config.json'), JSON.stringify(broken))
    await expectRefusal(captured, ['evaluate', path('run')], 'config.json" is broken')
  })
})
