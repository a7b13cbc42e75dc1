import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCsv, readRecords, stepsOf, toCsv } from '../../../studies/few-labels/record.ts'
import { JsonLines } from '../../../studies/lib/json-lines.ts'
import { recordOf } from './records.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-few-labels-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('records', () => {
  it('come back from a CSV file', () => {
    const records = [recordOf(0.5), recordOf(-0.25, { method: 'viper', size: 'tree', seed: 3, jacobians: 20 })]
    const path = join(folder, 'results.csv')
    writeFileSync(path, toCsv(records))
    expect(readCsv(path)).toEqual(records)
    expect(readCsv(join(folder, 'none.csv'))).toEqual([])
  })

  it('are refused with other columns', () => {
    const path = join(folder, 'results.csv')
    writeFileSync(path, 'task,score\ncartpole,1\n')
    expect(() => readCsv(path)).toThrow(/has the columns task,score; expected task,teacher,/)
  })

  it('of all parts are read, each cell once, the latest record of it', () => {
    new JsonLines(join(folder, 'cells-1-of-2.jsonl')).append(recordOf(0.5), recordOf(0.6, { seed: 1 }))
    new JsonLines(join(folder, 'cells-2-of-2.jsonl')).append(recordOf(0.7, { seed: 1 }))
    appendFileSync(join(folder, 'cells-2-of-2.jsonl'), '{"task":')
    expect(readRecords(folder).map(({ score }) => score)).toEqual([0.5, 0.7])
    expect(readRecords(join(folder, 'none'))).toEqual([])
  })

  it('sum the environment steps of all purposes', () => {
    expect(stepsOf(recordOf(1))).toBe(7400)
    expect(stepsOf(recordOf(1, { learningSteps: 10_000 }))).toBe(17_400)
  })
})
