// The kernels on every backend of this machine: `npm run bench:kernels`, within a minute; `-- --full` for all sizes and devices,
// `-- --help` for the rest. Prints a table or JSON, and writes runs/bench/kernels.json and runs/bench/kernels.html after each
// backend, so that an interrupted run leaves what it measured.

import { mkdirSync, writeFileSync } from 'node:fs'
import { newDocument } from '../src/cli/terminal/document.ts'
import { startProgress } from '../src/cli/terminal/progress.ts'
import { findModes } from '../src/gpu/devices/modes.ts'
import { setThreads } from '../src/tensor/index.ts'
import { measureThreads } from '../src/tensor/threads/threads.ts'
import { type BenchFile, benchFile } from './lib/bench-file.ts'
import { crossoverText, label, type TimedPlace, timeProducts } from './lib/crossover.ts'
import { benchKernels, type Figure, type Place } from './lib/kernel-bench.ts'
import type { KernelCase } from './lib/kernel-cases.ts'
import { chosenCases, DEVICES, type DeviceName, type KernelOptions, kernelProgram } from './lib/kernel-options.ts'
import { headLine, type KernelResults, lineOf, pageOf, rowsOf } from './lib/kernel-report.ts'
import { describeMachine, thisMachine, writeJson } from './lib/machine.ts'
import { cpuPlaces, type GpuPlace, openPlace, placeName } from './lib/places.ts'

const MINUTE = 60_000
const options = kernelProgram().parse().opts<KernelOptions>()
const { full, json, threads } = options
setThreads(threads)
await measureThreads()
// A default run ends within a minute on a busy machine too: cases that would begin after 50 s are skipped.
const deadline = full || options.size !== undefined ? Infinity : performance.now() + (MINUTE * 5) / 6

const machine = thisMachine()
const cases = chosenCases(options)
const places: TimedPlace[] = []
const figures: Figure[] = []
const crossovers: KernelResults['crossovers'][number][] = []
let leftOut = 0
mkdirSync('runs/bench', { recursive: true })

const file = (): BenchFile => benchFile('kernels', machine, rowsOf(figures))
const results = (): KernelResults => {
  const { cpu, cores, platform, node } = machine
  const [date = ''] = new Date().toISOString().split('T')
  return { machine: `${cpu}, ${cores} cores, ${platform}`, runtime: `Node ${node}`, date, places, figures, crossovers }
}

function store(): void {
  writeJson(file(), 'runs/bench/kernels.json')
  writeFileSync('runs/bench/kernels.html', pageOf(newDocument(), results(), 'npm run bench:kernels'))
}

type Opener = () => Promise<Place | GpuPlace>

/** The requested devices of this machine. Reports a device that was requested by name and is absent. */
async function openers(): Promise<Opener[]> {
  const wanted: readonly DeviceName[] =
    options.device ?? (full ? ['cpu', 'gpu', 'wgsl', 'gl', 'emulated'] : ['cpu', 'gpu', 'wgsl', 'gl'])
  const onCpu = new Map(cpuPlaces(machine.cpu).map((place) => [place.name, place]))
  const modes = wanted.some((device) => device !== 'cpu') ? await findModes() : []
  return wanted.flatMap((device) =>
    DEVICES[device].flatMap((name): Opener[] => {
      const place = onCpu.get(name)
      if (place !== undefined) return [async () => place]
      const mode = modes.find((each) => placeName(each.mode) === name)
      if (mode !== undefined && 'adapter' in mode) return [() => openPlace(mode)]
      if (options.device !== undefined) console.error(`${device}: not on this machine; needs ${mode?.install ?? name}`)
      return []
    }),
  )
}

const casesOn = (place: Place | GpuPlace): KernelCase[] => {
  if (!full || !('inForm' in place)) return cases
  const forms = (['plain', 'squares'] as const).map((form) => cases.map((each) => place.inForm(form, each)))
  return [...forms.flat().filter((each) => each !== null), ...cases]
}

const opening = await openers()
if (opening.length === 0) {
  console.error('bench:kernels: none of the devices is on this machine; --device cpu is')
  process.exit(2)
}
if (json === undefined) console.log(`${describeMachine(machine)}, threads of wasm: ${threads}`)
const total = opening.length * cases.length
const budget = full ? 300 : Math.min(300, (MINUTE * 0.4) / total)
const progress = startProgress('bench:kernels', total, 'cases')
for (const [i, open] of opening.entries()) {
  const place = await open()
  const { name, device, adapter, hardware } = place
  places.push({ name, device, adapter, hardware })
  const on = casesOn(place)
  let done = 0
  const onCase = ({ kernel, shape }: KernelCase) => {
    progress.update((i + done++ / on.length) * cases.length, `${name}: ${kernel} ${shape}`)
    const isInTime = performance.now() < deadline
    if (!isInTime) leftOut++
    return isInTime
  }
  figures.push(...(await benchKernels(place, on, { limit: full ? 4000 : 1000, budget, onCase })))
  if ('close' in place) {
    if (full) crossovers.push({ place: name, times: await timeProducts(place.backend) })
    await place.close()
  }
  store()
}
progress.finish(leftOut === 0 ? '' : `${leftOut} cases left out after a minute; --full measures all`)

if (json !== undefined) writeJson(file(), json)
else {
  for (const place of places) {
    console.log(`\n${label(place)}\n${headLine()}`)
    for (const figure of figures) if (figure.place === place.name) console.log(lineOf(figure))
  }
  if (crossovers.length > 0) console.log(`\n${crossoverText(results()).join('\n')}`)
  console.log('\nruns/bench/kernels.json, runs/bench/kernels.html')
}
