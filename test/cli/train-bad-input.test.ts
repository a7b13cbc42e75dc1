// Whatever is wrong with a run is said in one line, with exit code 2, and nothing is left behind or harmed.

import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { RunFolder } from '../../src/cli/runs/run-folder.ts'
import { flagsOf } from '../../src/cli/terminal/options.ts'
import { algorithm, algorithms, defaultsOf } from '../../src/rl/index.ts'
import { tabularAlgorithms } from '../../src/tabular/algorithms.ts'
import { captureCommands } from './capture.ts'

const captured = captureCommands()
const at = (...names: string[]) => join(captured.folder, ...names)

async function expectRefusal(argv: string[], ...words: string[]): Promise<void> {
  captured.errors = ''
  expect(await run(argv), argv.join(' ')).toBe(2)
  const lines = captured.errors.split('\n').filter((line) => line.startsWith('error: '))
  expect(lines).toHaveLength(1)
  for (const word of words) expect(lines[0]).toContain(word)
}

const cartPole = (name: string, ...more: string[]) => [
  'train',
  name,
  '--env',
  'CartPole-v1',
  '--out',
  captured.folder,
  ...more,
]

it('every option of every algorithm refuses what it does not accept', async () => {
  const options = [...algorithms, ...tabularAlgorithms].flatMap((each) =>
    Object.keys(each.options).map((option, i) => ({ each, option, flag: flagsOf(each)[i]!.long! })),
  )
  const numbers = ['-1', '0', '1.5', '1e400', 'NaN', '-Infinity', 'Infinity', '', ' ', 'true', '1,', '0x']
  const texts = fc.oneof(fc.constantFrom(...numbers), fc.string())
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...options), texts, async ({ each, option, flag }, text) => {
      const entry = each.options[option]!
      fc.pre(!entry.accepts(entry.parse(text)))
      await expectRefusal(cartPole(each.name, `${flag}=${text}`), flag, entry.allowed)
      await expectRefusal(cartPole(each.name, '--set', `${option}=${text}`), option, entry.allowed)
      expect(readdirSync(captured.folder)).toEqual([])
    }),
    { numRuns: 40 },
  )
})

it('every algorithm says which others can act where it cannot', async () => {
  for (const { name, actions } of algorithms) {
    const env = (actions as readonly string[]).includes('box') ? 'CartPole-v1' : 'Pendulum-v1'
    if ((actions as readonly string[]).includes('discrete') && env === 'CartPole-v1') continue
    await expectRefusal(['train', name, '--env', env, '--out', captured.folder], `${name} cannot act in ${env}`, 'ppo')
  }
  expect(readdirSync(captured.folder)).toEqual([])
})

const huge = '900719925474099'

it.each([
  ['layers', cartPole.bind(null, 'ppo'), ['--hidden', huge]],
  ['rollouts', cartPole.bind(null, 'ppo'), ['--num-steps', huge]],
  ['memories', cartPole.bind(null, 'dqn'), ['--buffer-size', huge]],
  ['batches', cartPole.bind(null, 'trpo'), ['--critic-batch-size', huge, '--num-steps', '64']],
  ['rollouts of one step', cartPole.bind(null, 'a2c'), ['--num-steps', '1', '--normalize-advantages', 'true']],
  ['supports of one atom', cartPole.bind(null, 'c51'), ['--atoms', '1']],
])('%s that cannot be leave no folder, so the mended command finds its name free', async (_, argv, more) => {
  await expectRefusal(argv(...more))
  expect(readdirSync(captured.folder)).toEqual([])
})

it('a run that cannot begin leaves the files of others alone', async () => {
  mkdirSync(at('run'))
  writeFileSync(at('run', 'notes.txt'), 'mine')
  await expectRefusal(cartPole('ppo', '--num-steps', huge, '--name', 'run'))
  expect(readdirSync(at('run'))).toEqual(['notes.txt'])
})

it.each(['', '.', '..', '../run', 'a/b', 'a\\b', '/run'])('"%s" is no name of a run', async (name) => {
  await expectRefusal(cartPole('ppo', '--steps', '64', '--name', name), '--name')
  expect(readdirSync(captured.folder)).toEqual([])
})

it('a file where the folder should be', async () => {
  writeFileSync(at('file'), '')
  await expectRefusal(['train', 'ppo', '--env', 'CartPole-v1', '--steps', '64', '--out', at('file')], 'file')
  await expectRefusal(cartPole('ppo', '--steps', '64', '--name', 'file'), 'it is a file')
})

describe('a run to resume', () => {
  const options = { ...defaultsOf(algorithm('ppo').options), totalTimesteps: 64, hidden: [4], numSteps: 16 }
  let path = ''
  beforeEach(async () => {
    RunFolder.create(at('run'), { algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 4, options })
    path = at('run')
    expect(await run(['resume', path])).toBe(0)
  })
  const edit = (from: string, to: string) => {
    const file = join(path, 'config.json')
    const text = readFileSync(file, 'utf8')
    expect(text).toContain(from)
    writeFileSync(file, text.replace(from, to))
  }

  it.each(['metrics.jsonl', 'metrics.csv', 'episodes.csv'])('without its %s', async (file) => {
    rmSync(join(path, file))
    await expectRefusal(['resume', path], file, 'is missing')
    expect(readdirSync(path)).not.toContain(file)
  })

  it('whose files were cut, and that are no folder, or empty', async () => {
    truncateSync(join(path, 'metrics.csv'), 5)
    await expectRefusal(['resume', path], 'metrics.csv', 'has 5 bytes')
    await expectRefusal(['resume', join(path, 'config.json')], 'config.json')
    mkdirSync(at('empty'))
    await expectRefusal(['resume', at('empty')], 'there is no config.json')
    await expectRefusal(['evaluate', at('empty')], 'there is no config.json')
  })

  it.each([
    ['"ppo"', '"pp0"', 'Did you mean "ppo"?'],
    ['"ppo"', '"a2c"', 'a2c'],
    ['"CartPole-v1"', '"CartPole-v9"', 'CartPole-v9'],
    ['"CartPole-v1"', '"Acrobot-v1"', 'expected'],
    ['"CartPole-v1"', '7', 'config.json'],
    ['"numEnvs": 4', '"numEnvs": 0', 'config.json'],
    ['"numEnvs": 4', '"numEnvs": 3', '3'],
    ['"gamma": 0.99', '"gamma": 9', 'a number from 0 to 1'],
    ['"gamma": 0.99', '"gama": 0.99', 'Did you mean "gamma"?'],
    ['"totalTimesteps": 64', '"totalTimesteps": 512', 'totalTimesteps = 64'],
    ['"options"', '"choices"', 'config.json'],
  ])('whose configuration has %s turned into %s', async (from, to, words) => {
    edit(from, to)
    await expectRefusal(['resume', path], words)
  })

  it('whose checkpoint is cut, or none, or whose agent is of another shape', async () => {
    const agent = join(path, 'agent.safetensors')
    const checkpoint = join(path, 'checkpoint.safetensors')
    writeFileSync(checkpoint, readFileSync(agent))
    await expectRefusal(['resume', path], 'checkpoint.safetensors')
    truncateSync(checkpoint, 100)
    await expectRefusal(['resume', path], 'truncated')
    edit('4\n    ]', '5\n    ]')
    await expectRefusal(['evaluate', path], 'does not fit')
    rmSync(agent)
    await expectRefusal(['evaluate', path], 'has no agent yet')
  })
})
