import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commands, createProgram, run } from '../../src/cli/program.ts'
import { readAgent } from '../../src/cli/runs/agents.ts'
import { singleEnv } from '../../src/cli/runs/environments.ts'
import { selections } from '../../src/distill/collecting/selection.ts'
import { datasetToCsv, datasetToJson, loadDataset, saveDataset } from '../../src/distill/dataset/dataset-files.ts'
import { distill, LabelledDataset, targetNames, targets } from '../../src/distill/index.ts'
import { type DistillOptions, distillOptions } from '../../src/distill/options.ts'
import { fitTree, viper, viperOptions } from '../../src/distill/trees.ts'
import { saveAgent } from '../../src/export/agent-file.ts'
import { MLP, readSafetensors, saveParameters } from '../../src/nn/index.ts'
import { CategoricalPolicy, DecisionTree, Discrete, type EnvLike, finish, make } from '../../src/rl/index.ts'
import type { DiscretePolicy } from '../../src/rl/policies/policy.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'
import { few, flagsOf, someAgent, teacherFile } from './teachers.ts'

const captured = captureCommands()
const golden = (name: string) => fileURLToPath(new URL(`../golden/teachers/${name}.safetensors`, import.meta.url))
const ppo = golden('sb3-ppo-cartpole')

const inFolder = (...path: string[]) => join(captured.folder, ...path)
const distil = (name: string, ...argv: string[]) => run(['distill', ...argv, '--out', inFolder(name)])
const fromPpo = (name: string, ...more: string[]) =>
  distil(name, '--teacher', ppo, '--env', 'CartPole-v1', ...flagsOf({ ...few, rounds: 1 }), ...more)
const files = (name: string) => readdirSync(inFolder(name)).sort()
const bytes = (...path: string[]) => readFileSync(inFolder(...path))
const config = (name: string) => JSON.parse(bytes(name, 'config.json').toString())

describe('the command is the library: the same options give the same bits', () => {
  /** The command with these options beside `distill`. */
  async function expectSame(name: string, envId: string, teachers: string[], options: DistillOptions<never>) {
    const { target = 'policy', ...values } = options as DistillOptions
    const argv = teachers.flatMap((path) => ['--teacher', path])
    expect(await distil(name, ...argv, '--env', envId, '--target', target, ...flagsOf(values)), captured.errors).toBe(0)
    const agents = teachers.map((path) => readAgent(path).agent)
    const teacher = agents.length === 1 ? agents[0]! : agents
    const { student, dataset, metrics } = finish(
      distill(singleEnv(envId) as EnvLike, teacher, options as DistillOptions),
    )
    expect(bytes(name, 'dataset.safetensors').equals(saveDataset(dataset))).toBe(true)
    expect(bytes(name, 'agent.safetensors').equals(saveAgent(student, { environment: envId }))).toBe(true)
    expect(JSON.parse(bytes(name, 'results.json').toString()).metrics).toEqual(metrics)
  }

  it.each(targetNames)('target %s', async (target) => {
    await expectSame(target, 'CartPole-v1', [teacherFile(captured.folder)], { ...few, seed: 2, target } as never)
  })

  it.each(selections)('selection %s', async (selection) => {
    const rounds = selection === 'box' ? 1 : 2
    await expectSame(selection, 'CartPole-v1', [teacherFile(captured.folder)], { ...few, selection, rounds } as never)
  })

  it('an ensemble of teachers, β, hard labels and a warm start', async () => {
    const teachers = [1, 2].map((seed) => teacherFile(captured.folder, seed))
    const mixed = { firstBeta: 0.5, betaDecay: 0.5, warmStart: true, divergence: 'hard' }
    await expectSame('mixed', 'CartPole-v1', teachers, { ...few, ...mixed } as never)
  })

  it.each([
    ['sac', ['--learning-starts', '20']],
    ['td3', ['--learning-starts', '20']],
    ['ppo', ['--num-steps', '16']],
  ])('continuous actions, taught by a run of %s', async (algorithm, more) => {
    const train = ['train', algorithm, '--env', 'Pendulum-v1', '--steps', '40', '--hidden', '8', '--name', 'run']
    expect(await run([...train, ...more, '--out', captured.folder]), captured.errors).toBe(0)
    for (const divergence of ['forward-kl', 'reverse-kl']) {
      await expectSame(divergence, 'Pendulum-v1', [inFolder('run')], { ...few, divergence } as never)
    }
  })

  it('the flags --divergence, --temperature, --hidden', async () => {
    const teacher = teacherFile(captured.folder)
    const common = ['--teacher', teacher, ...flagsOf({ ...few, hidden: 5 })]
    expect(await distil('cool', ...common, '--temperature', '0.5', '--divergence', 'jsd', '--hidden', '4,4')).toBe(0)
    expect(await distil('absolute', ...common, '--temperature', 'absolute:2')).toBe(0)
    expect(config('cool').options).toMatchObject({ temperature: { relative: 0.5 }, divergence: 'jsd', hidden: [5] })
    expect(config('absolute').options.temperature).toEqual({ absolute: 2 })
    const metrics = JSON.parse(bytes('absolute', 'results.json').toString()).metrics
    expect(metrics.temperature).toBe(2)
    expect(await distil('auto', ...common, '--temperature', 'auto')).toBe(0)
    expect(JSON.parse(bytes('auto', 'results.json').toString()).metrics).toHaveProperty('validationRegret')
  })

  it('the flag --network, in place of --hidden', async () => {
    const teacher = teacherFile(captured.folder)
    const { hidden: _, ...others } = few
    const argv = ['--teacher', teacher, ...flagsOf(others)]
    expect(await distil('layers', ...argv, '--network', 'linear:4,tanh'), captured.errors).toBe(0)
    expect(await distil('widths', ...argv, '--hidden', '4'), captured.errors).toBe(0)
    expect(bytes('layers', 'agent.safetensors').equals(bytes('widths', 'agent.safetensors'))).toBe(true)
    expect(config('layers').options.network).toBe('linear:4,tanh')
    expect(config('widths').options).not.toHaveProperty('network')
    expect(await run(['resume', inFolder('layers')]), captured.errors).toBe(0)
    await expectRefusal(captured, ['distill', ...argv, '--network', 'dense:4'], '--network', 'given "dense:4"')
  })

  it('trees: from a teacher as viper, from a dataset as fitTree', async () => {
    const teacher = teacherFile(captured.folder)
    const options = { labels: 50, rounds: 2, rolloutSteps: 200, maxDepth: 3, maxLeafNodes: 4, evaluationEpisodes: 1 }
    expect(await distil('tree', '--teacher', teacher, ...flagsOf(options))).toBe(0)
    const { tree, dataset } = finish(viper(() => make('CartPole-v1'), someAgent(), options))
    expect(bytes('tree', 'tree.json').toString()).toBe(`${tree.toJson()}\n`)
    expect(bytes('tree', 'dataset.safetensors').equals(saveDataset(dataset))).toBe(true)
    const given = ['--dataset', inFolder('tree', 'dataset.safetensors'), '--episodes', '1']
    expect(await distil('grown', ...given, '--tree')).toBe(0)
    expect(bytes('grown', 'tree.json').toString()).toBe(`${fitTree(dataset).toJson()}\n`)
  })
})

describe('distill', () => {
  it('leaves the student, the labels and the results of a teacher of Stable-Baselines3', async () => {
    expect(await fromPpo('student', '--checkpoint-seconds', '0')).toBe(0)
    const saved = ['agent.safetensors', 'checkpoint.safetensors', 'config.json', 'dataset.safetensors']
    expect(files('student')).toEqual([...saved, 'report.html', 'results.json', 'timings.json'])
    expect(captured.out).toMatch(/teacher sb3-ppo-cartpole\S+ +500\.0 .*9,155 parameters/)
    expect(captured.out).toMatch(/student .*44 parameters/)
    expect(captured.out).toMatch(/^ +20 +\d+ +[\d,]+ +24 +\d/m)
    expect(config('student')).toMatchObject({
      algorithm: 'distill',
      env: 'CartPole-v1',
      target: 'policy',
      dataset: null,
    })
    expect(join(inFolder('student'), config('student').teachers[0])).toBe(ppo)
    expect(config('student').options).toMatchObject({ labels: 20, hidden: [6], divergence: 'forward-kl' })
    const dataset = loadDataset(bytes('student', 'dataset.safetensors'))
    expect(dataset).toMatchObject({ size: 20, labels: 20, envId: 'CartPole-v1' })
    expect(dataset.column('logits')).toHaveLength(40)
    const { agent, env } = readAgent(inFolder('student'))
    expect(agent).toBeInstanceOf(CategoricalPolicy)
    expect(env).toBe('CartPole-v1')
  })

  it('writes the same bytes for the same command', async () => {
    await fromPpo('one')
    await fromPpo('two')
    const timed = ['timings.json', 'report.html']
    for (const file of files('one').filter((each) => !timed.includes(each)))
      expect(bytes('two', file)).toEqual(bytes('one', file))
    await fromPpo('three', '--seed', '2')
    expect(bytes('three', 'agent.safetensors')).not.toEqual(bytes('one', 'agent.safetensors'))
  })

  it('takes a training run as teacher, and a student of one', async () => {
    const train = ['train', 'dqn', '--env', 'CartPole-v1', '--hidden', '8', '--steps', '200', '--name', 'run']
    expect(await run([...train, '--out', captured.folder])).toBe(0)
    expect(await distil('student', '--teacher', inFolder('run'), ...flagsOf(few))).toBe(0)
    expect(config('student')).toMatchObject({ env: 'CartPole-v1', teachers: [join('..', 'run')] })
    expect(await distil('heir', '--teacher', inFolder('student'), ...flagsOf(few))).toBe(0)
    expect(captured.out).toMatch(/teacher student .*44 parameters/)
  })

  it('reads other layers and activations when told', async () => {
    const names = inFolder('layers.json')
    const file = inFolder('other.safetensors')
    const network = new MLP([4, 6, 2], new Rng(1), { activation: 'tanh' })
    writeFileSync(file, saveParameters({ parameters: () => ({ ...renamed(network) }) }))
    const layerNames = { activation: 'tanh', logits: ['first', 'second'] } as const
    writeFileSync(names, JSON.stringify(layerNames))
    const { agent } = readAgent(file, { layerNames })
    const x = tensor([0.1, -0.2, 0.3, 0.4], [1, 4])
    expect((agent as DiscretePolicy).logits!(x).toArray()).toEqual(network.forward(x).toArray())
    const argv = ['--teacher', file, '--layer-names', names, '--env', 'CartPole-v1', ...flagsOf(few)]
    expect(await distil('student', ...argv)).toBe(0)
    expect(await run(['resume', inFolder('student')])).toBe(0)
  })

  const renamed = (network: MLP) => {
    const names: Record<string, string> = { 0: 'first', 2: 'second' }
    const entries = Object.entries(network.parameters())
    return Object.fromEntries(entries.map(([name, each]) => [name.replace(/^\d/, (digit) => names[digit]!), each]))
  }

  it('shows numbered states to networks as vectors, and looks ahead in them', async () => {
    const train = ['train', 'dqn', '--env', 'FrozenLake-v1', '--hidden', '8', '--steps', '200', '--name', 'lake']
    expect(await run([...train, '--out', captured.folder])).toBe(0)
    const lake = ['--teacher', inFolder('lake'), ...flagsOf({ ...few, labels: 3, rounds: 1 })]
    expect(await distil('values', ...lake, '--target', 'value-mse')).toBe(0)
    expect(await distil('policy', ...lake)).toBe(0)
    expect(await run(['evaluate', inFolder('values'), '--episodes', '2'])).toBe(0)
  })

  it('grows a decision tree and prints its rules', async () => {
    const argv = ['--teacher', ppo, '--env', 'CartPole-v1', '--max-depth', '2', '--labels', '50', '--episodes', '2']
    expect(await distil('tree', ...argv)).toBe(0)
    expect(captured.out).toMatch(/if (cart|pole) [a-z ]+ <= -?[\d.]+:/)
    expect(captured.out).toMatch(/push left/)
    const { agent } = readAgent(inFolder('tree'))
    expect((agent as DecisionTree).depth).toBeLessThanOrEqual(2)
    expect(files('tree')).toEqual(
      'config.json dataset.safetensors report.html results.json timings.json tree.json'.split(' '),
    )
    const before = bytes('tree', 'tree.json')
    expect(await run(['resume', inFolder('tree')])).toBe(0)
    expect(bytes('tree', 'tree.json')).toEqual(before)
  })

  it('learns from labels that are brought, the same from each kind of file', async () => {
    await fromPpo('first')
    const dataset = loadDataset(bytes('first', 'dataset.safetensors'))
    writeFileSync(inFolder('set.json'), datasetToJson(dataset))
    writeFileSync(inFolder('set.csv'), datasetToCsv(dataset))
    const learn = flagsOf({ updates: few.updates, hidden: few.hidden, finalStudents: 4, choiceSteps: 600 })
    expect(await distil('a', '--dataset', inFolder('first/dataset.safetensors'), ...learn)).toBe(0)
    expect(await distil('b', '--dataset', inFolder('set.json'), ...learn), captured.errors).toBe(0)
    expect(await distil('c', '--dataset', inFolder('set.csv'), '--env', 'CartPole-v1', ...learn)).toBe(0)
    for (const name of ['a', 'b', 'c']) {
      const { tensors } = readSafetensors(bytes(name, 'agent.safetensors'))
      expect(tensors).toEqual(readSafetensors(bytes('first', 'agent.safetensors')).tensors)
    }
    expect(captured.out.match(/^teacher/gm)).toHaveLength(1) // of the first
    expect(config('c').dataset).toBe(join('..', 'set.csv'))
    expect(await run(['resume', inFolder('c')])).toBe(0)
    rmSync(inFolder('c', 'dataset.safetensors')) // as if it had been killed before it was copied
    expect(await run(['resume', inFolder('c')])).toBe(0)
    expect(bytes('c', 'agent.safetensors')).toEqual(bytes('a', 'agent.safetensors'))
    expect(await distil('d', '--dataset', inFolder('set.json'), '--max-depth', '2', '--episodes', '1')).toBe(0)
    expect(readAgent(inFolder('d')).agent).toBeInstanceOf(DecisionTree)
  })

  it('has every option as a flag with help, range and default, those of targets and trees marked by name', () => {
    const program = createProgram(commands)
    const { options } = program.commands.find((each) => each.name() === 'distill')!
    const about = (name: string) => options.find((each) => each.attributeName() === name)!.description
    for (const name of [...Object.keys(distillOptions), ...Object.keys(viperOptions)]) {
      expect(about(name)).toMatch(/.+ \(.+; default .+\)$/)
    }
    for (const target of Object.values(targets)) {
      for (const name of Object.keys(target.options))
        expect(about(name)).toMatch(new RegExp(`\\b${target.name}\\b.*: `))
    }
    expect(about('maxDepth')).toMatch(/^trees: /)
    expect(about('labels')).toContain('trees: 2000')
  })
})

describe('evaluate, watch, record, inspect and export', () => {
  it('take runs, students, trees, folders without a configuration, and the files of networks and trees', async () => {
    const train = ['train', 'dqn', '--env', 'CartPole-v1', '--hidden', '8', '--steps', '50', '--name', 'run']
    expect(await run([...train, '--out', captured.folder])).toBe(0)
    expect(await distil('student', '--teacher', inFolder('run'), ...flagsOf(few))).toBe(0)
    const tree = ['--max-depth', '2', '--labels', '50', '--rollout-steps', '200', '--episodes', '1']
    expect(await distil('tree', '--teacher', inFolder('run'), ...tree)).toBe(0)
    cpSync(inFolder('student', 'agent.safetensors'), inFolder('bare', 'agent.safetensors'))
    const paths = [
      ...['run', 'student', 'tree', 'bare', join('student', 'agent.safetensors')].map((each) => inFolder(each)),
      ...[inFolder('tree', 'tree.json'), ppo],
    ]
    for (const [i, path] of paths.entries()) {
      const env = ['--env', 'CartPole-v1']
      expect(await run(['evaluate', path, ...env, '--episodes', '1']), path).toBe(0)
      expect(await run(['watch', 'CartPole-v1', '--policy', path, '--steps', '2']), path).toBe(0)
      expect(await run(['inspect', 'agent', path]), path).toBe(0)
      expect(await run(['export', path, '--to', 'js', '--out', inFolder(`${i}.js`)]), path).toBe(0)
      const film = ['record', 'CartPole-v1', '--policy', path, '--steps', '1', '--width', '32']
      expect(await run([...film, '--out', inFolder(`${i}.gif`)]), path).toBe(0)
    }
    expect(captured.errors).not.toContain('error')
    expect(captured.out).toMatch(/DecisionTree +CartPole-v1 +4 numbers +Discrete\(0 … 1\) +\d lea/)
    expect(existsSync(inFolder('student', 'evaluation.json'))).toBe(true)
  })

  it('take students of continuous actions', async () => {
    const train = ['train', 'td3', '--env', 'Pendulum-v1', '--steps', '30', '--hidden', '8', '--name', 'run']
    expect(await run([...train, '--learning-starts', '20', '--out', captured.folder])).toBe(0)
    expect(await distil('student', '--teacher', inFolder('run'), ...flagsOf(few))).toBe(0)
    const file = inFolder('student', 'agent.safetensors')
    for (const path of [inFolder('student'), file]) {
      expect(await run(['evaluate', path, '--episodes', '1'])).toBe(0)
      expect(await run(['watch', 'Pendulum-v1', '--policy', path, '--steps', '2'])).toBe(0)
      expect(await run(['inspect', 'agent', path])).toBe(0)
    }
    await expectRefusal(captured, ['evaluate', file, '--env', 'CartPole-v1'], 'takes 3 numbers', 'CartPole-v1 shows 4')
    await expectRefusal(captured, ['evaluate', ppo], 'give --env')
  })
})

describe('a folder that holds something', () => {
  const student = (...more: string[]) => [
    'distill',
    '--teacher',
    teacherFile(captured.folder),
    '--out',
    inFolder('out'),
    ...more,
  ]
  const all = () => Object.fromEntries(files('out').map((name) => [name, bytes('out', name).toString('base64')]))

  it('is replaced by --force alone, and all files but those of the student stay', async () => {
    expect(await run(student(...flagsOf(few)))).toBe(0)
    writeFileSync(inFolder('out', 'notes.txt'), 'mine')
    const before = all()
    const tree = student('--max-depth', '2', '--labels', '50', '--rollout-steps', '200', '--episodes', '1')
    await expectRefusal(captured, tree, 'holds a run (distill) already', 'alambic resume', '--force')
    expect(all()).toEqual(before)
    expect(await run([...tree, '--force'])).toBe(0)
    expect(files('out')).toEqual(
      'config.json dataset.safetensors notes.txt report.html results.json timings.json tree.json'.split(' '),
    )
    expect(readAgent(inFolder('out')).agent).toBeInstanceOf(DecisionTree)
  })

  it('is as before where a command cannot be done', async () => {
    const train = ['train', 'dqn', '--env', 'FrozenLake-v1', '--hidden', '8', '--steps', '50', '--name', 'lake']
    expect(await run([...train, '--out', captured.folder])).toBe(0)
    const { labels, ...rest } = { ...few, rounds: 1 }
    const lake = ['--teacher', inFolder('lake'), ...flagsOf(rest)]
    expect(await distil('out', ...lake, '--labels', '3')).toBe(0)
    const before = all()
    const impossible = ['--labels', '150', '--force', '--out']
    await expectRefusal(captured, ['distill', ...lake, ...impossible, inFolder('out')], 'new states')
    expect(all()).toEqual(before)
    await expectRefusal(captured, ['distill', ...lake, ...impossible, inFolder('new')], 'new states')
    expect(existsSync(inFolder('new'))).toBe(false)
  })

  it('of a training run is never replaced, nor a student by a training run or a demo', async () => {
    const train = ['train', 'dqn', '--env', 'CartPole-v1', '--hidden', '8', '--steps', '50', '--out', captured.folder]
    expect(await run([...train, '--name', 'out'])).toBe(0)
    const before = all()
    await expectRefusal(captured, student(...flagsOf(few)), 'holds a run (dqn) already', 'another name or folder')
    await expectRefusal(captured, student(...flagsOf(few), '--force'), 'holds a run (dqn) already')
    expect(all()).toEqual(before)
    expect(await distil('student', '--teacher', inFolder('out'), ...flagsOf(few))).toBe(0)
    await expectRefusal(captured, [...train, '--name', 'student'], 'holds a run (distill) already')
    await expectRefusal(captured, ['demo', '--out', inFolder('student')], 'holds other files')
  })

  it('of another kind is left alone', async () => {
    mkdirSync(inFolder('out'))
    writeFileSync(inFolder('out', 'results.json'), 'mine')
    await expectRefusal(captured, student(...flagsOf(few)), 'holds other files already: results.json')
    expect(all()).toEqual({ 'results.json': Buffer.from('mine').toString('base64') })
  })
})

describe('what cannot be is refused in one line, before any time is spent', () => {
  const cartPole = ['--teacher', ppo, '--env', 'CartPole-v1']
  it.each<[string, string[], ...string[]]>([
    ['no teacher', ['--env', 'CartPole-v1'], '--teacher <run> or --dataset <file>'],
    ['a teacher that is not there', ['--teacher', 'no/such/run', '--env', 'CartPole-v1'], 'there is no "no/such/run"'],
    ['no environment', ['--teacher', ppo], '--env CartPole-v1'],
    ['an unknown environment', ['--teacher', ppo, '--env', 'CartPol-v1'], 'Did you mean "CartPole-v'],
    ['another environment than the teacher’s', ['--teacher', ppo, '--env', 'Acrobot-v1'], 'the teacher', 'Acrobot-v1'],
    ['an environment of forces', ['--teacher', ppo, '--env', 'Pendulum-v1'], 'chooses among actions', 'Box([-2]'],
    ['an unknown target', [...cartPole, '--target', 'polcy'], 'Did you mean "policy"?'],
    ['labels that the teacher does not give', [...cartPole, '--target', 'q-mse'], 'learns from actionValues'],
    ['an unknown selection', [...cartPole, '--selection', 'farthst'], '--selection', 'farthest', 'given "farthst"'],
    ['a temperature of 0', [...cartPole, '--temperature', '0'], '--temperature', 'given "0"'],
    ['a temperature that is none', [...cartPole, '--temperature', 'absolute:'], 'absolute:x'],
    ['a temperature chosen without action values', [...cartPole, '--temperature', 'auto'], 'actionValues'],
    [
      'an option of another target',
      [...cartPole, '--value-coef', '0.5'],
      '--value-coef',
      'the target policy',
      'leave it out',
    ],
    ['a divergence that the target lacks', [...cartPole, '--target', 'value-mse', '--divergence', 'jsd'], 'value-mse'],
    ['a tree of fewer labels than rounds', [...cartPole, '--tree', '--labels', '3'], 'rounds'],
    ['half a label', [...cartPole, '--labels', '0.5'], '--labels'],
    ['more labels than states', [...cartPole, '--labels', '1e9'], 'make rolloutSteps larger'],
    ['hidden layers of nothing', [...cartPole, '--hidden', '64,0'], '--hidden', 'whole numbers from 1 on'],
    ['hidden layers that no memory holds', [...cartPole, '--hidden', '900719925474099'], 'memory'],
    ['an unknown activation', [...cartPole, '--activation', 'tahn'], 'Did you mean "tanh"?'],
    ['labels that are not there', ['--dataset', 'none.csv', '--env', 'CartPole-v1'], 'cannot read "none.csv"'],
    ['labels of no known kind', ['--dataset', 'LICENSE'], '.safetensors, .json or .csv'],
    ['a file that is no dataset', ['--dataset', 'package.json'], 'not a labelled dataset'],
    ['a network in place of labels', ['--dataset', ppo], 'written by saveDataset'],
    ['a number of labels beside labels', ['--dataset', 'LABELS', '--labels', '5'], '--labels', 'leave it out'],
    ['labels of another environment', ['--dataset', 'LABELS', '--env', 'Acrobot-v1'], 'CartPole-v1', 'Acrobot-v1'],
    ['the same for a tree', ['--dataset', 'LABELS', '--env', 'Acrobot-v1', '--tree'], 'CartPole-v1', 'Acrobot-v1'],
    ['a tree with layers', [...cartPole, '--max-depth', '3', '--hidden', '8'], '--hidden', 'a tree'],
    ['a tree with a target', [...cartPole, '--tree', '--target', 'policy'], '--target'],
    ['names of layers without a teacher', ['--dataset', 'LABELS', '--layer-names', 'package.json'], '--layer-names'],
    ['names of layers that are none', [...cartPole, '--layer-names', 'LICENSE'], '--layer-names', 'no JSON object'],
    ['an unknown option', [...cartPole, '--label', '5'], 'Did you mean "--labels"?'],
    ['an unknown setting', [...cartPole, '--set', 'label=5'], 'Did you mean "labels"?'],
    ['teachers of two tasks', [...cartPole, '--teacher', 'ACROBOT'], 'all must be of one task'],
  ])('%s', async (_, argv, ...words) => {
    const dataset = inFolder('labels.safetensors')
    const columns = { observations: new Float32Array(8).fill(0.1), logits: Float32Array.of(0, 1, 1, 0) }
    const spec = { envId: 'CartPole-v1', observationSize: 4, actionSpace: new Discrete(2) }
    writeFileSync(dataset, saveDataset(LabelledDataset.of(spec, columns)))
    const acrobot = inFolder('acrobot.safetensors')
    writeFileSync(acrobot, saveAgent(new CategoricalPolicy(new MLP([6, 3], new Rng(1)), 6, 3)))
    const given = argv.map((each) => ({ LABELS: dataset, ACROBOT: acrobot })[each] ?? each)
    await expectRefusal(captured, ['distill', ...given, '--out', inFolder('out')], ...words)
    expect(existsSync(inFolder('out'))).toBe(false)
  })

  it('an agent that gives vectors', async () => {
    const train = ['train', 'ppo', '--env', 'Pendulum-v1', '--hidden', '8', '--num-steps', '16', '--steps', '64']
    await run([...train, '--name', 'swing', '--out', captured.folder])
    const argv = ['distill', '--teacher', inFolder('swing'), '--env', 'CartPole-v1']
    await expectRefusal(captured, argv, 'CartPole-v1 has')
  })

  it('a folder that cannot be written', async () => {
    writeFileSync(inFolder('file'), '')
    await expectRefusal(captured, ['distill', ...cartPole, '--out', inFolder('file')], 'it is a file')
  })
})
