import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileError, UsageError } from '../../../src/cli/terminal/failures.ts'
import { OutputFolder } from '../../../src/cli/terminal/output-folder.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'alambic-output-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('opening an output folder', () => {
  it('makes it, parents included, and leaves nothing in it', () => {
    const folder = OutputFolder.open(join(root, 'runs', 'demo'))
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('refuses a path that is a file, and leaves the file alone', () => {
    const path = join(root, 'taken')
    writeFileSync(path, 'mine')
    expect(() => OutputFolder.open(path)).toThrow(UsageError)
    expect(() => OutputFolder.open(path)).toThrow(`cannot write into the folder "${path}": it is a file`)
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  it('refuses a path through a file', () => {
    writeFileSync(join(root, 'taken'), '')
    expect(() => OutputFolder.open(join(root, 'taken', 'below'))).toThrow(/a part of the path is a file.*--out/)
  })

  it.runIf(existsSync('/proc/self'))('refuses a folder that cannot be written', () => {
    expect(() => OutputFolder.open('/proc/self')).toThrow(UsageError)
  })
})

describe('writing', () => {
  it('writes text, bytes and JSON whole, under folders too', () => {
    const folder = OutputFolder.open(root)
    folder.write('a.txt', 'one')
    folder.write('a.txt', 'two')
    folder.write('deep/er/b.bin', Uint8Array.of(1, 2, 3))
    folder.writeJson('c.json', { returns: Float32Array.of(0.5, Number.NaN), steps: 3 })
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('two')
    expect([...readFileSync(join(root, 'deep/er/b.bin'))]).toEqual([1, 2, 3])
    expect(JSON.parse(readFileSync(join(root, 'c.json'), 'utf8'))).toEqual({ returns: [0.5, null], steps: 3 })
    expect(readdirSync(root).sort()).toEqual(['a.txt', 'c.json', 'deep'])
  })

  // /dev/full takes no byte. The passing name is made to point there: what a full disk does, without filling one.
  it.runIf(existsSync('/dev/full'))(
    'on a full disk says so, keeps the old file and leaves nothing half-written',
    () => {
      const folder = OutputFolder.open(root)
      folder.write('report.html', 'the old one')
      symlinkSync('/dev/full', join(root, `.report.html.${process.pid}.part`))
      const write = () => folder.write('report.html', 'x'.repeat(100_000))
      expect(write).toThrow(FileError)
      expect(readFileSync(join(root, 'report.html'), 'utf8')).toBe('the old one')
      expect(readdirSync(root)).toEqual(['report.html'])
      symlinkSync('/dev/full', join(root, `.report.html.${process.pid}.part`))
      expect(write).toThrow('no space is left on the disk')
    },
  )

  it('names what is in the way', () => {
    const folder = OutputFolder.open(root)
    folder.write('students', 'a file')
    expect(() => folder.write('students/policy.safetensors', 'bytes')).toThrow(/students.*a file/)
  })
})
