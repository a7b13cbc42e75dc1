import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { trainingEnvs } from '../../src/cli/runs/environments.ts'
import { RunFolder } from '../../src/cli/runs/run-folder.ts'
import { RunLog } from '../../src/cli/runs/run-log.ts'
import { flagsOf } from '../../src/cli/terminal/options.ts'
import { defaultsOf } from '../../src/data/options.ts'
import { readSafetensors } from '../../src/nn/files/safetensors.ts'
import type { Algorithm } from '../../src/rl/training/training.ts'
import { tabularAlgorithms } from '../../src/tabular/algorithms.ts'
import { captureCommands } from './capture.ts'

const captured = captureCommands()
const at = (...names: string[]) => join(captured.folder, ...names)

const train = (name: string, env: string, ...more: string[]) =>
  run(['train', name, '--env', env, '--out', captured.folder, '--name', 'run', ...more])
const files = () =>
  Object.fromEntries(readdirSync(at('run')).map((file) => [file, readFileSync(at('run', file)).toString('base64')]))
const evaluation = () => JSON.parse(readFileSync(at('run', 'evaluation.json'), 'utf8'))

it('Q-learning finds the shortest way along the cliff: 13 steps (Sutton and Barto 2018, example 6.6)', async () => {
  expect(await train('q-learning', 'CliffWalking-v1', '--steps', '20000', '--learning-rate', '0.5')).toBe(0)
  expect(await run(['evaluate', at('run'), '--episodes', '2'])).toBe(0)
  expect(evaluation().returns).toEqual([-13, -13])
  const { tensors } = readSafetensors(readFileSync(at('run', 'agent.safetensors')))
  expect(tensors.get('actionValues')!.shape).toEqual([48, 4])
})

it('a policy that walks in circles is cut off when it is judged', async () => {
  expect(await train('q-learning', 'CliffWalking-v1', '--steps', '1')).toBe(0)
  expect(await run(['evaluate', at('run'), '--episodes', '1'])).toBe(0)
  expect(evaluation().steps).toBe(1000)
})

it('a table numbers the hands of Blackjack', async () => {
  expect(await train('monte-carlo', 'Blackjack-v1', '--steps', '20000', '--seed', '1')).toBe(0)
  expect(await run(['evaluate', at('run'), '--episodes', '500'])).toBe(0)
  expect(evaluation().mean).toBeGreaterThan(-0.2) // hitting or sticking at random loses 0.4
})

describe.each(tabularAlgorithms)('$name', (method: Algorithm) => {
  it('has every option as a flag, with its help and default', () => {
    const flags = flagsOf(method)
    expect(flags).toHaveLength(Object.keys(method.options).length)
    for (const flag of flags) expect(flag.description).toMatch(/.+ \(.+; default .+\)$/)
  })

  it('stopped after some reports, goes on and ends with the bytes of a run that never stopped', async () => {
    expect(await train(method.name, 'FrozenLake-v1', '--steps', '400', '--seed', '3')).toBe(0)
    const unbroken = files()
    rmSync(at('run'), { recursive: true })

    const options = { ...defaultsOf(method.options), totalTimesteps: 400, seed: 3 }
    const config = { algorithm: method.name, env: 'FrozenLake-v1', numEnvs: 1, options }
    const stopped = RunFolder.create(at('run'), config)
    const log = new RunLog(stopped.path)
    let reports = 0
    for (const report of method.train(trainingEnvs('FrozenLake-v1', 1, 'states'), options)) {
      log.add(report)
      if (++reports < 5) continue
      stopped.writeCheckpoint({ saved: report.save(), logs: log.flush(), step: report.step })
      stopped.writeAgent(report.agent)
      break
    }
    expect(await run(['resume', stopped.path])).toBe(0)
    expect(files()).toEqual(unbroken)
  })

  it('refuses what it cannot count, and more than one copy, in one line', async () => {
    expect(await train(method.name, 'CartPole-v1')).toBe(2)
    expect(captured.errors).toMatch(/^error: [^\n]*CartPole-v1[^\n]*whole numbers[^\n]*\n$/)
    captured.errors = ''
    expect(await train(method.name, 'Taxi-v4', '--envs', '2')).toBe(2)
    expect(captured.errors).toMatch(/^error: [^\n]*from 1 to 1[^\n]*\n$/)
    captured.errors = ''
    expect(await train(method.name, 'Pendulum-v1')).toBe(2)
    expect(captured.errors).toMatch(/^error: [^\n]*cannot act in Pendulum-v1[^\n]*\n$/)
    expect(readdirSync(captured.folder)).toEqual([])
  })

  it('says what it takes when it is called with vectors of environments', () => {
    expect(() => method.newAgent(trainingEnvs('FrozenLake-v1', 2))).toThrow(/one environment/)
    expect(() => method.train(trainingEnvs('FrozenLake-v1', 2)).next()).toThrow(/one environment/)
    const agent = method.newAgent(trainingEnvs('FrozenLake-v1', 1, 'states'))
    expect(() => agent.act(Float32Array.of(0, 1))).toThrow(/2 numbers; expected .*16/)
  })
})
