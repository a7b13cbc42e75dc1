// Measures the matrix size from which a GPU is faster: square products on the CPU and on the open GPU, with operands on the
// device and with transfers both ways. Software adapters are not representative.

import type { Hardware } from '../../src/gpu/devices/modes.ts'
import { persistent } from '../../src/nn/flat.ts'
import { scope } from '../../src/tensor/autograd/scope.ts'
import type { Backend } from '../../src/tensor/backends/backend.ts'
import { products } from '../../src/tensor/dispatch/families.ts'
import { backendOf } from '../../src/tensor/dispatch/select.ts'
import type { CpuStorage, Storage } from '../../src/tensor/storage.ts'

/** Milliseconds per product of two matrices with `side` rows and columns. */
export interface ProductTimes {
  readonly side: number
  readonly cpu: number
  /** Operands and result on the device. */
  readonly resident: number
  /** Including the transfer of both operands and of the result. */
  readonly roundTrip: number
}

const SIDES = [16, 32, 64, 128, 256, 512, 1024, 2048]
const ROUNDS = 5
const CHAIN = 8

/** Times growing sizes until a product takes longer than `limit` milliseconds. */
export async function timeProducts(gpu: Backend, limit = 1000): Promise<ProductTimes[]> {
  const times: ProductTimes[] = []
  for (const side of SIDES) {
    const spec = { batch: 1, m: side, k: side, n: side, transposeA: false, transposeB: false }
    const numbers = Float32Array.from({ length: side * side }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5)
    const [a, b] = [inMemory(numbers), inMemory(numbers)]
    const [x, y] = [gpu.upload(numbers), gpu.upload(numbers)]
    await finish(gpu, gpu.matmul(spec, x, y, null)) // compiles the kernel
    const cpu = backendOf(a, products)
    const each = {
      side,
      cpu: await best(async () => scope(() => void cpu.matmul(spec, a, b, null))),
      resident: (await best(() => chained(gpu, () => gpu.matmul(spec, x, y, null)))) / CHAIN,
      roundTrip: await best(async () => {
        const product = scope(() => ({
          reading: gpu.matmul(spec, gpu.upload(numbers), gpu.upload(numbers), null).read(),
        }))
        await product.reading
      }),
    }
    times.push(each)
    if (Math.max(each.cpu, each.resident, each.roundTrip) > limit) break
  }
  return times
}

/** The smallest side from which all measured products are faster on the GPU; null if there is none. */
export function crossover(times: readonly ProductTimes[], way: 'resident' | 'roundTrip'): number | null {
  let side: number | null = null
  for (const each of times) {
    if (each[way] >= each.cpu) side = null
    else side ??= each.side
  }
  return side
}

/** A device on which products were timed. */
export interface TimedPlace {
  readonly name: string
  readonly device: 'cpu' | 'gpu'
  readonly adapter: string
  readonly hardware: Hardware
}

/** Times of square products on one machine, on its CPU and on each of its GPUs. */
export interface Crossovers {
  readonly machine: string
  readonly runtime: string
  /** Year-month-day. */
  readonly date: string
  readonly places: readonly TimedPlace[]
  readonly crossovers: readonly { readonly place: string; readonly times: readonly ProductTimes[] }[]
}

export const SOFTWARE = 'software adapter: not a speed figure'

/** A place's name in reports. */
export function label({ name, adapter, hardware, device }: TimedPlace): string {
  const remark = hardware === 'software' ? ` (${SOFTWARE})` : device === 'gpu' && hardware === 'none' ? ' (no GPU)' : ''
  return `${name} on ${adapter}${remark}`
}

/** One sentence for each GPU. */
export function crossoverText({ places, crossovers }: Pick<Crossovers, 'places' | 'crossovers'>): string[] {
  return crossovers.map(({ place, times }) => {
    const where = label(places.find(({ name }) => name === place)!)
    const from = (way: 'resident' | 'roundTrip') => {
      const side = crossover(times, way)
      return side === null ? `at no size up to ${times.at(-1)!.side}×${times.at(-1)!.side}` : `from ${side}×${side}`
    }
    return (
      `${where}: products are faster than on the CPU ${from('resident')} with operands on the device, ` +
      `${from('roundTrip')} including transfers.`
    )
  })
}

/** Waits until the device has finished all earlier work, by reading one number of `last`. */
export async function finish(gpu: Backend, last: Storage): Promise<void> {
  await gpu.slice(last, [last.length], [0], [1], [1]).read()
}

async function chained(gpu: Backend, product: () => Storage): Promise<void> {
  const { waiting } = scope(() => {
    let last = product()
    for (let i = 1; i < CHAIN; i++) last = product()
    return { waiting: finish(gpu, last) }
  })
  await waiting
}

async function best(run: () => Promise<void>): Promise<number> {
  let fastest = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await run()
    fastest = Math.min(fastest, performance.now() - start)
    if (fastest > 500) break
  }
  return fastest
}

function inMemory(numbers: Float32Array): CpuStorage {
  const storage = persistent('float32', numbers.length, 0)
  storage.view().set(numbers)
  return storage
}
