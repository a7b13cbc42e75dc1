// The page of a run, written by `train`, `distill` and `report`.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { captureCommands, expectRefusal } from './capture.ts'
import { few, flagsOf, teacherFile } from './teachers.ts'

const captured = captureCommands()
const at = (...names: string[]) => join(captured.folder, ...names)
const pageOf = (name: string) => readFileSync(at(name, 'report.html'), 'utf8')
const footer = (page: string) => /<footer>.*<code>alambic (.*)<\/code>/.exec(page)![1]!.split(' ')
const small = ['--steps', '200', '--hidden', '8']
const train = ['train', 'dqn', '--env', 'CartPole-v1', ...small]

it('of a training: the learning curve, then also the greedy return', async () => {
  expect(await run([...train, '--name', 'run', '--out', captured.folder])).toBe(0)
  const page = pageOf('run')
  for (const text of ['dqn learns CartPole-v1', 'Learning curve', '<svg', 'parameters</dt>', 'bytes of its file']) {
    expect(page).toContain(text)
  }
  rmSync(at('run', 'report.html'))
  expect(await run(['report', at('run')])).toBe(0)
  expect(pageOf('run')).toBe(page)
  expect(await run(['evaluate', at('run'), '--episodes', '2'])).toBe(0)
  expect(await run(['report', at('run')])).toBe(0)
  expect(pageOf('run')).toContain('greedy mean return, 2 episodes')
})

it.each([
  ['a network', { ...few, temperature: 'absolute:2' }, 'parameters</dt>'],
  ['a tree', { labels: 20, rounds: 1, rolloutSteps: 50, maxDepth: 2 }, '</dt><dd>'],
])('of a distillation into %s: returns, cost and size; its command makes the same run', async (_, options, size) => {
  const teacher = teacherFile(captured.folder)
  const argv = ['distill', '--teacher', teacher, ...flagsOf(options), '--out', at('student')]
  expect(await run(argv), captured.errors).toBe(0)
  const page = pageOf('student')
  for (const text of ['Returns', 'What it cost', 'teacher evaluations', 'lowest', '<svg', size])
    expect(page).toContain(text)
  const results = readFileSync(at('student', 'results.json'), 'utf8')
  const command = footer(page)
  expect(command.at(-1)).toBe(at('student'))
  expect(await run([...command.slice(0, -1), at('again')]), captured.errors).toBe(0)
  expect(readFileSync(at('again', 'results.json'), 'utf8')).toBe(results)
  rmSync(at('student', 'report.html'))
  expect(await run(['report', at('student')])).toBe(0)
  expect(pageOf('student')).toBe(page)
})

it('of a student that cannot play: agreement with held-out labels', async () => {
  const lines = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 2}`)
  writeFileSync(at('table.csv'), `${['observation_0,observation_1,action', ...lines].join('\n')}\n`)
  const argv = ['distill', '--dataset', at('table.csv'), '--updates', '20', '--hidden', '4', '--out', at('student')]
  expect(await run(argv), captured.errors).toBe(0)
  expect(pageOf('student')).toContain('held-out agreement')
})

it('refuses a folder without a run and a distillation without results', async () => {
  await expectRefusal(captured, ['report', at('nothing')], 'holds no run', 'config.json')
  const teacher = teacherFile(captured.folder)
  expect(await run(['distill', '--teacher', teacher, ...flagsOf(few), '--out', at('student')])).toBe(0)
  const { student: whole, ...results } = JSON.parse(readFileSync(at('student', 'results.json'), 'utf8'))
  const { size: _, ...student } = whole
  rmSync(at('student', 'results.json'))
  await expectRefusal(captured, ['report', at('student')], 'has no results yet', 'alambic resume')
  for (const other of [{ student, ...results }, { student: whole, teachers: [] }, {}]) {
    writeFileSync(at('student', 'results.json'), JSON.stringify(other))
    await expectRefusal(captured, ['report', at('student')], 'is not of this version of alambic')
  }
  writeFileSync(at('student', 'results.json'), '{')
  await expectRefusal(captured, ['report', at('student')], 'is not JSON')
  expect(existsSync(at('nothing'))).toBe(false)
})
