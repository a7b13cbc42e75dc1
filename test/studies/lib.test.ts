import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openFolder, writeJson, writeWhole } from '../../studies/lib/files.ts'
import { namesOption, wholeNumberOption } from '../../studies/lib/options.ts'
import { startProgress } from '../../studies/lib/progress.ts'

describe('output files', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'alambic-studies-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('replace one of the same name and leave no other file', () => {
    const path = join(folder, 'deep', 'results.json')
    writeWhole(path, 'old')
    expect(writeJson(path, { a: [1] })).toBe(path)
    expect(readFileSync(path, 'utf8')).toBe('{\n  "a": [\n    1\n  ]\n}\n')
    expect(readdirSync(join(folder, 'deep'))).toEqual(['results.json'])
  })

  it('are refused before the work where a file has the name of the folder', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => openFolder(join(folder, 'file'))).toThrow(/EEXIST/)
  })
})

describe('options', () => {
  it('of whole numbers refuse fractions, text and what is out of range', () => {
    const { parseArg } = wholeNumberOption('--seeds', '', [1, 10])
    expect(parseArg!('10', undefined)).toBe(10)
    for (const text of ['0', '11', '1.5', '-1', '', 'ten']) {
      expect(() => parseArg!(text, undefined)).toThrow(`--seeds: expected a whole number from 1 to 10, given "${text}"`)
    }
  })

  it('of names take commas, repetition, and nothing that is unknown', () => {
    const { parseArg } = namesOption('--only', '', ['one', 'two', 'three'])
    expect(parseArg!('three', parseArg!('one, two', undefined))).toEqual(['one', 'two', 'three'])
    expect(() => parseArg!('onne', undefined)).toThrow('Did you mean "one"?')
  })
})

it('progress without a terminal: is a line every five seconds and one at the end', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  let text = ''
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += chunk
    return true
  })
  const progress = startProgress('study', 2000, 'cells')
  for (let done = 100; done <= 2000; done += 100) {
    vi.advanceTimersByTime(400)
    progress.update(done, `score ${done / 2000}`)
  }
  progress.finish('2000 cells')
  write.mockRestore()
  vi.useRealTimers()
  expect(text.split('\n')).toEqual(['study: 1,300 of 2,000 cells, score 0.65', 'study: done in 8.0 s: 2000 cells', ''])
})
