import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planOf } from '../../../studies/few-labels/plan.ts'
import { type Answer, answerOf, dealOut } from '../../../studies/few-labels/pool.ts'
import type { Cell } from '../../../studies/few-labels/record.ts'

const cells = planOf({ methods: ['viper'], teachers: ['cartpole-dqn'], seeds: [0, 1, 2] })
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'alambic-pool-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A worker that answers by the body of a function of the cell. */
function program(body: string) {
  const script = join(folder, 'worker.mjs')
  writeFileSync(script, `process.on('message', (cell) => { ${body} })`)
  return { script, args: [] }
}

describe('a pool of workers', () => {
  it('has every cell answered once', async () => {
    const answers: [Cell, Answer][] = []
    const echo = program('process.send({ record: { ...cell, score: cell.labels } })')
    await dealOut(cells, 2, echo, (...each) => answers.push(each))
    expect(new Set(answers.map(([cell]) => cell))).toEqual(new Set(cells))
    for (const [cell, answer] of answers) expect(answer).toEqual({ record: { ...cell, score: cell.labels } })
  })

  it('names the cell in which a worker ends', async () => {
    await expect(dealOut(cells, 1, program('process.exit(3)'), () => {})).rejects.toThrow(/ended \(code 3\).*viper/)
  })

  it('has the message of a cell that throws', () => {
    const wrong = () => {
      throw new Error('no such teacher')
    }
    expect(answerOf(cells[0]!, wrong)).toEqual({ failure: 'no such teacher' })
  })
})
