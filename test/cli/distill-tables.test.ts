// `alambic distill` with a table of observations and actions, and no environment.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { readAgent } from '../../src/cli/runs/agents.ts'
import type { Policy } from '../../src/rl/policies/policy.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const inFolder = (...path: string[]) => join(captured.folder, ...path)
const golden = (name: string) => fileURLToPath(new URL(`../golden/pytorch/${name}`, import.meta.url))
const results = (name: string) => JSON.parse(readFileSync(inFolder(name, 'results.json'), 'utf8'))
const few = ['--hidden', '8', '--updates', '120']

function table(name: string, header: string, row: (x: number, y: number, i: number) => readonly number[]): string {
  const lines = Array.from({ length: 60 }, (_, i) => row(Math.sin(i), Math.cos(1.7 * i), i).join())
  writeFileSync(inFolder(name), `${[header, ...lines].join('\n')}\n`)
  return inFolder(name)
}

const choices = () =>
  table('robot.csv', 'episode,observation_0,observation_1,action', (x, y, i) => [
    Math.floor(i / 10),
    x,
    y,
    x > y ? 1 : 0,
  ])
const distil = (name: string, ...argv: string[]) => run(['distill', ...argv, ...few, '--out', inFolder(name)])

it('learns recorded choices, and is compared with those of held-out episodes', async () => {
  expect(await distil('student', '--dataset', choices()), captured.errors).toBe(0)
  expect(captured.out).toMatch(/held-out agreement .*constant action/)
  expect(captured.out).toMatch(/60 states in 5 folds of 6 episodes/)
  const { student } = results('student')
  expect(student).toMatchObject({ measure: 'agreement', states: 60, groups: 6, folds: 5 })
  expect(student.interval.low).toBeLessThan(student.mean)
  expect(student.mean).toBeGreaterThan(0.8)
  for (const format of ['js', 'onnx', 'safetensors'])
    expect(await run(['export', inFolder('student'), '--to', format])).toBe(0)
  const before = readFileSync(inFolder('student', 'agent.safetensors'))
  expect(await run(['resume', inFolder('student')]), captured.errors).toBe(0)
  expect(readFileSync(inFolder('student', 'agent.safetensors')).equals(before)).toBe(true)
})

it('learns recorded vectors; its module gives them in their units', async () => {
  const file = table('arm.csv', 'observation_0,observation_1,action_0,action_1', (x, y) => [x, y, 2 * x, x * y])
  expect(await distil('arm', '--dataset', file, '--json'), captured.errors).toBe(0)
  expect(JSON.parse(captured.out)).toEqual(results('arm'))
  expect(results('arm').student).toMatchObject({ measure: 'meanAbsoluteError', groups: 60 })
  expect(results('arm').student.mean).toBeLessThan(results('arm').student.baseline / 2)
  expect(await run(['export', inFolder('arm'), '--to', 'js'])).toBe(0)
  const { act } = (await import(inFolder('arm', 'arm.js'))) as { act(x: number[]): Float32Array }
  const action = (readAgent(inFolder('arm')).agent as Policy<Float32Array>).act(Float32Array.of(0.5, 0.25))
  for (const [i, x] of act([0.5, 0.25]).entries()) expect(x).toBeCloseTo(action[i]!, 5)
})

it('grows trees of recorded choices', async () => {
  expect(await run(['distill', '--dataset', choices(), '--max-depth', '3', '--out', inFolder('tree')])).toBe(0)
  expect(captured.out).toMatch(/if x\d/)
})

it('has its observations labelled by a teacher', async () => {
  const file = table('small.csv', 'observation_0,observation_1,observation_2,observation_3', (x, y) => [
    x,
    y,
    x * y,
    x + y,
  ])
  expect(await distil('labelled', '--teacher', golden('sb3-dqn.zip'), '--dataset', file), captured.errors).toBe(0)
  expect(results('labelled')).toMatchObject({
    student: { measure: 'agreement' },
    cost: { labels: 60, teacherEvaluations: 60 },
  })
  const arm = table('arm.csv', 'observation_0,observation_1,observation_2', (x, y) => [x, y, 3 * x])
  const sac = ['--teacher', golden('sb3-sac.zip'), '--dataset', arm, '--action-space=-2:2']
  expect(await distil('sac', ...sac), captured.errors).toBe(0)
  expect(results('sac').student.measure).toBe('meanAbsoluteError')
})

it('takes a model of Stable-Baselines3 as teacher, of vectors too', async () => {
  const play = ['--labels', '10', '--rounds', '1', '--rollout-steps', '60', '--episodes', '2', '--final-students', '1']
  for (const [name, env] of [
    ['ppo', 'CartPole-v1'],
    ['sac', 'Pendulum-v1'],
  ] as const) {
    expect(await distil(name, '--teacher', golden(`sb3-${name}.zip`), '--env', env, ...play), captured.errors).toBe(0)
  }
})

it('refuses what cannot be learned, by line and column', async () => {
  writeFileSync(inFolder('broken.csv'), 'observation_0,action\n1,0\n2,left\n')
  await expectRefusal(captured, ['distill', '--dataset', inFolder('broken.csv')], 'line 3, column action', 'left')
  const values = ['distill', '--dataset', choices(), '--target', 'value-mse']
  await expectRefusal(captured, values, '--target', 'chooses no actions')
  const wide = ['distill', '--dataset', choices(), '--action-space', '1:0']
  await expectRefusal(captured, wide, '--action-space', 'expected a number of actions')
  await expectRefusal(captured, ['distill', '--dataset', choices(), '--action-space', '1'], 'line 3', 'the action is 1')
  const teacher = ['distill', '--teacher', golden('sb3-ppo.zip'), '--dataset', choices()]
  await expectRefusal(captured, teacher, 'the observations have 2 numbers; the teacher takes 4')
})
