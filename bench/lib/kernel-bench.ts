// Times kernels on every backend that is present. Runs in Node and in a browser.
//
//   first       the first call, with building the kernel and waiting for its result
//   steady      later calls, operands and results on the device, many in a row before one wait
//   round trip  operands sent to the device, the result read back (on the CPU there is no way to go)

import { measure } from 'mitata'
import type { Backend } from '../../src/tensor/backends/backend.ts'
import { scope } from '../../src/tensor/scope.ts'
import type { Storage } from '../../src/tensor/storage.ts'
import { finish, type TimedPlace } from './crossover.ts'
import type { KernelCase } from './kernel-cases.ts'
import { inOneScope, randomStorage } from './operands.ts'

/** A backend on this machine. */
export interface Place extends TimedPlace {
  readonly backend: Backend
}

/** Milliseconds; null for what would have taken too long. */
export interface Figure {
  readonly place: string
  readonly kernel: string
  readonly shape: string
  readonly flops: number
  readonly bytes: number
  readonly first: number | null
  /** The fastest run, which a busy machine hardly moves. */
  readonly steady: number | null
  /** Three quarters of the runs took no longer. Far from `steady`: the machine had other work, distrust the figure. */
  readonly steadyP75: number | null
  /** The fastest run. */
  readonly roundTrip: number | null
}

export interface BenchOptions {
  /** A case that is expected to take longer, in milliseconds, is left out. */
  readonly limit: number
  readonly onFigure: (figure: Figure) => void
}

export async function benchKernels(
  place: Place,
  cases: readonly KernelCase[],
  { limit, onFigure }: BenchOptions,
): Promise<Figure[]> {
  const figures: Figure[] = []
  let slowest = 0 // milliseconds an operation, by the largest product so far
  for (const each of cases) {
    const expected = slowest * each.flops
    const times =
      expected > limit ? NOTHING : place.device === 'cpu' ? await onCpu(place, each) : await onGpu(place, each)
    if (times.steady !== null && each.kernel.startsWith('matmul')) slowest = times.steady / each.flops
    const { kernel, shape, flops, bytes } = each
    const figure = { place: place.name, kernel, shape, flops, bytes, ...times }
    figures.push(figure)
    onFigure(figure)
  }
  return figures
}

type Times = Pick<Figure, 'first' | 'steady' | 'steadyP75' | 'roundTrip'>

const NOTHING: Times = { first: null, steady: null, steadyP75: null, roundTrip: null }
const MS = 1e-6 // mitata counts in nanoseconds

async function onCpu({ backend }: Place, { operands, run }: KernelCase): Promise<Times> {
  const inputs = operands.map((length, i) => randomStorage(length, i + 1))
  const first = await timed(async () => void scope(() => void run(backend, inputs)))
  const calls = callsIn(first)
  const { p75, min } = await sample(
    inOneScope(calls, () => run(backend, inputs)),
    first,
  )
  return { first, steady: (min * MS) / calls, steadyP75: (p75 * MS) / calls, roundTrip: null }
}

async function onGpu({ backend }: Place, { operands, run }: KernelCase): Promise<Times> {
  const numbers = operands.map((length, i) => Float32Array.from(randomStorage(length, i + 1).view()))
  const onDevice = numbers.map((values) => backend.upload(values))
  const chain = (calls: number) => async () => {
    const { waiting } = scope(() => {
      let last: Storage | null = null
      for (let i = 0; i < calls; i++) last = run(backend, onDevice)
      return { waiting: finish(last!) }
    })
    await waiting
  }
  const first = await timed(chain(1))
  const again = await timed(chain(1))
  const calls = callsIn(again)
  const { p75, min } = await sample(chain(calls), again * calls)
  const trip = async () => {
    const { reading } = scope(() => ({
      reading: run(
        backend,
        numbers.map((values) => backend.upload(values)),
      ).read(),
    }))
    await reading
  }
  await trip()
  const roundTrip = await sample(trip, again)
  return { first, steady: (min * MS) / calls, steadyP75: (p75 * MS) / calls, roundTrip: roundTrip.min * MS }
}

// Enough calls for a few milliseconds, so that waiting for the last one does not count.
function callsIn(once: number): number {
  return Math.max(1, Math.min(50, Math.round(10 / once)))
}

function sample(f: () => unknown, expected: number) {
  const slow = expected > 200
  return measure(f, {
    batch_unroll: 1,
    min_samples: slow ? 2 : 8,
    min_cpu_time: slow ? 0 : 1e8,
    ...(slow ? { warmup_samples: 0 } : {}),
  })
}

async function timed(f: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await f()
  return performance.now() - start
}
