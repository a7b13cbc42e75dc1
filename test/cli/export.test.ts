import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { readAgent } from '../../src/cli/runs/agents.ts'
import { writeStudent } from '../../src/cli/runs/run-folder.ts'
import { OutputFolder } from '../../src/cli/terminal/output-folder.ts'
import { ensembleOf } from '../../src/distill/teachers/teacher-sources.ts'
import { saveAgent } from '../../src/export/agent-file.ts'
import { MLP, readSafetensors, saveParameters } from '../../src/nn/index.ts'
import { Box, DecisionTree, DeterministicPolicy } from '../../src/rl/index.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../../src/rl/policies/discrete-policies.ts'
import type { TeachingPolicy } from '../../src/rl/policies/policy.ts'
import { Rng, tensor } from '../../src/tensor/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const ppo = fileURLToPath(new URL('../golden/teachers/sb3-ppo-cartpole.safetensors', import.meta.url))
const path = (...names: string[]) => join(captured.folder, ...names)
const load = (file: string) => import(/* @vite-ignore */ pathToFileURL(file).href)
const network = new MLP([4, 64, 64, 2], new Rng(1))
const states = Array.from({ length: 100 }, (_, i) => Float32Array.of(i / 50 - 1, 0.3, Math.sin(i) / 5, 0.1))

/** A folder as the demo leaves it; `alambic distill` adds a configuration. */
function studentAt(name: string, student = new CategoricalPolicy(network, 4, 2), env = 'CartPole-v1'): string {
  writeStudent(OutputFolder.open(captured.folder), name, student, env)
  return path(name)
}

describe('export', () => {
  it('writes a module with its types, that acts as the student does', async () => {
    const student = studentAt('student')
    expect(await run(['export', student, '--to', 'js'])).toBe(0)
    expect(captured.out).toMatch(/student\.js: 19,\d{3} bytes, 4,610 parameters, rounded to 24 bits.*10,000 states/)
    const { act } = await load(path('student', 'student.js'))
    const agent = new CategoricalPolicy(network, 4, 2)
    for (const state of states) expect(act(state)).toBe(agent.act(state))
    expect(readFileSync(path('student', 'student.d.ts'), 'utf8')).toContain('export declare function act(')
  })

  it('keeps all bits where the environment is not known', async () => {
    const student = studentAt('student', new CategoricalPolicy(network, 4, 2), 'MyOwn-v0')
    expect(await run(['export', student, '--to', 'js', '--out', path('mine.mjs')])).toBe(0)
    expect(captured.out).toContain('all bits of each')
    const { forward } = await load(path('mine.mjs'))
    expect(forward(states[3])).toEqual(network.forward(tensor(states[3]!, [1, 4])).toArray())
    expect(existsSync(path('mine.d.mts'))).toBe(true)
  })

  it('writes ONNX and the state dict of PyTorch, of folders and of files', async () => {
    const student = studentAt('student')
    expect(await run(['export', student, '--to', 'onnx'])).toBe(0)
    expect(await run(['export', join(student, 'agent.safetensors'), '--to', 'safetensors'])).toBe(0)
    expect(await run(['export', ppo, '--to', 'onnx', '--out', path('ppo.onnx')])).toBe(0)
    const { tensors, metadata } = readSafetensors(readFileSync(join(student, 'agent-pytorch.safetensors')))
    expect([...tensors.keys()]).toEqual(['0.weight', '0.bias', '2.weight', '2.bias', '4.weight', '4.bias'])
    expect(metadata).toMatchObject({ environment: 'CartPole-v1', outputs: 'logits' })
    expect(captured.out).toContain(`parameters, for ${metadata.network}`)
    expect(readFileSync(path('ppo.onnx')).includes('Tanh')).toBe(true)
    expect(readFileSync(join(student, 'student.onnx')).includes('Relu')).toBe(true)
  })

  it('tries a foreign policy in the environment that is named', async () => {
    const argv = ['export', ppo, '--to', 'js', '--env', 'CartPole-v1', '--out', path('ppo.js')]
    expect(await run(argv)).toBe(0)
    expect(captured.out).toContain('rounded to 24 bits')
    await expectRefusal(captured, [...argv.slice(0, 5), 'CartPol-v1', '--force'], 'Did you mean "CartPole-v')
    await expectRefusal(captured, [...argv.slice(0, 5), 'Acrobot-v1', '--out', path('no.js')], 'gives 2; Acrobot-v1')
  })

  it('writes the actor of a training run, by its folder or its file', async () => {
    const train = ['train', 'ppo', '--env', 'CartPole-v1', '--hidden', '8', '--num-steps', '16', '--steps', '64']
    await run([...train, '--name', 'run', '--out', captured.folder])
    expect(await run(['export', path('run'), '--to', 'js'])).toBe(0)
    expect(await run(['export', path('run', 'agent.safetensors'), '--to', 'js', '--out', path('file.js')])).toBe(0)
    const [folder, file] = [await load(path('run', 'run.js')), await load(path('file.js'))]
    for (const state of states) expect(file.forward(state)).toEqual(folder.forward(state))
    const values = ['train', 'dqn', '--env', 'CartPole-v1', '--hidden', '8', '--steps', '50', '--name', 'values']
    await run([...values, '--out', captured.folder])
    const { agent } = readAgent(path('values', 'agent.safetensors'))
    expect(agent).toBeInstanceOf(QPolicy)
  })

  it('writes the ensemble of several agents, and action values of a distributional network', async () => {
    const train = ['--env', 'CartPole-v1', '--hidden', '8', '--steps', '50', '--out', captured.folder]
    expect(await run(['train', 'rainbow', ...train, '--name', 'rainbow'])).toBe(0)
    expect(await run(['export', path('rainbow'), '--to', 'onnx'])).toBe(0)
    expect(captured.out).toContain('observations → actionValues')
    expect(await run(['train', 'dqn', '--dueling', 'true', ...train, '--name', 'dueling'])).toBe(0)
    expect(await run(['export', path('dueling'), '--to', 'onnx', '--out', path('d.onnx')])).toBe(0)
    const again = ['evaluate', path('d.onnx'), '--env', 'CartPole-v1', '--episodes', '2']
    expect(await run(again), captured.errors).toBe(0)
    const students = [1, 2].map((seed) => {
      return studentAt(`member-${seed}`, new CategoricalPolicy(new MLP([4, 8, 2], new Rng(seed)), 4, 2))
    })
    for (const format of ['js', 'onnx', 'safetensors', 'c']) {
      const file = path(`both.${format === 'c' ? 'h' : format}`)
      expect(await run(['export', ...students, '--to', format, '--out', file]), captured.errors).toBe(0)
    }
    expect(await run(['export', ...students, '--to', 'c', '--int8', '--out', path('small.h')])).toBe(0)
    const { act } = await load(path('both.js'))
    const ensemble = ensembleOf(students.map((each) => readAgent(each).agent as TeachingPolicy))
    for (const state of states) expect(act(state)).toBe(ensemble.actBatch!(state)[0])
    await expectRefusal(captured, ['export', ...students, '--to', 'js'], '--out: an ensemble has no name of its own')
  })

  it('writes a decision tree as statements', async () => {
    const leaf = (action: number) => ({ action, weights: [1, 1], samples: 1 })
    const split = (feature: number, threshold: number, left: DecisionTree['root'], right: DecisionTree['root']) => ({
      ...{ feature, threshold, left, right },
    })
    const root = split(2, 0.1, split(0, -0.5, leaf(1), leaf(0)), split(3, 0, leaf(0), leaf(1)))
    const tree = new DecisionTree(root, 4, 2)
    const student = studentAt('tree', tree as never)
    expect(await run(['export', student, '--to', 'js'])).toBe(0)
    const { act } = await load(path('tree', 'tree.js'))
    for (const state of states) expect(act(state)).toBe(tree.act(state))
    expect(() => act([1])).toThrow('expected 4 finite numbers')
    await expectRefusal(
      captured,
      ['export', student, '--to', 'onnx'],
      'a decision tree can be exported as js or c only',
    )
    await expectRefusal(captured, ['export', student, '--to', 'c', '--int8'], 'holds no weights')
    expect(await run(['export', student, '--to', 'c'])).toBe(0)
    expect(readFileSync(path('tree', 'tree.h'), 'utf8')).toContain('if (x[2] < .1f)')
  })

  it('writes a table as the action of each state', async () => {
    await run([...'train q-learning --env FrozenLake-v1 --steps 500 --name t --out'.split(' '), captured.folder])
    expect(await run(['export', path('t'), '--to', 'js'])).toBe(0)
    expect(await run(['export', path('t'), '--to', 'c'])).toBe(0)
    const { agent } = readAgent(path('t'))
    const { act } = await load(path('t', 't.js'))
    for (let state = 0; state < 16; state++) {
      expect(act(state)).toBe(
        (agent as CategoricalPolicy).act(Float32Array.from({ length: 16 }, (_, i) => +(i === state))),
      )
    }
    await expectRefusal(
      captured,
      ['export', path('t'), '--to', 'safetensors'],
      'a table can be exported as js or c only',
    )
  })

  it('writes C of 8 bits and prints what it loses', async () => {
    const student = studentAt('my-student', new CategoricalPolicy(new MLP([4, 8, 2], new Rng(1)), 4, 2))
    const argv = ['export', student, '--to', 'c', '--out', path('my-pole.h')]
    expect(await run([...argv, '--int8'])).toBe(0)
    expect(captured.out).toMatch(/the same action as float32 in \d+\.\d+ % of 10,000 played states of calibration/)
    expect(captured.out).toMatch(/mean return in CartPole-v1, 20 episodes: float32 [\d.]+, int8 [\d.]+/)
    expect(captured.out).toContain('58 parameters, int8 weights of 176 bytes in place of float32 weights of 232 bytes')
    expect(readFileSync(path('my-pole.h'), 'utf8')).toContain('int my_pole_act(const float *observation)')
    await expectRefusal(captured, ['export', student, '--to', 'js', '--int8'], '--int8: expected --to c')
  })

  it('writes an actor of continuous actions in all formats', async () => {
    const student = new DeterministicPolicy(new MLP([3, 4, 1], new Rng(1)), 3, new Box([-2], [2]))
    const folder = studentAt('pendulum', student as never, 'Pendulum-v1')
    for (const format of ['js', 'onnx', 'safetensors', 'c'])
      expect(await run(['export', folder, '--to', format])).toBe(0)
    const { act } = await load(join(folder, 'pendulum.js'))
    expect(act([0.1, 0.2, 0.3])).toEqual(student.act(Float32Array.of(0.1, 0.2, 0.3)))
    const { metadata } = readSafetensors(readFileSync(join(folder, 'pendulum-pytorch.safetensors')))
    expect(JSON.parse(metadata.bounds!)).toEqual({ low: [-2], high: [2], scaled: true })
  })

  it('writes values in their units, from the notes of a file', async () => {
    const values = new MLP([4, 8, 1], new Rng(2))
    const units = { mean: 40, deviation: 5 }
    const student = new ValueFunction(values, 4, 2, units)
    writeFileSync(path('v.safetensors'), saveAgent(student, { environment: 'CartPole-v1' }))
    expect(await run(['export', path('v.safetensors'), '--to', 'js'])).toBe(0)
    const { forward } = await load(path('v.js'))
    const agent = new ValueFunction(values, 4, 2, units)
    expect(forward(states[0])[0]).toBeCloseTo(agent.stateValues(tensor(states[0]!, [1, 4])).item(), 4)
  })

  it('writes values as they are where the notes do not tell their units', async () => {
    const values = new MLP([4, 1], new Rng(2))
    writeFileSync(path('v.safetensors'), saveParameters(values))
    expect(await run(['export', path('v.safetensors'), '--to', 'js'])).toBe(0)
    const { forward } = await load(path('v.js'))
    expect(forward(states[0])).toEqual(values.forward(tensor(states[0]!, [1, 4])).toArray())
  })
})

describe('what cannot be is refused in one line', () => {
  it('a file that is there already, until it is said', async () => {
    const student = studentAt('student', new CategoricalPolicy(new MLP([4, 2], new Rng(1)), 4, 2))
    writeFileSync(path('student', 'student.d.ts'), 'mine')
    await expectRefusal(captured, ['export', student, '--to', 'js'], 'student.d.ts', '--force')
    expect(readdirSync(student).sort()).toEqual(['agent.safetensors', 'student.d.ts'])
    expect(await run(['export', student, '--to', 'js', '--force'])).toBe(0)
  })

  it.each([
    ['no format', [], '--to'],
    ['an unknown format', ['--to', 'json'], 'Did you mean "js"?'],
    ['another file name', ['--to', 'onnx', '--out', 'student.js'], 'ends in .onnx'],
    ['an activation for what has its own', ['--to', 'js', '--activation', 'tanh'], 'for files of networks'],
  ])('%s', async (_, argv, words) => {
    await expectRefusal(captured, ['export', studentAt('student'), ...argv], words)
  })

  it('nothing to export: no file, an empty folder, a folder above the student', async () => {
    await expectRefusal(captured, ['export', path('none'), '--to', 'js'], 'there is no')
    await expectRefusal(captured, ['export', captured.folder, '--to', 'js'], 'holds no run')
    studentAt('student')
    await expectRefusal(captured, ['export', captured.folder, '--to', 'js'], `Did you mean "${path('student')}"?`)
  })

  it('a broken student', async () => {
    const student = studentAt('student')
    const file = join(student, 'agent.safetensors')
    writeFileSync(file, saveParameters(network, { outputs: 'colours' }))
    await expectRefusal(captured, ['export', student, '--to', 'js'], '"colours"')
    writeFileSync(file, 'nonsense')
    await expectRefusal(captured, ['export', student, '--to', 'js'], 'safetensors')
    writeFileSync(join(student, 'config.json'), '{')
    await expectRefusal(captured, ['export', student, '--to', 'js'], 'config.json', 'not JSON')
  })
})
