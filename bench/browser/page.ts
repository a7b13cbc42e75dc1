// The kernel benchmark as a web page; table and plot are updated as results arrive. `?quick` omits the
// large sizes, `?only=webgpu` all other modes.

import { benchFile } from '../lib/bench-file.ts'
import { label, type TimedPlace, timeProducts } from '../lib/crossover.ts'
import { benchKernels, type Figure, type Place } from '../lib/kernel-bench.ts'
import { type KernelCase, memoryCases, networkCases, squareCases } from '../lib/kernel-cases.ts'
import { type KernelResults, pageOf, rowsOf } from '../lib/kernel-report.ts'
import { cpuPlaces, openPlace, presentModes } from '../lib/places.ts'

const settings = new URLSearchParams(location.search)
const quick = settings.has('quick')
const only = settings.get('only')
const squares = squareCases(quick ? [16, 64] : [16, 32, 64, 128, 256, 512, 1024, 2048])
const cases: KernelCase[] = quick
  ? [...squares, ...memoryCases(2 ** 12)]
  : [...squares, ...networkCases, ...memoryCases(2 ** 14), ...memoryCases(2 ** 20)]

const places: TimedPlace[] = []
const figures: Figure[] = []
const crossovers: KernelResults['crossovers'][number][] = []

function results(): KernelResults {
  const machine = `${navigator.hardwareConcurrency} processors`
  const date = new Date().toISOString().slice(0, 10)
  return { machine, runtime: navigator.userAgent, date, places, figures, crossovers }
}

/** Shows the results so far and yields to the browser to draw. */
async function show(status: string): Promise<void> {
  const parsed = new DOMParser().parseFromString(pageOf(document, results(), 'npm run bench:browser'), 'text/html')
  document.head.replaceChildren(...parsed.head.childNodes)
  document.body.replaceChildren(...parsed.body.childNodes)
  const line = document.createElement('p')
  line.id = 'status'
  line.textContent = status
  document.querySelector('header')!.append(line)
  await new Promise((resolve) => setTimeout(resolve))
}

async function benchIn(place: Place, wanted: readonly KernelCase[]): Promise<void> {
  for (const each of wanted) {
    figures.push(...(await benchKernels(place, [each], { limit: quick ? 500 : 4000, budget: 150 })))
  }
  await show(`measured ${label(place)} …`)
}

const plainly = ({ name, device, adapter, hardware }: Place): TimedPlace => ({ name, device, adapter, hardware })

async function run(): Promise<void> {
  const onCpu = cpuPlaces('the processor')
  for (const place of onCpu) {
    places.push(plainly(place))
    await benchIn(place, cases)
  }
  for (const mode of await presentModes()) {
    if (only !== null && mode.mode !== only) continue
    const place = await openPlace(mode)
    places.push(plainly(place))
    for (const form of ['plain', 'squares'] as const) {
      await benchIn(
        place,
        squares.map((each) => place.inForm(form, each)).filter((each) => each !== null),
      )
    }
    await benchIn(place, cases)
    crossovers.push({
      place: place.name,
      times: await timeProducts(place.backend, quick ? 20 : 1000),
    })
    await place.close()
  }
  const machine = { cpu: 'unknown processor', cores: navigator.hardwareConcurrency, platform: navigator.platform }
  const file = benchFile('kernels', { ...machine, node: navigator.userAgent, load: [], commit: null }, rowsOf(figures))
  const saved = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: 'application/json' }))
  await show('done')
  const link = document.createElement('a')
  Object.assign(link, { href: saved, download: 'kernels.json', textContent: 'Save the figures as JSON' })
  document.querySelector('header')!.append(link)
}

run().then(
  () => Object.assign(globalThis, { results: results() }),
  (error: unknown) => {
    document.body.append(String(error))
    throw error
  },
)
