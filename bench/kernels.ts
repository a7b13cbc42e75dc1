// The kernels on every backend and mode of this machine: `npm run bench:kernels`. `-- --quick` leaves the large sizes out.
// Prints a table and writes runs/bench/kernels.json and runs/bench/kernels.html, after each backend: what was measured before an
// interruption is there.

import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { newDocument } from '../src/cli/document.ts'
import { crossoverText, label, type TimedPlace, timeProducts } from './lib/crossover.ts'
import { benchKernels, type Figure, type Place } from './lib/kernel-bench.ts'
import { type KernelCase, memoryCases, networkCases, squareCases } from './lib/kernel-cases.ts'
import { headLine, type KernelResults, lineOf, pageOf } from './lib/kernel-report.ts'
import { cpuPlaces, openPlace, presentModes } from './lib/places.ts'

const quick = process.argv.includes('--quick')
const sides = quick ? [16, 64, 128] : [16, 32, 64, 128, 256, 512, 1024, 2048]
const squares = squareCases(sides)
const cases: KernelCase[] = [
  ...squares,
  ...networkCases,
  ...memoryCases(2 ** 14),
  ...(quick ? [] : memoryCases(2 ** 20)),
]
const options = { limit: quick ? 500 : 4000, onFigure: (figure: Figure) => console.log(lineOf(figure)) }

const processor = cpus()[0]?.model ?? 'unknown processor'
const machine = `${processor}, ${cpus().length} cores, ${platform()} ${arch()}`
const runtime = `Node ${process.versions.node}`
console.log(`${machine}, ${runtime}\n`)

const places: TimedPlace[] = []
const figures: Figure[] = []
const crossovers: KernelResults['crossovers'][number][] = []

const date = new Date().toISOString().slice(0, 10)
const results: KernelResults = { machine, runtime, date, places, figures, crossovers }
mkdirSync('runs/bench', { recursive: true })

function store(): void {
  writeFileSync('runs/bench/kernels.json', `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync('runs/bench/kernels.html', pageOf(newDocument(), results, 'npm run bench:kernels'))
}

const plainly = ({ name, device, adapter, hardware }: Place): TimedPlace => ({ name, device, adapter, hardware })

const onCpu = cpuPlaces(processor)
for (const place of onCpu) {
  console.log(`${label(place)}\n${headLine()}`)
  places.push(plainly(place))
  figures.push(...(await benchKernels(place, cases, options)))
  store()
}
for (const mode of await presentModes()) {
  const place = await openPlace(mode)
  console.log(`\n${label(place)}\n${headLine()}`)
  places.push(plainly(place))
  for (const form of ['plain', 'squares'] as const) {
    const inForm = squares.map((each) => place.inForm(form, each)).filter((each) => each !== null)
    figures.push(...(await benchKernels(place, inForm, options)))
  }
  figures.push(...(await benchKernels(place, cases, options)))
  crossovers.push({ place: place.name, times: await timeProducts(place.backend) })
  await place.close()
  store()
}

console.log(`\n${crossoverText(results).join('\n')}`)
console.log('runs/bench/kernels.json, runs/bench/kernels.html')
