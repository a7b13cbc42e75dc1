// A distillation that was stopped at any moment continues and ends with the bytes of one that never was.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { singleEnv } from '../../src/cli/runs/environments.ts'
import { type RunConfig, RunFolder } from '../../src/cli/runs/run-folder.ts'
import type { DistillConfig } from '../../src/cli/training/distill-sources.ts'
import { type DistillOptions, distill } from '../../src/distill/index.ts'
import { type EnvLike, readCheckpoint } from '../../src/rl/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'
import { few, flagsOf, someAgent, teacherFile } from './teachers.ts'

const captured = captureCommands()
const inFolder = (...path: string[]) => join(captured.folder, ...path)
const all = (name: string) =>
  Object.fromEntries(
    readdirSync(inFolder(name))
      .filter((file) => !['timings.json', 'report.html'].includes(file)) // they hold times
      .map((file) => [file, hashOf(readFileSync(inFolder(name, file)))]),
  )
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Two rounds of two and four students with 3 and 6 updates each: 32 reports are label, 6 fits, label, 24 fits. */
const distil = (name: string, options: Readonly<Record<string, unknown>>, ...more: string[]) =>
  run(['distill', '--teacher', teacherFile(captured.folder), ...flagsOf(options), ...more, '--out', inFolder(name)])

/** As after a kill: the checkpoint of some report, and the configuration. */
function stopAfter(reports: number, whole: string, name: string): void {
  const { version: _, ...config } = RunFolder.open(inFolder(whole)).config as RunConfig & { version?: string }
  const run = RunFolder.create(inFolder(name), config)
  const { options, target, env } = config as DistillConfig
  let count = 0
  for (const { save, dataset } of distill(singleEnv(env) as EnvLike, someAgent(), {
    ...options,
    target,
  } as DistillOptions)) {
    if (++count < reports) continue
    run.writeCheckpoint({ saved: save(), logs: [], step: dataset.environmentSteps })
    return
  }
}

describe('a distillation that was stopped', () => {
  it.each([1, 2, 4, 5, 7, 8, 9, 15, 32])('after %i of 32 reports continues to the same bytes', async (reports) => {
    expect(await distil('whole', few)).toBe(0)
    stopAfter(reports, 'whole', 'broken')
    await expectRefusal(captured, ['evaluate', inFolder('broken')], 'has no agent yet', 'alambic resume')
    expect(await run(['resume', inFolder('broken')]), captured.errors).toBe(0)
    expect(all('broken')).toEqual(all('whole'))
  })

  it.each([
    ['a warm start', { warmStart: true }],
    ['a temperature that is cross-validated', { temperature: 'auto' }],
    ['labels of the last round alone', { aggregate: false, growth: 2 }],
  ])('with %s continues to the same bytes', async (_, options) => {
    expect(await distil('whole', { ...few, ...options }), captured.errors).toBe(0)
    stopAfter(7, 'whole', 'broken')
    expect(await run(['resume', inFolder('broken')])).toBe(0)
    expect(all('broken')).toEqual(all('whole'))
  })

  it('starts anew where there is no checkpoint yet, and changes nothing where it was done', async () => {
    expect(await distil('whole', few)).toBe(0)
    const done = all('whole')
    expect(await run(['resume', inFolder('whole')])).toBe(0)
    expect(all('whole')).toEqual(done)
    const { version: _, ...config } = RunFolder.open(inFolder('whole')).config as RunConfig & { version?: string }
    RunFolder.create(inFolder('new'), config)
    expect(await run(['resume', inFolder('new')])).toBe(0)
    expect(all('new')).toEqual(done)
  })

  it('has the labels of each round on the disk before a student learns from them', async () => {
    const labels: number[] = []
    const write = RunFolder.prototype.writeCheckpoint
    RunFolder.prototype.writeCheckpoint = function (checkpoint) {
      write.call(this, checkpoint)
      const { parts } = readCheckpoint(readFileSync(join(this.path, 'checkpoint.safetensors')))
      labels.push((parts.dataset as unknown as { cost: { labels: number } }).cost.labels)
    }
    try {
      expect(await distil('run', few, '--checkpoint-seconds', '1000')).toBe(0)
    } finally {
      RunFolder.prototype.writeCheckpoint = write
    }
    expect(labels).toEqual([10, 20, 20]) // after both rounds' labels and the last update
  })

  it('refuses other options than its own, and a configuration without its teachers', async () => {
    expect(await distil('run', few)).toBe(0)
    await expectRefusal(captured, ['resume', inFolder('run'), '--labels', '21'], '--labels')
    const file = inFolder('run', 'config.json')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"gamma": 0.99', '"gamma": 0.9'))
    await expectRefusal(captured, ['resume', inFolder('run')], 'gamma = 0.99')
    writeFileSync(file, text.replace('"policy"', '"polcy"'))
    await expectRefusal(captured, ['resume', inFolder('run')], 'Did you mean "policy"?')
    writeFileSync(file, text.replace('"teachers"', '"students"'))
    await expectRefusal(captured, ['resume', inFolder('run')], 'lacks teachers')
    writeFileSync(file, text.replace('teacher-1', 'teacher-2'))
    await expectRefusal(captured, ['resume', inFolder('run')], 'teacher-2.safetensors')
  })
})

// Retried, because the signal may come before the fit where the machine is busy.
it('Ctrl-C: saves the distillation, prints how to continue it, and continuing gives the same bytes', {
  retry: 2,
}, async () => {
  const long = { ...few, updates: 3000, roundUpdates: 3000, hidden: [64, 64] }
  const argv = ['distill', '--teacher', teacherFile(captured.folder), ...flagsOf(long)]
  const path = inFolder('stopped')
  const command = [
    ...'--import ./test/support/tsx-in-threads.mjs src/cli/cli.ts'.split(' '),
    ...argv,
    ...'--checkpoint-seconds 1000 --out'.split(' '),
    path,
  ]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const begun = setInterval(() => {
    if (!existsSync(join(path, 'checkpoint.safetensors'))) return
    clearInterval(begun)
    setTimeout(() => child.kill('SIGINT'), 150)
  }, 10)
  expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(130)
  expect(errors).toContain(`continue with: alambic resume ${path}`)
  const { parts } = readCheckpoint(readFileSync(join(path, 'checkpoint.safetensors')))
  expect((parts.counters as { fit: unknown }).fit).not.toBeNull() // in the midst of a fit
  expect(await run(['resume', path]), captured.errors).toBe(0)
  expect(await run([...argv, '--out', inFolder('whole')])).toBe(0)
  expect(all('stopped')).toEqual(all('whole'))
})
