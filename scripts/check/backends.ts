// Parity of a backend: float32 values and gradients beside those of the reference loops in float64.

import { openDevice, toDevice } from '../../src/gpu/index.ts'
import { getBackend, scope, setBackend, type Tensor } from '../../src/tensor/index.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'
import {
  describeMismatch,
  findMismatch,
  type Mismatch,
  type Pass,
  passOf,
  toFloat32,
} from '../../test/support/parity.ts'

/** Allowed difference, relative to the largest number of a tensor, at least 1. */
const TOLERANCE = { cpu: 2e-5, gpu: 4e-5 } as const

type Compute = <T>(pass: () => T) => T

const onCpu =
  (name: 'reference' | 'wasm', relaxedSimd = false): Compute =>
  (pass) => {
    const before = getBackend()
    if (name === 'wasm') setBackend(name, { relaxedSimd })
    else setBackend(name)
    try {
      return pass()
    } finally {
      setBackend(before === 'reference' ? 'reference' : 'wasm')
    }
  }

/** By the name of `--backend`. */
export const backends: Readonly<Record<string, Compute>> = {
  wasm: onCpu('wasm'),
  'wasm-relaxed': onCpu('wasm', true),
  gpu: (pass) => pass(),
  reference: onCpu('reference'),
}

/** Runs `body` with the backend ready. Throws a `DeviceError` where this machine lacks it. */
export async function withBackendOpen<T>(name: string, body: () => Promise<T>): Promise<T> {
  if (name !== 'gpu') {
    backends[name]!(() => {})
    return body()
  }
  const device = await openDevice()
  try {
    return await body()
  } finally {
    await device.close()
  }
}

/** The first number in which a backend differs from float64, or null. */
async function mismatchOf(backend: string, call: GradientCall, seed: number): Promise<Mismatch | null> {
  const place = backend === 'gpu' ? (x: Tensor) => toDevice(toFloat32(x), 'gpu') : toFloat32
  const read = ({ out, grads }: Pass) => [out, ...grads].map((x) => x.data())
  const wanted = await Promise.all(read(passOf(call, seed)))
  const got = await Promise.all(scope(() => backends[backend]!(() => read(passOf(call, seed, place)))))
  return findMismatch(got, wanted, TOLERANCE[backend === 'gpu' ? 'gpu' : 'cpu'])
}

/** A number that a backend computes too far from the reference. */
export class ParityError extends Error {
  constructor(
    readonly mismatch: Mismatch,
    call: string,
  ) {
    super(describeMismatch(mismatch, call))
  }
}

/** Throws a `ParityError` where a backend differs from float64. */
export async function expectParity(backend: string, call: GradientCall, seed: number): Promise<void> {
  const mismatch = await mismatchOf(backend, call, seed)
  if (mismatch !== null) throw new ParityError(mismatch, call.call)
}
