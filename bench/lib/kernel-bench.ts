// Times kernels on every backend that is present. Runs in Node and in a browser.
//
//   first       the first call, with building the kernel and waiting for its result
//   steady      later calls, operands and results on the device, many in a row before one wait
//   round trip  operands sent to the device, the result read back (on the CPU nothing is transferred)

import { medianOf } from '../../src/data/statistics.ts'
import { scope } from '../../src/tensor/autograd/scope.ts'
import type { Backend } from '../../src/tensor/backends/backend.ts'
import type { Storage } from '../../src/tensor/storage.ts'
import { finish, type TimedPlace } from './crossover.ts'
import type { KernelCase } from './kernel-cases.ts'
import { inOneScope, randomStorage } from './operands.ts'
import { sampleCalls, timed } from './samples.ts'

/** A backend on this machine. */
export interface Place extends TimedPlace {
  readonly backend: Backend
}

/** Milliseconds; null if skipped because it would take too long. */
export interface Figure {
  readonly place: string
  readonly kernel: string
  readonly shape: string
  readonly flops: number
  readonly bytes: number
  readonly first: number | null
  /** Median of `samples`. */
  readonly steady: number | null
  /** Milliseconds per call, in the order of measurement; empty if skipped because it would take too long. */
  readonly samples: readonly number[]
  /** Median. */
  readonly roundTrip: number | null
}

export interface BenchOptions {
  /** A case that is expected to take longer, in milliseconds, is left out. */
  readonly limit: number
  /** Milliseconds to spend on a case. */
  readonly budget: number
  /** Called before each case; `false` leaves it out. */
  readonly onCase?: (each: KernelCase) => boolean
}

export async function benchKernels(
  place: Place,
  cases: readonly KernelCase[],
  { limit, budget, onCase = () => true }: BenchOptions,
): Promise<Figure[]> {
  const figures: Figure[] = []
  let slowest = 0 // milliseconds an operation, by the largest product so far
  for (const each of cases) {
    if (!onCase(each)) continue
    const expected = slowest * each.flops
    const times =
      expected > limit
        ? NOTHING
        : place.device === 'cpu'
          ? await onCpu(place, each, budget)
          : await onGpu(place, each, budget)
    if (times.steady !== null && each.kernel.startsWith('matmul')) slowest = times.steady / each.flops
    const { kernel, shape, flops, bytes } = each
    figures.push({ place: place.name, kernel, shape, flops, bytes, ...times })
  }
  return figures
}

type Times = Pick<Figure, 'first' | 'steady' | 'samples' | 'roundTrip'>

const NOTHING: Times = { first: null, steady: null, samples: [], roundTrip: null }
const LONGEST_CHAIN = 50 // calls on a GPU before one wait

async function onCpu({ backend }: Place, { operands, run }: KernelCase, budget: number): Promise<Times> {
  const inputs = operands.map((length, i) => randomStorage(length, i + 1))
  const call = (calls: number) => inOneScope(calls, () => run(backend, inputs))()
  const first = await timed(() => call(1))
  const samples = await sampleCalls(call, budget)
  return { first, steady: medianOf(samples), samples, roundTrip: null }
}

async function onGpu({ backend }: Place, { operands, run }: KernelCase, budget: number): Promise<Times> {
  const numbers = operands.map((length, i) => Float32Array.from(randomStorage(length, i + 1).view()))
  const onDevice = numbers.map((values) => backend.upload(values))
  const chain = async (calls: number) => {
    const { waiting } = scope(() => {
      let last: Storage | null = null
      for (let i = 0; i < calls; i++) last = run(backend, onDevice)
      return { waiting: finish(backend, last!) }
    })
    await waiting
  }
  const first = await timed(() => chain(1))
  const samples = await sampleCalls(chain, budget, LONGEST_CHAIN)
  const trip = async () => {
    const { reading } = scope(() => ({
      reading: run(
        backend,
        numbers.map((values) => backend.upload(values)),
      ).read(),
    }))
    await reading
  }
  const roundTrip = medianOf(await sampleCalls(trip, budget / 2, 1))
  return { first, steady: medianOf(samples), samples, roundTrip }
}
