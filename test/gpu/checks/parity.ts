// Every function of the backend interface on the GPU against the reference in double precision. A GPU may take subnormal
// numbers for 0: none are given to it. Where infinities meet, the last digit of another number may decide between an infinity
// and NaN; but neither may become a number.

import fc from 'fast-check'
import { toDevice } from '../../../src/gpu/to-device.ts'
import type { Backend } from '../../../src/tensor/backends/backend.ts'
import { scope, tensor } from '../../../src/tensor/index.ts'
import { CpuStorage, type Storage, type TypedArray } from '../../../src/tensor/storage.ts'
import { backendOn, reference } from '../../support/backends.ts'
import { type Call, calls } from '../../tensor/backends/calls.ts'
import type { Check } from './check.ts'

// The tolerances are those of exact float32 functions. WGSL lets exp be off by 3 + 2|x| last digits, a division by 2.5.
const SLACK = 4

const gpu = () => backendOn(toDevice(tensor(0), 'gpu').storage)

/** Its outputs, and the operands it must have left alone. */
function run({ operands, run, changes }: Call, backend: Backend, place: (values: TypedArray) => Storage) {
  const placed = operands.map(place)
  const result = run(backend, placed) as Storage
  const untouched = placed.filter((_, i) => !(changes ?? []).includes(i))
  const outputs = changes === undefined ? [result] : changes.map((i) => placed[i]!)
  return Promise.all([...outputs, ...untouched].map((storage) => storage.read()))
}

async function requireParity(drawn: Call): Promise<void> {
  const call = { ...drawn, operands: drawn.operands.map(withoutSubnormals) }
  const { name, tolerance = 2e-6, scale = 1 } = call
  if (name.startsWith('cast to float64')) return // refused: see the checks of errors
  const doubles = (values: TypedArray) => (values instanceof Int32Array ? values : Float64Array.from(values))
  const wanted = await run(call, reference, (values) => CpuStorage.onHeap(doubles(values)))
  const backend = gpu()
  const got = await scope(() => ({ run: run(call, backend, (values) => backend.upload(values)) })).run
  for (const [i, want] of wanted.entries()) requireNear(name, got[i]!, want, SLACK * tolerance, scale)
}

function requireNear(name: string, got: TypedArray, want: TypedArray, tolerance: number, scale: number): void {
  if (got.length !== want.length) throw new Error(`${name}: ${got.length} numbers instead of ${want.length}`)
  for (let i = 0; i < want.length; i++) {
    const [have, exact] = [got[i]!, want[i]!]
    const fits = Number.isFinite(Math.fround(exact))
      ? Math.abs(have - exact) <= tolerance * (Math.abs(exact) + scale)
      : !Number.isFinite(have)
    if (!fits) throw new Error(`${name}: element ${i} of ${want.length} is ${have}, expected ${exact}`)
  }
}

function withoutSubnormals(values: TypedArray): TypedArray {
  return values instanceof Int32Array ? values : values.map((x) => (Math.abs(x) < 2 ** -126 ? 0 : x))
}

/** Few runs: on a GPU each shape is a kernel that must be compiled. */
export function parityChecks(numRuns: number): Check[] {
  return Object.entries(calls).map(([name, arbitrary]) => ({
    name: `${name} computes what the reference computes`,
    run: () => fc.assert(fc.asyncProperty(arbitrary, requireParity), { numRuns }),
  }))
}
