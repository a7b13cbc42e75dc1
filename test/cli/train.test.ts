import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { run } from '../../src/cli/program.ts'
import { readAgent } from '../../src/cli/runs/agents.ts'
import { trainingEnvs } from '../../src/cli/runs/environments.ts'
import { RunFolder } from '../../src/cli/runs/run-folder.ts'
import { RunLog } from '../../src/cli/runs/run-log.ts'
import { flagsOf } from '../../src/cli/terminal/options.ts'
import { countParameters, type HasParameters } from '../../src/nn/module.ts'
import { algorithm, algorithms, defaultsOf } from '../../src/rl/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const at = (...names: string[]) => join(captured.folder, ...names)

const small = ['--hidden', '8', '--num-steps', '16', '--seed', '3']
const train = (...more: string[]) =>
  run(['train', 'ppo', '--env', 'CartPole-v1', '--out', captured.folder, ...small, ...more])
const files = (name: string) =>
  Object.fromEntries(readdirSync(at(name)).map((file) => [file, readFileSync(at(name, file)).toString('base64')]))

describe('train', () => {
  it('leaves a folder with the configuration, metrics, a checkpoint, the agent and its learning curve', async () => {
    expect(await train('--steps', '640', '--set', 'clipRange=0.1')).toBe(0)
    const path = at('ppo-CartPole-v1-3')
    expect(readdirSync(path).sort()).toEqual([
      ...'agent.safetensors checkpoint.safetensors config.json episodes.csv metrics.csv metrics.jsonl'.split(' '),
      'report.html',
    ])
    const { options, ...rest } = RunFolder.open(path).config
    expect(rest).toEqual({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      version: packageJson.version,
      algorithm: 'ppo',
      env: 'CartPole-v1',
      numEnvs: 4,
    })
    const own = { totalTimesteps: 640, seed: 3, hidden: [8], numSteps: 16, clipRange: 0.1 }
    expect(options).toEqual({ ...defaultsOf(algorithm('ppo').options), ...own })
    const lines = readFileSync(join(path, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).step)).toEqual(Array.from({ length: 10 }, (_, i) => 64 * (i + 1)))
    const [head, first] = readFileSync(join(path, 'metrics.csv'), 'utf8').split('\n')
    expect(head!.split(',')).toHaveLength(first!.split(',').length)
    expect(head).toContain('approxKl')
  })

  it('writes the same bytes for the same command', async () => {
    await train('--steps', '320', '--name', 'run')
    const first = files('run')
    rmSync(at('run'), { recursive: true })
    await train('--set', 'totalTimesteps=320', '--name', 'run')
    expect(files('run')).toEqual(first)
  })

  it('builds the layers of --network, resumes and reads them, and refuses others', async () => {
    const small = [
      'train',
      'dqn',
      '--env',
      'CartPole-v1',
      '--steps',
      '200',
      '--out',
      captured.folder,
      '--name',
      'small',
    ]
    expect(await run([...small, '--network', 'linear:5,tanh,linear:3,relu']), captured.errors).toBe(0)
    expect(await run(['resume', at('small')]), captured.errors).toBe(0)
    const { agent } = readAgent(at('small'))
    expect(countParameters(agent as unknown as HasParameters)).toBe(4 * 5 + 5 + (5 * 3 + 3) + (3 * 2 + 2))
    expect(RunFolder.open(at('small')).config.options.network).toBe('linear:5,tanh,linear:3,relu')
    const other = [...small.slice(0, -1), 'other', '--network']
    await expectRefusal(
      captured,
      [...other, 'linear'],
      '--network: expected layers such as linear:64,tanh',
      'given "linear"',
    )
    await expectRefusal(captured, [...other, 'liner:5'], 'layerNorm', 'given "liner:5"')
  })

  it('takes every option of an algorithm as a flag, with its help and default', () => {
    for (const each of algorithms) {
      const flags = flagsOf(each)
      expect(flags.map((flag) => flag.attributeName())).toEqual(
        Object.keys(each.options).map((name) => (name === 'totalTimesteps' ? 'steps' : name)),
      )
      for (const flag of flags) expect(flag.description).toMatch(/.+ \(.+; default .+\)$/)
    }
  })

  it('starts from a preset, and from what differs from it', async () => {
    const argv = [
      'train',
      'ppo',
      '--preset',
      'cartpole-fast',
      '--steps',
      '512',
      '--out',
      captured.folder,
      '--name',
      'fast',
    ]
    expect(await run([...argv, '--gamma', '0.9'])).toBe(0)
    const { env, numEnvs, options } = RunFolder.open(at('fast')).config
    expect({ env, numEnvs }).toEqual({ env: 'CartPole-v1', numEnvs: 16 })
    expect(options).toMatchObject({ gamma: 0.9, gaeLambda: 0.8, totalTimesteps: 512 })
  })

  it('shows numbered states to networks as vectors', async () => {
    const argv = ['train', 'a2c', '--env', 'FrozenLake-v1', '--out', captured.folder, '--steps', '50', '--name', 'lake']
    expect(await run(argv)).toBe(0)
    expect(await run(['evaluate', at('lake'), '--episodes', '3'])).toBe(0)
  })
})

describe('a run that was stopped', () => {
  /** As after a kill: a checkpoint of some report, and in the files more than it knows of. */
  function killAfter(reports: number, name: string): string {
    const options = { ...defaultsOf(algorithm('ppo').options), totalTimesteps: 640, hidden: [8], numSteps: 16, seed: 3 }
    const config = { algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 4, options, tensorboard: true as const }
    const path = at(name)
    const stopped = RunFolder.create(path, config)
    const log = new RunLog(path, [], true)
    let count = 0
    for (const report of algorithm('ppo').train(trainingEnvs('CartPole-v1', 4), options)) {
      log.add(report)
      count++
      if (count === reports) {
        stopped.writeCheckpoint({ saved: report.save(), logs: log.flush(), step: report.step })
        stopped.writeAgent(report.agent)
      }
      if (count === reports + 2) break
    }
    log.flush()
    return path
  }

  it.each([1, 4, 8])('goes on and ends with the bytes of one that never stopped: after %i reports', async (reports) => {
    await train('--steps', '640', '--name', 'run', '--tensorboard')
    const unbroken = files('run')
    rmSync(at('run'), { recursive: true })
    expect(await run(['resume', killAfter(reports, 'run')])).toBe(0)
    expect(files('run')).toEqual(unbroken)
  })

  it('starts anew where there is no checkpoint yet, and changes nothing where it was done', async () => {
    await train('--steps', '320', '--name', 'run')
    const done = files('run')
    expect(await run(['resume', at('run')])).toBe(0)
    expect(files('run')).toEqual(done)
    rmSync(at('run', 'checkpoint.safetensors'))
    expect(await run(['resume', at('run')])).toBe(0)
    expect(files('run')).toEqual(done)
  })

  it('refuses other options than its own', async () => {
    const path = killAfter(2, 'run')
    await expectRefusal(captured, ['resume', path, '--clip-range', '0.1'], '--clip-range')
    const config = join(path, 'config.json')
    writeFileSync(config, readFileSync(config, 'utf8').replace('"gamma": 0.99', '"gamma": 0.9'))
    await expectRefusal(captured, ['resume', path], 'gamma = 0.99', '0.9')
  })

  it('says what is broken in a file', async () => {
    const path = killAfter(2, 'run')
    truncateSync(join(path, 'metrics.csv'), 5)
    await expectRefusal(captured, ['resume', path], 'metrics.csv', 'has 5 bytes')
    truncateSync(join(path, 'checkpoint.safetensors'), 500)
    await expectRefusal(captured, ['resume', path], 'truncated')
    writeFileSync(join(path, 'config.json'), '{')
    await expectRefusal(captured, ['resume', path], 'config.json', 'not JSON')
  })
})

describe('evaluate', () => {
  it('plays greedily and prints mean, interval and deviation', async () => {
    await train('--steps', '320', '--name', 'run')
    captured.out = ''
    expect(await run(['evaluate', at('run'), '--episodes', '5'])).toBe(0)
    expect(captured.out).toContain('95 % interval')
    const { returns, mean } = JSON.parse(readFileSync(at('run', 'evaluation.json'), 'utf8'))
    expect(returns).toHaveLength(5)
    expect(mean).toBeGreaterThan(5)
  })

  it('plays agents that give vectors, too', async () => {
    const argv = [
      'train',
      'ppo',
      '--env',
      'Pendulum-v1',
      '--out',
      captured.folder,
      ...small,
      '--steps',
      '64',
      '--name',
      'swing',
    ]
    expect(await run(argv)).toBe(0)
    expect(await run(['evaluate', at('swing'), '--episodes', '2'])).toBe(0)
  })
})

describe('what cannot be is refused in one line', () => {
  it.each([
    ['an unknown algorithm', ['train', 'pp0', '--env', 'CartPole-v1'], 'Did you mean "ppo"?'],
    ['an unknown environment', ['train', 'ppo', '--env', 'CartPole-v9'], 'Did you mean "CartPole-v'],
    ['no environment', ['train', 'ppo'], '--env'],
    ['an unknown preset', ['train', 'ppo', '--preset', 'cartpole-fats'], 'Did you mean "cartpole-fast"?'],
    ['an unknown flag', ['train', 'ppo', '--env', 'CartPole-v1', '--clip-rage', '1'], 'Did you mean "--clip-range"?'],
    ['an unknown option', ['train', 'ppo', '--env', 'CartPole-v1', '--set', 'clipRage=1'], 'Did you mean "clipRange"?'],
    ['a value out of range', ['train', 'ppo', '--env', 'CartPole-v1', '--gamma', '1.5'], 'a number from 0 to 1'],
    ['no number', ['train', 'ppo', '--env', 'CartPole-v1', '--set', 'gamma=high'], 'given "high"'],
    ['a setting without a value', ['train', 'ppo', '--env', 'CartPole-v1', '--set', 'gamma'], 'name=value'],
    ['an action space it cannot act in', ['train', 'dqn', '--env', 'Pendulum-v1'], 'ppo'],
    ['vectors that a table cannot count', ['train', 'q-learning', '--env', 'CartPole-v1'], 'whole numbers'],
    ['too many copies', ['train', 'reinforce', '--env', 'CartPole-v1', '--envs', '2'], 'from 1 to 1'],
    ['no run', ['resume', '/nowhere/at/all'], '/nowhere/at/all'],
    ['nothing to evaluate', ['evaluate', 'no-such-run'], 'no-such-run'],
  ])('%s', async (_, argv, words) => {
    const isTrain = argv[0] === 'train' && argv.length > 1 && argv[1] !== 'pp0'
    await expectRefusal(captured, isTrain ? [...argv, '--out', captured.folder] : argv, words)
    expect(readdirSync(captured.folder)).toEqual([])
    for (const path of ['no-such-run', '/nowhere']) expect(existsSync(path)).toBe(false)
  })

  it('a name that is taken', async () => {
    await train('--steps', '64', '--name', 'run')
    captured.errors = ''
    expect(await train('--steps', '64', '--name', 'run')).toBe(2)
    expect(captured.errors).toMatch(/^error: .*alambic resume.*\n$/)
  })
})
