// What a command prints, and a folder of its own to write into, for the tests of commands.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { run } from '../../src/cli/program.ts'

export interface Captured {
  out: string
  errors: string
  /** Fresh for each test. */
  folder: string
}

/** Call it once at the top of a test file. */
export function captureCommands(): Captured {
  const captured: Captured = { out: '', errors: '', folder: '' }
  beforeEach(() => {
    captured.out = ''
    captured.errors = ''
    captured.folder = mkdtempSync(join(tmpdir(), 'alambic-command-'))
    vi.spyOn(console, 'log').mockImplementation((text) => {
      captured.out += `${text}\n`
    })
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      captured.out += text
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      captured.errors += text
      return true
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(captured.folder, { recursive: true, force: true })
  })
  return captured
}

/** The command ends with exit code 2 and one line that has all these words. */
export async function expectRefusal(captured: Captured, argv: readonly string[], ...words: string[]): Promise<void> {
  captured.errors = ''
  expect(await run(argv)).toBe(2)
  expect(captured.errors).toMatch(/^error: [^\n]+\n$/)
  for (const word of words) expect(captured.errors).toContain(word)
}
