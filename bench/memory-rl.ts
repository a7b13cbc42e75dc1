// Tests for memory leaks: a million environment steps of each algorithm. Networks are small and updates sparse, so that a
// million steps take seconds or minutes; a leak shows at any size. Prints the resident set, the JavaScript heap and the
// linear memory after warm-up and at the end, a verdict each, and draws them into runs/bench/memory-rl.html.
// `npm run bench -- memory-rl`; `npm run bench -- memory-rl ppo sac 100000` for some algorithms, or another number of steps.
// One process an algorithm, so that none inherits the memory of another. V8 enlarges its nursery once, by 16 MB, at an
// unpredictable moment; here it is fixed at 1 MB, so that the figures show the library's memory.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { knownAlgorithms, trainingEnvs } from '../src/cli/runs/environments.ts'
import { newDocument } from '../src/cli/terminal/document.ts'
import { medianOf } from '../src/data/statistics.ts'
import { formatCount, formatFixed, report } from '../src/plot/index.ts'
import { algorithm } from '../src/rl/registry.ts'
import { memory } from '../src/tensor/memory.ts'
import { type Family, familyOf } from '../test/support/families.ts'
import { type MemorySample, memoryChart } from './lib/memory-chart.ts'
import { printMachine, printRow } from './lib/table.ts'

const FOLDER = 'runs/bench'
const SAMPLES = 40
const MB = 1 / (1 << 20)
const FLAGS = ['--expose-gc', '--max-semi-space-size=1']
// Memory counts as constant if the medians of the second and the last quarter differ by at most this, in MB.
const MOST = { resident: 4, heap: 0.5, linear: 0.1 }

interface Setting {
  readonly env: string
  readonly numEnvs: number
  readonly options: Readonly<Record<string, unknown>>
}

const small = { hidden: [16, 16] }
const replay = { ...small, batchSize: 32, bufferSize: 10_000, trainInterval: 64, gradientSteps: 1 }
const onPolicy: Setting = { env: 'CartPole-v1', numEnvs: 16, options: small }
const values: Setting = { env: 'CartPole-v1', numEnvs: 8, options: replay }
const control: Setting = { env: 'Pendulum-v1', numEnvs: 8, options: replay }
const table: Setting = { env: 'Taxi-v4', numEnvs: 1, options: {} }

const byFamily: Readonly<Record<Family, Setting>> = { policy: onPolicy, values, control, table }
const single: Readonly<Record<string, Setting>> = {
  trpo: { ...onPolicy, options: { ...small, numSteps: 128 } },
  reinforce: { ...onPolicy, numEnvs: 1 },
}
const settings = Object.fromEntries(
  knownAlgorithms().map((each): [string, Setting] => [each.name, single[each.name] ?? byFamily[familyOf(each)]]),
)

interface Measured {
  readonly name: string
  readonly samples: readonly MemorySample[]
  readonly growth: Readonly<Record<keyof typeof MOST, number>>
  readonly isFlat: boolean
  readonly cpuSeconds: number
}

/** Trains and samples the memory forty times. */
function measure(name: string, steps: number): Measured {
  const { env, numEnvs, options } = settings[name]!
  const { train, observes } = algorithm(name, knownAlgorithms())
  const samples: MemorySample[] = []
  const before = process.cpuUsage()
  for (const { step } of train(trainingEnvs(env, numEnvs, observes), { ...options, totalTimesteps: steps })) {
    if (step < ((samples.length + 1) * steps) / SAMPLES) continue
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    samples.push({ step, resident: rss * MB, heap: heapUsed * MB, linear: memory.bytes * MB })
  }
  const { user, system } = process.cpuUsage(before)
  const quarter = Math.max(1, Math.floor(samples.length / 4))
  const early = samples.slice(quarter, 2 * quarter)
  const late = samples.slice(-quarter)
  const grown = (of: (sample: MemorySample) => number) => medianOf(late.map(of)) - medianOf(early.map(of))
  const growth = {
    resident: grown(({ resident }) => resident),
    heap: grown(({ heap }) => heap),
    linear: grown(({ linear }) => linear),
  }
  const isFlat = growth.resident <= MOST.resident && growth.heap <= MOST.heap && growth.linear <= MOST.linear
  return { name, samples, growth, isFlat, cpuSeconds: (user + system) / 1e6 }
}

function printMeasured({ name, samples, growth, isFlat, cpuSeconds }: Measured): void {
  const last = samples.at(-1)!
  const change = (value: number) => (value < 0 ? '' : '+') + value.toFixed(2)
  printRow(
    `${name}: ${isFlat ? 'flat' : 'GROWS'}`,
    last.resident,
    change(growth.resident),
    last.heap,
    change(growth.heap),
    last.linear,
    change(growth.linear),
    cpuSeconds,
  )
}

function page(results: readonly Measured[], steps: number): string {
  const sections = results.map(({ name, samples, isFlat }) => {
    const { env, numEnvs, options } = settings[name]!
    return {
      title: `${name}: ${isFlat ? 'flat' : 'grows'}`,
      text: `${numEnvs} x ${env}, ${JSON.stringify(options)}`,
      figure: memoryChart(newDocument(), samples),
      howToRead: 'Flat lines after the first few steps: memories fill up, then nothing is added.',
    }
  })
  const flat = results.filter(({ isFlat }) => isFlat).length
  return report({
    title: 'Memory of whole trainings',
    lead: `${formatCount(steps)} environment steps each, with small networks and sparse updates.`,
    facts: [{ label: 'algorithms whose memory is flat', value: `${formatFixed(flat, 0)} of ${results.length}` }],
    sections,
    command: 'npm run bench -- memory-rl',
  })
}

const names = process.argv.slice(2).filter((each) => !/^\d+$|^--/.test(each))
const steps = Number(process.argv.slice(2).find((each) => /^\d+$/.test(each)) ?? 1_000_000)
const unknown = names.find((name) => settings[name] === undefined)
if (unknown !== undefined) {
  console.error(`no algorithm "${unknown}" here; there are ${Object.keys(settings).join(', ')}`)
  process.exit(2)
}
const fileOf = (name: string) => join(FOLDER, `memory-rl-${name}.json`)
mkdirSync(FOLDER, { recursive: true })

if (process.argv.includes('--child')) {
  writeFileSync(fileOf(names[0]!), JSON.stringify(measure(names[0]!, steps)))
} else {
  printMachine()
  console.log(`${formatCount(steps)} environment steps; MB at the end, and growth from the second to the last quarter`)
  printRow('', 'resident', 'growth', 'heap', 'growth', 'linear', 'growth', 'processor, s')
  const results = (names.length === 0 ? Object.keys(settings) : names).flatMap((name) => {
    const argv = [...FLAGS, process.argv[1]!, name, String(steps), '--child']
    const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' })
    if (status !== 0) {
      console.log(`${name}: failed`)
      process.exitCode = 1
      return []
    }
    const measured = JSON.parse(readFileSync(fileOf(name), 'utf8')) as Measured
    printMeasured(measured)
    return [measured]
  })
  if (results.some(({ isFlat }) => !isFlat)) process.exitCode = 1
  writeFileSync(join(FOLDER, 'memory-rl.html'), page(results, steps))
  console.log(join(FOLDER, 'memory-rl.html'))
}
