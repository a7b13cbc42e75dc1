import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drive } from '../../../src/cli/terminal/interrupt.ts'

const program = fileURLToPath(new URL('../fixtures/long-run.ts', import.meta.url))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-interrupt-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('an interrupt: %s ends the process with %i and leaves only whole files', async (signal, code) => {
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  child.stdout.once('data', () => setTimeout(() => child.kill(signal), 30))
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 15_000)
  const exit = await new Promise((resolve) => child.on('exit', resolve))
  clearTimeout(tooLong)

  expect(errors).toContain('interrupted')
  expect(errors).not.toContain('    at ')
  expect(exit).toBe(code)
  expect(readdirSync(folder)).toEqual(['numbers.json'])
  const written = JSON.parse(readFileSync(join(folder, 'numbers.json'), 'utf8'))
  expect(written.numbers).toHaveLength(200_000)
})

// Retried, because a loaded machine may miss the second.
describe('a signal to the command, whatever it computes', { retry: 2 }, () => {
  const program = ['--import', './test/support/tsx-in-threads.mjs', 'src/cli/cli.ts']
  const train = (...more: string[]) => [
    ...'train ppo --env CartPole-v1 --out'.split(' '),
    folder,
    '--name',
    'run',
    ...more,
  ]

  /** Whether a process has its handlers: Linux shows that of SIGHUP, which Node alone has not. Elsewhere: after four seconds. */
  function hears(pid: number, started: number): boolean {
    try {
      const caught = /^SigCgt:\t([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!
      return (Number.parseInt(caught.slice(-8), 16) & 1) !== 0
    } catch {
      return performance.now() - started > 4000
    }
  }

  /** Sends the signal once `ready` holds, and gives the exit code, what was said, and the milliseconds until the end. */
  async function interrupted(argv: readonly string[], signal: NodeJS.Signals, ready?: (said: string) => boolean) {
    const started = performance.now()
    const child = spawn(process.execPath, [...program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    const isReady = () => ready?.(said) ?? hears(child.pid!, started)
    while (!isReady()) await new Promise((resolve) => setTimeout(resolve, 20))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const sent = performance.now()
    child.kill(signal)
    const code = await new Promise((resolve) => child.on('exit', resolve))
    return { code, said, milliseconds: performance.now() - sent }
  }

  it('saves a training at its next report, and says how to continue it', async () => {
    const argv = train('--steps', '100000000', '--checkpoint-seconds', '10000')
    const { code, said, milliseconds } = await interrupted(argv, 'SIGINT', (text) => text.includes('ppo in'))
    expect([code, said]).toEqual([130, expect.stringContaining(`continue with: alambic resume ${folder}/run`)])
    expect(milliseconds).toBeLessThan(1500)
    expect(readdirSync(`${folder}/run`).sort()).toContain('checkpoint.safetensors')
  })

  it('ends one whose next report is minutes away', async () => {
    const argv = train('--steps', '100000000', '--num-steps', '4000000')
    const { code, said, milliseconds } = await interrupted(argv, 'SIGTERM', (text) => text.includes('ppo in'))
    expect([code, said]).toEqual([143, expect.stringContaining('continue with: alambic resume')])
    expect(milliseconds).toBeLessThan(1500)
  })

  it('ends an evaluation, and a recording of many steps', async () => {
    const { run } = await import('../../../src/cli/program.ts')
    expect(await run(train('--steps', '64', '--num-steps', '16', '--hidden', '4'))).toBe(0)
    const evaluation = ['evaluate', `${folder}/run`, '--episodes', '1000000']
    const recording = ['record', 'Acrobot-v1', '--steps', '10000', '--out', `${folder}/a.gif`]
    for (const argv of [evaluation, recording]) {
      const { code, said, milliseconds } = await interrupted(argv, 'SIGINT')
      expect([code, said]).toEqual([130, expect.stringContaining('interrupted: the files written so far are whole')])
      expect(milliseconds).toBeLessThan(1500)
    }
    expect(readdirSync(folder)).toEqual(['run'])
  })
})

describe('drive', () => {
  it('passes on each report and gives what the generator returns', async () => {
    function* training(): Generator<number, string, void> {
      yield 1
      yield 2
      return 'agent'
    }
    const reports: number[] = []
    expect(await drive(training(), (report) => reports.push(report))).toBe('agent')
    expect(reports).toEqual([1, 2])
  })

  it('lets timers through while the generator computes', async () => {
    let fired = false
    setTimeout(() => {
      fired = true
    }, 1)
    function* busy(): Generator<void, boolean, void> {
      const end = performance.now() + 2_000
      while (!fired && performance.now() < end) yield
      return fired
    }
    expect(await drive(busy())).toBe(true)
  })
})
