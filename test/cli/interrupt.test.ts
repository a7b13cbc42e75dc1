import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drive } from '../../src/cli/interrupt.ts'

const program = fileURLToPath(new URL('./fixtures/long-run.ts', import.meta.url))

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-interrupt-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('an interrupt', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the process with %i and leaves only whole files', async (signal, code) => {
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
