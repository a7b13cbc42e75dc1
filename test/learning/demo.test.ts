// The main job as its users run it: the command, in a process of its own.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DATASET } from '../../src/cli/runs/run-folder.ts'
import { loadDataset } from '../../src/distill/dataset/dataset-files.ts'
import { readSafetensors } from '../../src/nn/files/safetensors.ts'

const command = ['--import', './test/support/tsx-in-threads.mjs', 'src/cli/cli.ts', 'demo', '--seed', '7', '--out']
const folders = [0, 1, 2].map(() => mkdtempSync(join(tmpdir(), 'alambic-demo-')))
const [first, second, third] = folders as [string, string, string]

interface Ended {
  readonly code: number | null
  readonly output: string
}

function demo(folder: string, interruptAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [...command, folder])
  let output = ''
  const collect = (text: Buffer) => {
    output += text
    if (interruptAt === undefined || !output.includes(interruptAt)) return
    interruptAt = undefined
    setTimeout(() => child.kill('SIGINT'), 1000)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
}

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

describe('alambic demo --seed 7', () => {
  let runs: Ended[]
  beforeAll(async () => {
    runs = await Promise.all([demo(first), demo(second)])
  })
  const results = () => JSON.parse(readFileSync(join(first, 'results.json'), 'utf8'))

  it('ends well and prints its table', () => {
    expect(runs.map(({ code }) => code)).toEqual([0, 0])
    expect(runs[0]!.output).toMatch(
      /method\s+mean return \[95 %\]\s+score\s+labels\s+evaluations\s+env steps\s+updates\s+parameters/,
    )
  })

  it('trains a teacher whose greedy policy averages at least -100 over 100 fresh episodes', () => {
    const { evaluation } = results().teacher
    expect(evaluation.returns).toHaveLength(100)
    expect(evaluation.mean).toBeGreaterThanOrEqual(-100)
  })

  it('labels 20 states for each student, of 3 % of the teacher’s parameters, and soft labels are worth more than none', () => {
    const dataset = loadDataset(readFileSync(join(first, DATASET)))
    expect([dataset.labels, dataset.size]).toEqual([20, 20])
    const { teacher, methods } = results()
    for (const { parameters, students } of methods) {
      expect(parameters / teacher.parameters).toBeCloseTo(0.03, 2)
      expect(students).toHaveLength(5)
    }
    expect(methods.map(({ labels }: { labels: number }) => labels)).toEqual([20, 20, 20, 20, 20, 0])
    const scores = methods.map(({ score }: { score: number }) => score)
    expect(scores[0]).toBeGreaterThan(0.9)
    expect(scores.at(-1)).toBeLessThan(0.5)
  })

  it('writes the same bytes twice, timings aside', () => {
    const files = filesOf(first)
    expect(files).toEqual(filesOf(second))
    expect(files).toContain('report.html')
    for (const name of files.filter((each) => each !== 'timings.json')) {
      expect(readFileSync(join(first, name)).equals(readFileSync(join(second, name))), name).toBe(true)
    }
    for (const name of files.filter((each) => each.endsWith('.safetensors'))) {
      readSafetensors(readFileSync(join(first, name)))
    }
  })

  it('makes a page that needs no network', () => {
    const page = readFileSync(join(first, 'report.html'), 'utf8')
    expect(page).not.toMatch(/(src|href)="(?!data:|#)/)
    expect(page).not.toMatch(/@import|url\(\s*['"]?https?:/)
    for (const part of ['The teacher learns', 'Students side by side', 'What the temperature does', 'Swing-up']) {
      expect(page).toContain(part)
    }
  })

  it('stops on Ctrl-C and leaves nothing half-written', async () => {
    const { code, output } = await demo(third, 'teacher: done')
    expect([code, output.includes('interrupted')]).toEqual([130, true])
    expect(filesOf(third).filter((name) => name.includes('.part'))).toEqual([])
  })
})
