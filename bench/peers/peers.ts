// `npm run bench:peers`: the same workloads in alambic and other packages, each in its own process. Samples alternate between
// the processes, so that a change of the machine's load affects all alike. The column of a missing package stays empty.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command, InvalidArgumentError } from 'commander'
import { startProgress } from '../../src/cli/terminal/progress.ts'
import { medianOf } from '../../src/data/statistics.ts'
import { unknownName } from '../../src/tensor/errors.ts'
import { JSON_OPTION, positiveIntegers } from '../lib/arguments.ts'
import { benchRow, type PeerEntry } from '../lib/bench-file.ts'
import { digits } from '../lib/digits.ts'
import { describeMachine, thisMachine, writeJson } from '../lib/machine.ts'
import { findPython, PeerProcess } from './processes.ts'
import { COLUMNS, type Column, THREADS, unitOf, WORKS } from './works.ts'

interface Options {
  readonly only: readonly string[]
  readonly columns: readonly string[]
  readonly rounds: number
  readonly python?: string
  readonly json?: string | true
}

const KINDS = new Set(WORKS.map((work) => work.split('/')[0]!))

/** Works whose name is one of the given, or begins with it: `loop`, `train-step/784-256-128-10`. */
function worksOf(text: string): string[] {
  return text.split(',').flatMap((given) => {
    const found = WORKS.filter((work) => work === given || work.startsWith(`${given}/`))
    if (found.length === 0) throw new InvalidArgumentError(unknownName('work', given, [...KINDS, ...WORKS]))
    return found
  })
}

function columnsOf(text: string): string[] {
  const names = Object.keys(COLUMNS)
  const given = text.split(',')
  const wrong = given.find((each) => !names.includes(each))
  if (wrong !== undefined) throw new InvalidArgumentError(unknownName('column', wrong, names))
  return [...new Set(['ours', ...given])]
}

const { only, columns, rounds, python, json } = new Command('bench:peers')
  .description('The same works in alambic, PyTorch, NumPy, TensorFlow.js and jax-js, measured in turn.')
  .option('--only <works>', `some of ${WORKS.join(', ')}, or the beginning of their names`, worksOf, [...WORKS])
  .option('--columns <names>', 'some of the columns; ours is always among them', columnsOf, Object.keys(COLUMNS))
  .option('--rounds <count>', 'samples of each', (text) => positiveIntegers(text)[0]!, 5)
  .option('--python <command>', 'a Python with torch and numpy; default: python3, then /usr/bin/python3')
  .option(...JSON_OPTION)
  .allowExcessArguments(false)
  .parse()
  .opts<Options>()

const BUDGET = 200 // milliseconds per sample; training loops have no limit
const LONGEST = 20_000 // milliseconds per answer; a slower package is skipped for this workload
// Milliseconds after a sample of PyTorch on several threads: OpenBLAS's threads spin for up to 0.15 s.
const QUIET = 500
const folder = process.env.BENCH_PEERS ?? import.meta.dirname // of the Python files
const pythons = python === undefined ? ['python3', '/usr/bin/python3'] : [python]
const found = findPython(pythons)
if (found === null) {
  console.error(
    `PyTorch: torch and numpy are not installed for ${pythons.join(' or ')}; its columns stay empty. Install them with ` +
      '"pip install torch numpy" (Debian, Ubuntu: apt-get install python3-torch), or name a Python by --python',
  )
}
if (found?.isReferenceBlas) {
  console.error(
    `PyTorch: ${found.torch} is Netlib's reference BLAS, many times slower than OpenBLAS: figures of large products are not ` +
      "PyTorch's usual ones. Install OpenBLAS (Debian, Ubuntu: apt-get install libopenblas0-pthread)",
  )
}

function start({ program, threads }: Column): PeerProcess | null {
  if (program === 'torch') {
    return found && new PeerProcess(found.command, [join(folder, 'torch_worker.py')], threads)
  }
  return new PeerProcess(process.execPath, [join(import.meta.dirname, `${program}.mjs`)], threads)
}

const machine = thisMachine()
const torch = found?.torch ?? null
const processes = new Map<string, PeerProcess | null>()
const keyOf = ({ program, threads }: Column) => `${program} ${threads}`
const processOf = (column: Column) => {
  const key = keyOf(column)
  if (!processes.has(key)) processes.set(key, start(column))
  return processes.get(key)!
}

/** Reasons that were printed, each once. */
const reported = new Set<string>()

/** Samples by peer. The first answer warms up and is dropped. */
async function measure(work: string, onSample: (peer: string) => void): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = {}
  let present: readonly string[] = columns
  for (let round = 0; round <= rounds; round++) {
    const answered: string[] = []
    for (const peer of present) {
      onSample(peer)
      const process = processOf(COLUMNS[peer]!)
      const answer = await process?.ask({ work, peer, budget: BUDGET }, LONGEST)
      const { program, threads } = COLUMNS[peer]!
      if (program === 'torch' && threads > 1 && answer !== undefined && 'value' in answer) await sleep(QUIET)
      if (process?.isEnded) processes.delete(keyOf(COLUMNS[peer]!))
      if (answer === undefined) continue
      if ('value' in answer) {
        answered.push(peer)
        if (round > 0) samples[peer] = [...(samples[peer] ?? []), answer.value]
      } else if (answer.none !== 'does not apply' && !reported.has(peer + answer.none)) {
        reported.add(peer + answer.none)
        console.error(`${peer} has no figure for ${work}: ${answer.none}`)
      }
    }
    present = answered
  }
  return samples
}

const progress = startProgress('bench:peers', only.length, 'works')
const entries: PeerEntry[] = []
for (const [i, work] of only.entries()) {
  let done = 0
  const samples = await measure(work, (peer) => {
    progress.update(i + Math.min(0.99, done++ / (columns.length * (rounds + 1))), `${work}: ${peer}`)
  })
  const { ours, ...others } = samples
  if (ours === undefined) continue
  const peers = Object.fromEntries(Object.entries(others).map(([peer, each]) => [peer, medianOf(each)]))
  entries.push({
    work,
    unit: unitOf(work),
    ours: medianOf(ours),
    ours_threads: THREADS,
    peers,
    samples,
    torch,
    machine,
  })
}
progress.finish('')
for (const each of processes.values()) each?.close()

if (json !== undefined) writeJson(entries, json)
else {
  console.log(`${describeMachine(machine)}; torch ${torch ?? 'absent'}, ${rounds} samples in turn`)
  console.log(
    'Medians ± half the distance of the quartiles; ours and columns whose name ends in _2 have two threads, the others one.',
  )
  const names = columns
  const first = 'train-step/1024-1024-1024-10/256'.length + 2
  console.log(`\n${'work'.padEnd(first)}${'unit'.padEnd(9)}${names.map((each) => each.padStart(18)).join('')}`)
  for (const { work, unit, samples } of entries) {
    const cells = names.map((peer) => {
      const each = samples[peer]
      if (each === undefined) return ''
      const { median, p25, p75 } = benchRow(peer, unit, each)
      return `${digits(median)} ±${((50 * (p75 - p25)) / median).toFixed(0)}%`
    })
    console.log(work.padEnd(first) + unit.padEnd(9) + cells.map((cell) => cell.padStart(18)).join(''))
  }
}
if (!existsSync(join(folder, 'node_modules', '@jax-js'))) {
  console.error('TensorFlow.js and jax-js are not installed: npm --prefix bench/peers ci')
}
process.exit()
