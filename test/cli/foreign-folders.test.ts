// Nothing is replaced that a command did not make, no checkpoint is believed unread, and a run has one writer.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { run } from '../../src/cli/program.ts'
import { RunFolder } from '../../src/cli/runs/run-folder.ts'
import { OutputFolder } from '../../src/cli/terminal/output-folder.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import { readSafetensors, writeSafetensors } from '../../src/nn/files/safetensors.ts'
import { algorithm, type Checkpoint, defaultsOf, makeVec, ppo } from '../../src/rl/index.ts'
import { captureCommands, expectRefusal } from './capture.ts'
import { few, flagsOf, teacherFile } from './teachers.ts'

const captured = captureCommands()
const inFolder = (...path: string[]) => join(captured.folder, ...path)
const all = (name: string) =>
  Object.fromEntries(readdirSync(inFolder(name)).map((file) => [file, readFileSync(inFolder(name, file), 'base64')]))
const student = (...more: string[]) => [
  ...['distill', '--teacher', teacherFile(captured.folder), '--out', inFolder('out')],
  ...[...flagsOf(few), ...more],
]
const train = (name: string, ...more: string[]) => [
  ...['train', 'ppo', '--env', 'CartPole-v1', '--out', captured.folder, '--name', name, '--steps', '64'],
  ...['--num-steps', '16', '--hidden', '4', ...more],
]

/** A process that is no more. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.on('exit', resolve))
  return child.pid!
}

describe('a folder that no command made', () => {
  it.each([
    ['notes', ['notes.txt']],
    ['a dataset', ['dataset.safetensors']],
    ['a tree', ['tree.json']],
    ['logs', ['metrics.jsonl']],
    ['a report', ['report.html', 'timings.json']],
  ])('with %s is refused by all that write folders, with --force as well', async (_, names) => {
    mkdirSync(inFolder('out'))
    for (const name of names) writeFileSync(inFolder('out', name), 'mine')
    const before = all('out')
    for (const argv of [student(), student('--force'), train('out'), ['demo', '--out', inFolder('out')]]) {
      await expectRefusal(captured, argv, names[0]!, 'choose another')
    }
    expect(all('out')).toEqual(before)
  })

  it('but is empty is used, and is left empty by a command that cannot be done', async () => {
    mkdirSync(inFolder('out'))
    expect(await run(student())).toBe(0)
  })

  it('with a configuration of no distillation is kept, --force or not', async () => {
    mkdirSync(inFolder('out'))
    const config = { algorithm: 'of-a-later-version', env: 'CartPole-v1', numEnvs: 1, options: {} }
    for (const text of [JSON.stringify(config), 'no JSON', '[]']) {
      writeFileSync(inFolder('out', 'config.json'), text)
      await expectRefusal(captured, student('--force'), 'out')
      expect(readFileSync(inFolder('out', 'config.json'), 'utf8')).toBe(text)
    }
  })
})

it('--force keeps the old student until the new one has something to write', async () => {
  expect(await run(student())).toBe(0)
  const before = all('out')
  const next = RunFolder.create(inFolder('out'), { ...RunFolder.open(inFolder('out')).config, numEnvs: 2 }, true)
  expect(all('out')).toEqual(before)
  expect(next.hasBegun).toBe(false)
  next.folder.write('agent.safetensors', 'new')
  expect(readdirSync(inFolder('out')).sort()).toEqual(['agent.safetensors', 'config.json'])
})

describe('a checkpoint', () => {
  const checkpoint = () => inFolder('run', 'checkpoint.safetensors')
  const own = { ...defaultsOf(algorithm('ppo').options), totalTimesteps: 64, numSteps: 8, hidden: [4] }

  function stopped(notes: object): string {
    const folder = RunFolder.create(inFolder('run'), { algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 4, options: own })
    const report = ppo(makeVec('CartPole-v1', 4), own).next().value as { save(): Checkpoint }
    for (const name of ['metrics.jsonl', 'metrics.csv', 'episodes.csv']) folder.folder.write(name, 'step\n1\n')
    folder.folder.write(
      'checkpoint.safetensors',
      writeCheckpoint(report.save(), { 'alambic.run': JSON.stringify(notes) }),
    )
    return folder.path
  }

  it.each([
    { logs: [0, 0, 0], step: -5 },
    { logs: [0, 0, 0], step: 1.5 },
    { logs: [-1, 0, 0], step: 32 },
    { logs: [0, 0, 'a'], step: 32 },
    { logs: 'all', step: 32 },
    { step: 32 },
    [],
  ])('with the notes %j is refused, and the logs are not cut', async (notes) => {
    const path = stopped(notes)
    const before = all('run')
    await expectRefusal(captured, ['resume', path], 'checkpoint.safetensors', 'expected whole numbers')
    expect(all('run')).toEqual(before)
  })

  it('whose parts do not fit is refused before the logs are cut', async () => {
    const path = stopped({ logs: [0, 0, 0], step: 32 })
    const saved = readCheckpoint(readFileSync(checkpoint()))
    for (const parts of [{ counters: { step: -5 } }, { rng: [1, 2] }, { agent: {} }, { envs: { copies: [] } }]) {
      const file = writeCheckpoint(
        { ...saved, parts: { ...saved.parts, ...(parts as object) } },
        { 'alambic.run': JSON.stringify({ logs: [0, 0, 0], step: 32 }) },
      )
      writeFileSync(checkpoint(), file)
      const before = all('run')
      await expectRefusal(captured, ['resume', path])
      expect(all('run')).toEqual(before)
    }
  })

  it('with any bit flipped is refused', async () => {
    const path = stopped({ logs: [0, 0, 0], step: 32 })
    const file = readFileSync(checkpoint())
    for (let at = 8; at < file.length; at += 997) {
      const flipped = Buffer.from(file)
      flipped[at] = flipped[at]! ^ 1
      writeFileSync(checkpoint(), flipped)
      await expectRefusal(captured, ['resume', path])
    }
    const { metadata, tensors } = readSafetensors(file)
    const step = metadata['alambic.run']!.replace('32', '64')
    writeFileSync(checkpoint(), writeSafetensors({ metadata: { ...metadata, 'alambic.run': step }, tensors }))
    await expectRefusal(captured, ['resume', path], 'digest')
    writeFileSync(checkpoint(), file)
    expect(await run(['resume', path])).toBe(0)
  })
})

describe('files of processes that are no more', () => {
  it('are swept by the next write; those of running ones stay', async () => {
    const folder = OutputFolder.open(inFolder('out'))
    const parts = [`.a.json.${await deadProcess()}.part`, `.b.${process.ppid}.part`]
    for (const name of parts) writeFileSync(inFolder('out', name), 'half')
    folder.write('c.txt', 'whole')
    expect(readdirSync(inFolder('out')).sort()).toEqual([parts[1], 'c.txt'])
  })

  it('their locks are taken over; that of a running one is refused', async () => {
    expect(await run(train('run'))).toBe(0)
    const lock = inFolder('run', '.lock')
    writeFileSync(lock, `${process.ppid}`)
    const before = all('run')
    await expectRefusal(captured, ['resume', inFolder('run')], `process ${process.ppid}`)
    expect(all('run')).toEqual(before)
    for (const stale of [`${await deadProcess()}`, 'nonsense', `${process.pid}`]) {
      writeFileSync(lock, stale)
      expect(await run(['resume', inFolder('run')])).toBe(0)
      expect(existsSync(lock)).toBe(false)
    }
  })

  it('two writers of one run: the second is refused', async () => {
    const folder = OutputFolder.open(inFolder('out'))
    await folder.locked(async () => {
      const script = `import { OutputFolder } from './src/cli/terminal/output-folder.ts'
        OutputFolder.open(${JSON.stringify(inFolder('out'))}).locked(async () => {}).catch((error) => console.log(error.message))`
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += chunk
      })
      await new Promise((resolve) => child.on('exit', resolve))
      expect(said).toContain(`is being written by process ${process.pid}`)
    })
    expect(existsSync(inFolder('out'))).toBe(false)
  })

  it.skipIf(process.platform !== 'linux')('the lock of a process that nobody waited for is taken over', async () => {
    // A shell that becomes another program never collects the exit code of its child.
    const shell = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 10'])
    const pid = await new Promise<string>((resolve) => shell.stdout.once('data', (chunk) => resolve(`${chunk}`.trim())))
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z'))
    const folder = OutputFolder.open(inFolder('out'))
    writeFileSync(join(folder.path, '.lock'), pid)
    expect(await folder.locked(async () => 'mine')).toBe('mine')
    shell.kill('SIGKILL')
  })
})

it('flags that are doubled, empty or of several lines are refused', async () => {
  await expectRefusal(captured, train('run', '--name', 'other'), '--name is given twice')
  await expectRefusal(captured, train('run', '--gamma', '0.9', '--gamma', '0.8'), '--gamma is given twice')
  await expectRefusal(captured, train('run', '--set', 'gamma=0.9', '--set', 'gamma=0.8'), 'gamma is given twice')
  await expectRefusal(captured, train('a\nb'), '--name', '"a\\nb"')
  await expectRefusal(captured, ['train', 'ppo', '--env', 'CartPole-v1', '--out', ''], '--out is empty')
  await expectRefusal(captured, ['distill', '--dataset', '', '--out', inFolder('out')], '--dataset is empty')
  await expectRefusal(captured, ['demo', '--out', ''], '--out is empty')
  expect(readdirSync(captured.folder)).toEqual([])
})
