// The programs of the lessons print what their comments `// → …` say. Those with a time limit of their own train networks, and run
// in test/site alone.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { line } from '../../site/client/inspect.ts'
import { library } from '../../site/client/library.ts'
import { lineOf, runProgram } from '../../site/client/program.ts'
import { cellsOf, isSlow, lessonFiles } from '../../site/generator/lessons.ts'
import { expectedLines } from '../../site/generator/text.ts'

describe.each(lessonFiles())('%s', (file) => {
  const cells = cellsOf(readFileSync(file, 'utf8'))

  it('has programs, each with its output', () => {
    expect(cells.length).toBeGreaterThan(3)
    for (const { code } of cells) expect(expectedLines(code).length, code).toBeGreaterThan(0)
  })

  const quick = cells.map((cell, i) => [i + 1, cell] as const).filter(([, cell]) => !isSlow(cell))
  it.each(quick)('program %i prints what it says', async (_, { code }) => {
    const printed: string[] = []
    await runProgram(code, library, (text) => printed.push(text))
    expect(printed.filter((text) => !text.startsWith('<svg'))).toEqual(expectedLines(code))
  })
})

it('the picture of lesson 10 runs the module that the first program of the lesson prints', () => {
  const lesson = readFileSync(lessonFiles().find((file) => file.includes('/10-'))!, 'utf8')
  const module = readFileSync('site/pictures/lib/student-10.js', 'utf8')
  expect(expectedLines(cellsOf(lesson)[0]!.code).slice(0, -1)).toEqual(module.trim().split(/\n+/))
})

it('values are printed as Node prints short ones', () => {
  const values = [
    'text',
    1.5,
    -0,
    [1, 'a', [true, null]],
    { a: 1, 'b c': undefined },
    Float32Array.of(1, 2),
    new Map([['k', 2]]),
  ]
  expect(line(values)).toBe(
    "text 1.5 -0 [ 1, 'a', [ true, null ] ] { a: 1, 'b c': undefined } Float32Array(2) [ 1, 2 ] Map(1) { k => 2 }",
  )
})

it('an error tells the line of the program it comes from', async () => {
  const error = await runProgram('const a: number = 1\n\nthrow new Error("here")\n', library, () => {}).catch(
    (e: unknown) => e,
  )
  expect(lineOf(error)).toBe(3)
})

it('a module that is not there is named', async () => {
  await expect(runProgram("import 'alambic/gpu'", library, () => {})).rejects.toThrow(
    /there is no module "alambic\/gpu" here/,
  )
})
