// What is left of a run's folder when its work fails.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RunFolder } from '../../../src/cli/runs/run-folder.ts'
import { UsageError } from '../../../src/cli/terminal/failures.ts'

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'alambic-runs-')), 'run')
})
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }))

const training = { algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 1, options: { seed: 0 } }
const distillation = { ...training, algorithm: 'distill' }
const checkpoint = { saved: { algorithm: 'ppo', options: {}, parts: {} }, logs: [], step: 64 }
const text = (name: string) => readFileSync(join(path, name), 'utf8')

/** The work fails by `error`, after `before`. */
async function fail(run: RunFolder, error: Error, before: () => void = () => {}): Promise<void> {
  const work = run.attempt(async () => {
    before()
    throw error
  })
  await expect(work).rejects.toBe(error)
}

describe('a run that fails', () => {
  it('over its input before the first checkpoint, leaves nothing', async () => {
    await fail(RunFolder.create(path, training), new UsageError('no such file'))
    expect(readdirSync(path)).toEqual([])
  })

  it('over its input once it has begun, stays to be resumed', async () => {
    const run = RunFolder.create(path, training)
    await fail(run, new UsageError('the options ask for more memory than there is'), () =>
      run.writeCheckpoint(checkpoint),
    )
    expect(readdirSync(path).sort()).toEqual(['checkpoint.safetensors', 'config.json'])
    expect(RunFolder.open(path).readCheckpoint()).toMatchObject({ logs: [], step: 64 })
  })

  it('over anything else, stays to be looked at', async () => {
    await fail(RunFolder.create(path, training), new Error('the disk is on fire'))
    expect(readdirSync(path)).toEqual(['config.json'])
  })

  it('in the place of a student, leaves that until it writes something of its own', async () => {
    RunFolder.create(path, distillation).folder.write('results.json', 'of before')
    const before = text('config.json')
    writeFileSync(join(path, 'notes.txt'), 'mine')
    const other = { ...distillation, options: { seed: 1 } }
    const again = RunFolder.create(path, other, true)
    await fail(again, new UsageError('no such file'))
    expect([text('config.json'), text('results.json'), text('notes.txt')]).toEqual([before, 'of before', 'mine'])
    const third = RunFolder.create(path, other, true)
    await fail(third, new UsageError('no such file'), () => third.writeCheckpoint(checkpoint))
    expect(text('config.json')).not.toBe(before)
    expect(readdirSync(path).sort()).toEqual(['checkpoint.safetensors', 'config.json', 'notes.txt'])
  })
})
