import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { decodeFrames } from 'modern-gif'
import { describe, expect, it, vi } from 'vitest'
import { choosePolicy, openScreen, registerRecord, registerWatch } from '../../src/cli/commands/play.ts'
import { registerTrain } from '../../src/cli/commands/train.ts'
import { run } from '../../src/cli/program.ts'
import { writeStudent } from '../../src/cli/runs/run-folder.ts'
import { OutputFolder } from '../../src/cli/terminal/output-folder.ts'
import { saveAgent } from '../../src/export/agent-file.ts'
import { MLP, saveParameters } from '../../src/nn/index.ts'
import { CategoricalPolicy, DecisionTree, Lookahead, make, play, ValueFunction } from '../../src/rl/index.ts'
import { Rng } from '../../src/tensor/random.ts'
import { captureCommands } from './capture.ts'

const captured = captureCommands()
const at = (...names: string[]) => join(captured.folder, ...names)

const alambic = (...argv: string[]) => run(argv, [registerWatch, registerRecord])
const framesOf = (file: Uint8Array) => decodeFrames(Uint8Array.from(file).buffer)

describe('alambic watch', () => {
  it('prints one picture below the other where there is no terminal, the same for the same seed', async () => {
    expect(await alambic('watch', 'CartPole-v1', '--steps', '3', '--seed', '5')).toBe(0)
    const first = captured.out
    expect(first.match(/^CartPole-v1 {2}episode 1 {2}step \d {2}return \d$/gm)).toHaveLength(4)
    expect(first).toContain('step 3  return 3')
    expect(first).toMatch(/[\u2801-\u28ff]/)
    expect(first).not.toContain('\u001b')
    captured.out = ''
    await alambic('watch', 'CartPole-v1', '--steps', '3', '--seed', '5', '--policy', 'random')
    expect(captured.out).toBe(first)
  })

  it('goes on with the next episode until the steps are used up', async () => {
    expect(await alambic('watch', 'Blackjack-v1', '--steps', '6')).toBe(0)
    expect(captured.out).toMatch(/episode 2 {2}step 0/)
    expect(captured.out).toMatch(/ {2}end$/m)
  })

  it('plays a saved network', async () => {
    const file = at('net.safetensors')
    writeFileSync(file, saveParameters(new MLP([4, 8, 2], new Rng(3))))
    expect(await alambic('watch', 'CartPole-v1', '--steps', '2', '--policy', file)).toBe(0)
    const values = new ValueFunction(new MLP([4, 8, 1], new Rng(3)), 4, 2, { mean: 3, deviation: 2 })
    writeFileSync(file, saveAgent(values))
    expect(await alambic('watch', 'CartPole-v1', '--steps', '2', '--policy', file)).toBe(0)
    expect(captured.errors).toBe('')
  })

  it('looks ahead with a network of one output, in the units of its notes', () => {
    const file = at('values.safetensors')
    const network = new MLP([4, 8, 1], new Rng(6)) // one that goes both ways
    const values = new ValueFunction(network, 4, 2, { mean: -40, deviation: 9 })
    writeFileSync(file, saveAgent(values))
    const env = make<unknown, unknown>('CartPole-v1')
    const choose = choosePolicy(file, env, new Rng())
    const planner = new Lookahead(values, make('CartPole-v1'))
    const chosen = new Set<unknown>()
    const rng = new Rng(8)
    const { observation } = env.reset({ seed: 1 })
    for (let i = 0; i < 40; i++) {
      env.state = [2.4, 1, 0.2, 1].map((limit) => rng.uniform(-limit, limit))
      expect(choose(env, observation)).toBe(planner.plan(env))
      chosen.add(planner.plan(env))
    }
    expect(chosen.size).toBe(2)
  })

  it('reads the units: a goal is worth 0, and what else there is less or more than that', () => {
    const file = at('values.safetensors')
    const env = make<unknown, unknown>('MountainCar-v0')
    const { observation } = env.reset({ seed: 1 })
    env.state = [0.49, 0.0095] // of the three actions the last alone reaches the flag
    const chosen = [-40, 40].map((mean) => {
      const units = { mean, deviation: 1 }
      writeFileSync(file, saveAgent(new ValueFunction(new MLP([2, 8, 1], new Rng(6)), 2, 3, units)))
      return choosePolicy(file, env, new Rng())(env, observation)
    })
    expect(chosen[0]).toBe(2)
    expect(chosen[1]).not.toBe(2)
  })

  it.each([
    ['ppo', 'CartPole-v1'],
    ['sac', 'Pendulum-v1'],
    ['q-learning', 'Taxi-v4'],
  ])('plays a run of %s', async (algorithm, env) => {
    const path = at('one')
    const train = ['train', algorithm, '--env', env, '--steps', '300', '--name', 'one', '--out', captured.folder]
    expect(await run(train, [registerTrain])).toBe(0)
    captured.out = ''
    expect(await alambic('watch', env, '--steps', '3', '--policy', path)).toBe(0)
    expect(captured.out.match(/episode 1 {2}step \d/g)).toHaveLength(4)
    captured.errors = ''
    expect(await alambic('watch', 'Acrobot-v1', '--policy', path)).toBe(2)
    expect(captured.errors).toMatch(new RegExp(`learned ${env}; takes .*; Acrobot-v1 shows 6 numbers`))
  })

  it('plays a student from its folder, a network or a tree', async () => {
    const agent = new CategoricalPolicy(new MLP([4, 8, 2], new Rng(3)), 4, 2)
    const tree = new DecisionTree({ action: 1, weights: [0, 1], samples: 1 }, 4, 2)
    for (const [name, student] of Object.entries({ agent, tree })) {
      const path = at(name)
      writeStudent(OutputFolder.open(path), '', student, 'CartPole-v1')
      const env = make<unknown, unknown>('CartPole-v1')
      const choose = choosePolicy(path, env, new Rng())
      const { observation } = env.reset({ seed: 1 })
      expect(choose(env, observation)).toBe(student.act(observation as Float32Array))
    }
  })

  it('answers wrong input in one line and with exit code 2', async () => {
    const file = at('net.safetensors')
    writeFileSync(file, saveParameters(new MLP([3, 8, 2], new Rng(3))))
    const wrong: [argv: string[], words: RegExp][] = [
      [['watch', 'CartPol-v1'], /Did you mean "CartPole-v1"/],
      [['watch', 'CartPole-v1', '--policy', 'rndom'], /there is no "rndom"\. Did you mean random\?/],
      [
        ['watch', 'CartPole-v1', '--policy', file],
        /takes 3 numbers and gives Discrete\(0 … 1\); CartPole-v1 shows 4 numbers and takes Discrete\(0 … 1\)/,
      ],
      [
        ['watch', 'Pendulum-v1', '--policy', file],
        /gives Discrete\(0 … 1\); Pendulum-v1 shows 3 numbers and takes Box/,
      ],
      [['watch', 'CartPole-v1', '--steps', '0'], /--steps: expected a whole number from 1 on, given "0"/],
      [['watch', 'CartPole-v1', '--fps', 'fast'], /--fps: expected a number from 0.1 to 120, given "fast"/],
      [['record', 'CartPole-v1'], /record: nothing to write/],
      [['record', 'CartPole-v1', '--out', 'film.png'], /expected a file name that ends in .gif, given "film.png"/],
    ]
    for (const [argv, words] of wrong) {
      captured.errors = ''
      expect(await alambic(...argv), argv.join(' ')).toBe(2)
      expect(captured.errors).toMatch(words)
      expect(captured.errors).toMatch(/^error: [^\n]+\n$/)
    }
    writeFileSync(file, new Uint8Array(20))
    expect(await alambic('watch', 'CartPole-v1', '--policy', file)).toBe(2)
  })
})

describe('play', () => {
  it('seeds the first episode, and starts each one elsewhere', () => {
    const moments = [...play(make<unknown, unknown>('CartPole-v1'), () => 0, 40, 6)]
    expect(moments.filter(({ step }) => step > 0)).toHaveLength(40)
    const firsts: string[] = []
    const env = make<unknown, unknown>('CartPole-v1')
    for (const { step } of play(env, () => 0, 40, 6)) if (step === 0) firsts.push(env.state.join())
    expect(firsts.length).toBeGreaterThan(2)
    expect(new Set(firsts).size).toBe(firsts.length)
  })
})

describe('a screen', () => {
  it('paints each picture over the one before on a terminal', async () => {
    const written: string[] = []
    const terminal = {
      isTTY: true,
      columns: 30,
      rows: 10,
      getColorDepth: () => 1,
      write: (text: string) => written.push(text),
    }
    const show = openScreen(1000, terminal as unknown as NodeJS.WriteStream)
    const line = { kind: 'line', points: [0, 5, 10, 5], stroke: '#000000' } as const
    const scene = { width: 10, height: 10, background: '#ffffff', shapes: [line] } as const
    await show('one', scene)
    await show('two', scene)
    const [hide, first, second] = written
    expect(hide).toBe('\u001b[?25l')
    expect(first!.split('\n')).toHaveLength(10) // eight rows of picture, the headline, and the end
    expect(first!.startsWith('one\u001b[K\n')).toBe(true)
    expect(second!.startsWith('\u001b[9Atwo\u001b[K\n')).toBe(true)
  })
})

describe('alambic record', () => {
  it('writes a GIF with a picture for each moment, whole and alone', async () => {
    const file = at('films', 'cart.gif')
    const options = ['--steps', '4', '--width', '96', '--fps', '20', '--seed', '2']
    expect(await alambic('record', 'CartPole-v1', '--out', file, ...options)).toBe(0)
    expect(captured.out).toBe(`${file}\n`)
    expect(readdirSync(at('films'))).toEqual(['cart.gif'])
    const bytes = readFileSync(file)
    const frames = framesOf(bytes)
    expect(frames.map(({ width, height, delay }) => [width, height, delay])).toEqual([
      ...Array.from({ length: 4 }, () => [96, 58, 50]),
      [96, 58, 1000],
    ])
    await alambic('record', 'CartPole-v1', '--out', file, ...options, '--force')
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  it.each(['--out', '--log'])('keeps a file that is named by %s, unless --force is given', async (flag) => {
    const [film, log] = [at('film.gif'), at('log.csv')]
    const taken = flag === '--out' ? film : log
    writeFileSync(taken, 'mine')
    const both = ['record', 'CartPole-v1', '--steps', '2', '--width', '32', '--out', film, '--log', log]
    expect(await alambic(...both)).toBe(2)
    expect(captured.errors).toContain(`"${taken}" exists already; replace it with --force, or choose another name`)
    expect(readdirSync(captured.folder)).toEqual([basename(taken)])
    expect(readFileSync(taken, 'utf8')).toBe('mine')
    expect(await alambic(...both, '--force')).toBe(0)
    expect(readFileSync(taken, 'utf8')).not.toBe('mine')
  })

  it('stops after the episodes asked for', async () => {
    const file = at('cards.gif')
    expect(await alambic('record', 'Blackjack-v1', '--out', file, '--width', '64', '--episodes', '2')).toBe(0)
    const env = make<unknown, unknown>('Blackjack-v1')
    const policy = new Rng(1)
    let moments = 0
    for (const { episode } of play(env, (each) => each.actionSpace.sample(policy), 500, 1)) {
      if (episode > 2) break
      moments++
    }
    expect(framesOf(readFileSync(file))).toHaveLength(moments)
  })

  it('opens the folder of the log alone where there is no picture', async () => {
    const open = vi.spyOn(OutputFolder, 'open')
    expect(await run(['record', 'CartPole-v1', '--steps', '2', '--log', at('log.csv')])).toBe(0)
    expect(open.mock.calls).toEqual([[captured.folder]])
  })

  it('leaves nothing behind where it cannot write', async () => {
    writeFileSync(at('taken'), '')
    expect(await alambic('record', 'CartPole-v1', '--out', at('taken', 'film.gif'))).toBe(2)
    expect(captured.errors).toMatch(/cannot write into the folder/)
    expect(existsSync(at('film.gif'))).toBe(false)
  })
})
