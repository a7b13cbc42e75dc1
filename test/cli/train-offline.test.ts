// The data-first path: a log is recorded, a teacher learns from it without an environment, and other commands use its folder.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { readAgent } from '../../src/cli/runs/agents.ts'
import { saveAgent } from '../../src/export/agent-file.ts'
import { CategoricalPolicy, cql, finish, logFromCsv, QPolicy, ValueFunction } from '../../src/rl/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'

const captured = captureCommands()
const at = (...path: string[]) => join(captured.folder, ...path)
const quick = ['--updates', '110', '--hidden', '8', '--batch-size', '16']

/** Records `steps` of random play. */
async function record(file: string, steps: number, seed = '1'): Promise<string> {
  const flags = ['--steps', `${steps}`, '--episodes', '1000', '--seed', seed]
  expect(await run(['record', 'CartPole-v1', '--log', at(file), ...flags]), captured.errors).toBe(0)
  return at(file)
}

const learn = (algorithm: string, ...flags: string[]) =>
  run(['train', algorithm, ...quick, '--out', captured.folder, ...flags])

it('records a log, learns from it without an environment as the library does, and evaluates, distils and exports the agent', async () => {
  const file = await record('log.csv', 120)
  expect(await learn('cql', '--dataset', file, '--name', 'offline', '--seed', '3'), captured.errors).toBe(0)
  expect(captured.out).toMatch(/learned from \d+ episodes, 120 steps/)
  const { agent, env } = readAgent(at('offline'))
  expect([agent instanceof QPolicy, env]).toEqual([true, undefined])
  const log = logFromCsv(readFileSync(file, 'utf8'))
  const same = finish(cql(log, { updates: 110, hidden: [8], batchSize: 16, seed: 3 }))
  expect(readFileSync(at('offline', 'agent.safetensors')).equals(saveAgent(same))).toBe(true)
  const here = ['--env', 'CartPole-v1', '--episodes', '2']
  expect(await run(['evaluate', at('offline'), ...here]), captured.errors).toBe(0)
  expect(await run(['export', at('offline'), '--to', 'js', '--out', at('agent.mjs')]), captured.errors).toBe(0)
  const few = ['--labels', '10', '--rounds', '1', '--updates', '5', '--rollout-steps', '50']
  const student = ['distill', '--teacher', at('offline'), ...here, ...few, '--out', at('student')]
  expect(await run(student), captured.errors).toBe(0)
  await expectRefusal(captured, ['evaluate', at('offline')], 'names no environment; give --env')
})

it('joins several files, names the environment if it is given, and ends on the same bytes after a resume', async () => {
  const files = [await record('a.csv', 60), await record('b.csv', 60, '2')].flatMap((each) => ['--dataset', each])
  for (const [name, Kind] of [
    ['behaviour-cloning', CategoricalPolicy],
    ['monte-carlo-q', QPolicy],
    ['monte-carlo-v', ValueFunction],
  ] as const) {
    expect(await learn(name, ...files, '--env', 'CartPole-v1'), captured.errors).toBe(0)
    const folder = at(`${name}-a-0`)
    const { agent, env } = readAgent(folder)
    expect([agent instanceof Kind, env]).toEqual([true, 'CartPole-v1'])
    const before = readFileSync(join(folder, 'agent.safetensors'))
    expect(await run(['resume', folder]), captured.errors).toBe(0)
    expect(readFileSync(join(folder, 'agent.safetensors')).equals(before)).toBe(true)
  }
})

it('refuses a training without a log, an unreadable or broken log and a changed one, and leaves no folder behind', async () => {
  const file = await record('log.csv', 60)
  const flags = [...quick, '--out', at('runs')]
  await expectRefusal(captured, ['train', 'cql', ...flags], 'no log; give --dataset <file>')
  await expectRefusal(captured, ['train', 'cql', ...flags, '--dataset', at('no.csv')], 'cannot read')
  const broken = readFileSync(file, 'utf8').replace('\n0,1,', '\n0,2,')
  writeFileSync(at('broken.csv'), broken)
  await expectRefusal(captured, ['train', 'cql', ...flags, '--dataset', at('broken.csv')], 'line 3, column step')
  await expectRefusal(captured, ['train', 'cql', ...flags, '--dataset', file, '--env', 'Acrobot-v1'], 'Acrobot-v1 has')
  for (const name of readdirSync(at('runs'))) expect(readdirSync(at('runs', name))).toEqual([])
  expect(await run(['train', 'cql', ...flags, '--dataset', file, '--name', 'one']), captured.errors).toBe(0)
  writeFileSync(file, readFileSync(await record('other.csv', 60, '7')))
  await expectRefusal(captured, ['resume', at('runs', 'one')], 'has log = ')
})

it('records with a picture, without one, and nothing', async () => {
  const here = ['record', 'CartPole-v1', '--steps', '3']
  expect(await run([...here, '--out', at('film.gif'), '--width', '32', '--log', at('log.csv')])).toBe(0)
  expect(logFromCsv(readFileSync(at('log.csv'), 'utf8')).size).toBe(3)
  expect(captured.out).toBe(`${at('film.gif')}\n${at('log.csv')}\n`)
  expect(await run([...here, '--epsilon', '1', '--policy', 'random', '--log', at('noisy.csv')])).toBe(0)
  await expectRefusal(captured, here, 'nothing to write; give --out <file>.gif, --log <file>.csv, or both')
  await expectRefusal(captured, [...here, '--log', 'log.txt'], 'ends in .csv, given "log.txt"')
  await expectRefusal(
    captured,
    ['record', 'CartPole-v1', '--out', 'a.gif', '--steps', '10001'],
    'at most 10000 with --out',
  )
})
