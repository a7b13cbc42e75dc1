// The matrix size from which a GPU is faster on this machine, as stored by `npm run bench:kernels` or measured briefly. Only advice: no
// tensor moves to a GPU by itself.

import { readFileSync } from 'node:fs'
import { type Crossovers, crossoverText, type TimedPlace, timeProducts } from '../gpu/crossover.ts'
import { gpuBackend } from '../gpu/gpu-backend.ts'
import { findModes } from '../gpu/modes.ts'
import { openEngine } from '../gpu/open.ts'
import { UsageError } from './failures.ts'

/** Output of `npm run bench:kernels`, relative to the working directory. */
export const KERNEL_FIGURES = 'runs/bench/kernels.json'

const NOT_BY_ITSELF =
  "Nothing moves to a GPU by itself: openDevice() opens one, toDevice(tensor, 'gpu') moves a tensor."

// Milliseconds per product; larger products are left to the benchmark.
const QUICK = 30

/** The stored figures, or how to measure them. Throws a UsageError on any other file. */
export function storedCrossover(path = KERNEL_FIGURES): string[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return [
      `From which size on a GPU is worth it has not been measured here: add --measure, or, for all kernels, npm run bench:kernels ` +
        `(it writes ${path}).`,
    ]
  }
  const stored = parsed(text)
  if (stored === null) {
    throw new UsageError(`${path} holds no figures of npm run bench:kernels; delete it, or run the bench again`)
  }
  const { date, machine, runtime } = stored
  if (stored.crossovers.length === 0)
    return [`${path} holds no figures of a GPU: run the bench to its end, or add --measure.`]
  return [`Measured ${date} on ${machine}, ${runtime} (${path}):`, ...crossoverText(stored), NOT_BY_ITSELF]
}

/** Times square products on the CPU and on each GPU. Takes some seconds. */
export async function measuredCrossover(): Promise<string[]> {
  const places: TimedPlace[] = []
  const crossovers: Crossovers['crossovers'][number][] = []
  for (const each of await findModes()) {
    if (!('adapter' in each) || each.hardware === 'none') continue
    const engine = await openEngine(each.mode)
    places.push({ name: each.mode, device: 'gpu', adapter: each.adapter, hardware: each.hardware })
    crossovers.push({ place: each.mode, times: await timeProducts(gpuBackend(engine), QUICK) })
    await engine.close()
  }
  if (places.length === 0) return ['There is no GPU here to measure.']
  return ['Measured now, with small products:', ...crossoverText({ places, crossovers }), NOT_BY_ITSELF]
}

function parsed(text: string): Crossovers | null {
  try {
    const stored = JSON.parse(text) as Partial<Crossovers>
    const { places, crossovers } = stored
    const isWhole =
      [stored.date, stored.machine, stored.runtime].every((each) => typeof each === 'string') &&
      Array.isArray(places) &&
      Array.isArray(crossovers) &&
      crossovers.every(({ place, times }) => places.some(({ name }) => name === place) && times.length > 0)
    return isWhole ? (stored as Crossovers) : null
  } catch {
    return null
  }
}
