import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { readSavedAgent } from '../../src/cli/saved-agents.ts'
import { collect } from '../../src/distill/collect.ts'
import { learnPolicy } from '../../src/distill/collection/students.ts'
import { labelledSetToCsv } from '../../src/distill/csv.ts'
import type { LabelledSet } from '../../src/distill/labelled-set.ts'
import { labelledSetToJson, loadLabelledSet } from '../../src/distill/set-files.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import { DecisionTree } from '../../src/distill/tree-agent.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { readSafetensors } from '../../src/nn/safetensors.ts'
import { PolicyAgent } from '../../src/rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { make } from '../../src/rl/registry.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const golden = (name: string) => fileURLToPath(new URL(`../golden/teachers/${name}.safetensors`, import.meta.url))
const ppo = golden('sb3-ppo-cartpole')

/** Few of everything: what is tested is the way, not how good the student gets. */
const few = ['--labels', '20', '--mode', 'teacherContiguous', '--updates', '10', '--hidden', '8', '--episodes', '2']
const distil = (name: string, ...argv: string[]) => run(['distill', ...argv, '--out', join(captured.folder, name)])
const fromPpo = (name: string, ...more: string[]) =>
  distil(name, '--teacher', ppo, '--env', 'CartPole-v1', ...few, ...more)
const files = (name: string) => readdirSync(join(captured.folder, name)).sort()
const bytes = (...path: string[]) => readFileSync(join(captured.folder, ...path))
const config = (name: string) => JSON.parse(bytes(name, 'config.json').toString())

describe('distill', () => {
  it('leaves the student, the labels and the results of a teacher of Stable-Baselines3', async () => {
    expect(await fromPpo('student')).toBe(0)
    expect(files('student')).toEqual(['config.json', 'labelled-set.safetensors', 'results.json', 'student.safetensors'])
    expect(captured.out).toMatch(/teacher +500\.0 .*9,155 parameters/)
    expect(captured.out).toMatch(/student .*58 parameters +20 +\d+ +10/)
    expect(config('student')).toMatchObject({ env: 'CartPole-v1', target: 'policy', outputs: 'logits', hidden: [8] })
    const set = loadLabelledSet(bytes('student', 'labelled-set.safetensors'))
    expect(set).toMatchObject({ size: 20, labels: 20, envId: 'CartPole-v1' })
    expect(set.logits).toHaveLength(40)
    const { agent, env } = readSavedAgent(join(captured.folder, 'student'))
    expect(agent).toBeInstanceOf(PolicyAgent)
    expect(env).toBe('CartPole-v1')
  })

  it('writes the same bytes for the same command', async () => {
    await fromPpo('one')
    await fromPpo('two')
    for (const file of files('one')) expect(bytes('two', file)).toEqual(bytes('one', file))
    await fromPpo('three', '--seed', '2')
    expect(bytes('three', 'student.safetensors')).not.toEqual(bytes('one', 'student.safetensors'))
  })

  it('labels states that lie apart where students choose them', async () => {
    const more = ['--labels', '20', '--updates', '5', '--hidden', '8', '--episodes', '2', '--seed', '3']
    expect(await distil('student', '--teacher', ppo, '--env', 'CartPole-v1', ...more)).toBe(0)
    const firstRound = (set: LabelledSet) => set.observations.slice(0, 16) // four of twenty labels, before any student plays
    const teacher = new Teacher(readSavedAgent(ppo).agent as DiscretePolicy, 'teacher')
    const sets = [5, 1].map((spread) =>
      collect(teacher, make('CartPole-v1'), {
        mode: 'student',
        labels: 20,
        seed: 3,
        spread,
        learn: learnPolicy([4], { updates: 1 }),
      }),
    )
    const [apart, drawn] = sets.map(firstRound)
    expect(firstRound(loadLabelledSet(bytes('student', 'labelled-set.safetensors')))).toEqual(apart)
    expect(drawn).not.toEqual(apart)
  })

  it('takes a training run as teacher, and a student of one', async () => {
    const train = ['train', 'dqn', '--env', 'CartPole-v1', '--hidden', '8', '--steps', '200', '--name', 'run']
    expect(await run([...train, '--out', captured.folder])).toBe(0)
    expect(await distil('student', '--teacher', join(captured.folder, 'run'), ...few)).toBe(0)
    expect(config('student').env).toBe('CartPole-v1')
    expect(await distil('heir', '--teacher', join(captured.folder, 'student'), ...few)).toBe(0)
    expect(captured.out).toMatch(/teacher .*58 parameters/)
  })

  it('reads other layers and activations when told', async () => {
    const layout = join(captured.folder, 'layout.json')
    const file = join(captured.folder, 'other.safetensors')
    const network = new MLP([4, 6, 2], new Rng(1), { activation: 'tanh' })
    writeFileSync(file, saveParameters({ parameters: () => ({ ...renamed(network) }) }))
    writeFileSync(layout, JSON.stringify({ activation: 'tanh', logits: ['first', 'second'] }))
    const { agent } = readSavedAgent(file, { layout })
    const x = tensor([0.1, -0.2, 0.3, 0.4], [1, 4])
    expect((agent as DiscretePolicy).logits!(x).toArray()).toEqual(network.forward(x).toArray())
    expect(await distil('student', '--teacher', file, '--layout', layout, '--env', 'CartPole-v1', ...few)).toBe(0)
  })

  const renamed = (network: MLP) => {
    const names: Record<string, string> = { 0: 'first', 2: 'second' }
    const entries = Object.entries(network.parameters())
    return Object.fromEntries(entries.map(([name, each]) => [name.replace(/^\d/, (digit) => names[digit]!), each]))
  }

  it('shows numbered states to networks as vectors, and looks ahead in them', async () => {
    const train = ['train', 'dqn', '--env', 'FrozenLake-v1', '--hidden', '8', '--steps', '200', '--name', 'lake']
    expect(await run([...train, '--out', captured.folder])).toBe(0)
    const small = ['--labels', '3', '--mode', 'mixedEpsilon', '--updates', '5', '--episodes', '3']
    const lake = ['--teacher', join(captured.folder, 'lake'), ...small]
    expect(await distil('values', ...lake, '--target', 'stateValues')).toBe(0)
    expect(await distil('policy', ...lake)).toBe(0)
  })

  it('grows a decision tree and prints its rules', async () => {
    const argv = ['--teacher', ppo, '--env', 'CartPole-v1', '--tree', '2', '--labels', '50', '--episodes', '2']
    expect(await distil('tree', ...argv)).toBe(0)
    expect(captured.out).toMatch(/if (cart|pole) [a-z ]+ <= -?[\d.]+:/)
    expect(captured.out).toMatch(/push left/)
    const { agent } = readSavedAgent(join(captured.folder, 'tree'))
    expect((agent as DecisionTree).depth).toBeLessThanOrEqual(2)
    expect(config('tree').leaves).toBe((agent as DecisionTree).leaves)
  })

  it('learns from a set that is brought, the same from each kind of file', async () => {
    await fromPpo('first')
    const set = loadLabelledSet(bytes('first', 'labelled-set.safetensors'))
    const path = (name: string) => join(captured.folder, name)
    writeFileSync(path('set.json'), labelledSetToJson(set))
    writeFileSync(path('set.csv'), labelledSetToCsv(set))
    const learn = ['--updates', '10', '--hidden', '8', '--episodes', '2']
    expect(await distil('a', '--set', path('first/labelled-set.safetensors'), ...learn)).toBe(0)
    expect(await distil('b', '--set', path('set.json'), ...learn)).toBe(0)
    expect(await distil('c', '--set', path('set.csv'), '--env', 'CartPole-v1', ...learn)).toBe(0)
    for (const name of ['a', 'b', 'c']) {
      const { tensors } = readSafetensors(bytes(name, 'student.safetensors'))
      expect(tensors).toEqual(readSafetensors(bytes('first', 'student.safetensors')).tensors)
    }
    expect(captured.out).toContain('teacher') // of the first only
    expect(await distil('d', '--set', path('set.json'), '--tree', '2', '--episodes', '1')).toBe(0)
    expect(readSavedAgent(path('d')).agent).toBeInstanceOf(DecisionTree)
  })

  it('never replaces a student unasked', async () => {
    await fromPpo('student')
    const before = bytes('student', 'student.safetensors')
    const argv = ['distill', '--teacher', ppo, '--env', 'CartPole-v1', ...few, '--seed', '5']
    await expectRefusal(captured, [...argv, '--out', join(captured.folder, 'student')], 'exists already', '--force')
    expect(bytes('student', 'student.safetensors')).toEqual(before)
    expect(await fromPpo('student', '--seed', '5', '--force')).toBe(0)
    expect(bytes('student', 'student.safetensors')).not.toEqual(before)
  })
})

describe('what cannot be is refused in one line, before any time is spent', () => {
  const cartPole = ['--teacher', ppo, '--env', 'CartPole-v1']
  it.each<[string, string[], ...string[]]>([
    ['no teacher', ['--env', 'CartPole-v1'], '--teacher or --set'],
    ['a teacher that is not there', ['--teacher', 'no/such/run', '--env', 'CartPole-v1'], 'there is no "no/such/run"'],
    ['no environment', ['--teacher', ppo], '--env CartPole-v1'],
    ['an unknown environment', ['--teacher', ppo, '--env', 'CartPol-v1'], 'Did you mean "CartPole-v'],
    ['another environment than the teacher’s', ['--teacher', ppo, '--env', 'Acrobot-v1'], 'has 2 actions, Acrobot-v1'],
    ['an environment of forces', ['--teacher', ppo, '--env', 'Pendulum-v1'], 'Pendulum-v1'],
    ['an unknown target', [...cartPole, '--target', 'polcy'], 'Did you mean "policy"?'],
    ['labels that the teacher does not give', [...cartPole, '--target', 'actionValues'], 'gave no actionValues'],
    ['an unknown mode', [...cartPole, '--mode', 'mixedepsilon'], 'Did you mean "mixedEpsilon"?'],
    ['a temperature of 0', [...cartPole, '--tau', '0'], '--tau', 'given "0"'],
    ['a temperature that is none', [...cartPole, '--tau', 'abs:'], 'abs:<number>'],
    ['a temperature chosen without action values', [...cartPole, '--tau', 'auto'], 'actionValues'],
    ['a tree of fewer labels than rounds', [...cartPole, '--tree', '3', '--labels', '3'], 'rounds'],
    ['half a label', [...cartPole, '--labels', '0.5'], '--labels'],
    ['hidden layers of nothing', [...cartPole, '--hidden', '64,0'], '--hidden', '64,64'],
    ['hidden layers that no memory holds', [...cartPole, '--hidden', '60000,60000'], '20,000,000 at most'],
    ['labels without end', [...cartPole, '--labels', '1e9'], '--labels', '1000000'],
    ['an unknown activation', [...cartPole, '--activation', 'tahn'], 'Did you mean "tanh"?'],
    ['a set that is not there', ['--set', 'none.csv', '--env', 'CartPole-v1'], 'cannot read "none.csv"'],
    ['a set of no known kind', ['--set', 'LICENSE'], '.safetensors, .json or .csv'],
    ['a table without its environment', ['--set', 'none.csv'], 'say --env'],
    ['a set that is no set', ['--set', 'package.json'], 'labelled'],
    ['a network in place of a set', ['--set', ppo], 'no labelled set'],
    ['labels beside a set', ['--set', ppo, '--labels', '5'], '--labels', 'leave it out'],
    ['leaves without a tree', [...cartPole, '--leaves', '5'], '--leaves'],
    ['a tree with layers', [...cartPole, '--tree', '3', '--hidden', '8'], '--hidden'],
    ['a layout without a teacher', ['--set', ppo, '--layout', 'x.json'], '--layout'],
    ['a layout that is none', [...cartPole, '--layout', 'LICENSE'], '--layout', 'no JSON object'],
    ['an unknown option', [...cartPole, '--label', '5'], 'Did you mean "--labels"?'],
  ])('%s', async (_, argv, ...words) => {
    const out = join(captured.folder, 'out')
    await expectRefusal(captured, ['distill', ...argv, '--out', out], ...words)
    expect(existsSync(out)).toBe(false)
  })

  it('an agent that gives vectors', async () => {
    const train = ['train', 'ppo', '--env', 'Pendulum-v1', '--hidden', '8', '--num-steps', '16', '--steps', '64']
    await run([...train, '--name', 'swing', '--out', captured.folder])
    const argv = ['distill', '--teacher', join(captured.folder, 'swing'), '--env', 'CartPole-v1']
    await expectRefusal(captured, argv, '(ppo) has neither logits nor action values')
  })

  it('a folder that cannot be written', async () => {
    const file = join(captured.folder, 'file')
    writeFileSync(file, '')
    await expectRefusal(captured, ['distill', ...cartPole, '--out', file], 'it is a file')
  })
})
