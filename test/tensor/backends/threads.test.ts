// Threads: the same bits for any number of them, and processes that they neither keep alive nor keep busy.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { instantiate } from '../../../src/tensor/backends/wasm/module.ts'
import { transferKernels } from '../../../src/tensor/backends/wasm/move-kernels.ts'
import { getThreads, scope, setThreads, ValueError } from '../../../src/tensor/index.ts'
import type { CpuStorage, Storage, TypedArray } from '../../../src/tensor/storage.ts'
import { Team } from '../../../src/tensor/threads/threads.ts'
import { wasm } from '../../support/backends.ts'
import { divideEverything } from '../../support/threads.ts'
import { type Call, calls } from './calls.ts'
import { drawFloats } from './draws.ts'
import { type Home, homes, place } from './wasm/homes.ts'

/** Draws of every backend function, and products that are packed in blocks. */
function someCalls(): [Call, Home[]][] {
  const small = fc.tuple(fc.oneof(...Object.values(calls)), fc.array(homes, { minLength: 1, maxLength: 3 }))
  const sizes = [
    [171, 300, 170],
    [9, 530, 261],
    [261, 130, 9],
    [67, 24, 65],
  ] as const
  const products = sizes.flatMap(([m, k, n]) =>
    [0, 1, 2, 3].map((form): [Call, Home[]] => {
      const spec = { batch: 1, m, k, n, transposeA: form % 2 === 1, transposeB: form > 1 }
      const operands = drawFloats({ seed: m, odd: 0, whole: false }, m * k, k * n, n)
      const run: Call['run'] = (backend, [a, b, bias]) => backend.matmul(spec, a!, b!, bias!)
      return [{ name: `matmul ${JSON.stringify(spec)}`, operands, run }, [{ kind: 'arena', skip: 1 }]]
    }),
  )
  const [column, matrix] = drawFloats({ seed: 1, odd: 0, whole: false }, 512, 512 * 33)
  const spread: Call = {
    name: 'add [512, 33] and [512, 1]',
    operands: [matrix!, column!],
    run: (backend, [a, b]) => backend.zip('add', a!, [512, 33], b!, [512, 1], [512, 33], 0, 0),
  }
  return [...fc.sample(small, 250), ...products, ...overAxes(), [spread, [{ kind: 'arena', skip: 0 }]]]
}

/** Functions of rows, long and short, and reductions over the first, a middle and the last axis, all with enough rows to divide. */
function overAxes(): [Call, Home[]][] {
  const [x, dy] = drawFloats({ seed: 2, odd: 0, whole: false }, 13 * 40, 13 * 40)
  const call = (name: string, size: number, run: Call['run']): [Call, Home[]] => [
    { name, operands: [x!.slice(0, size), dy!.slice(0, size)], run },
    [{ kind: 'arena', skip: 0 }],
  ]
  const rows = [7, 40].flatMap((columns) => {
    const named = (name: string, run: Call['run']) => call(`${name} of 13 rows of ${columns}`, 13 * columns, run)
    return [
      named('softmax', (backend, [x]) => backend.softmax(x!, 13, columns)),
      named('logSoftmax', (backend, [x]) => backend.logSoftmax(x!, 13, columns)),
      named('standardize', (backend, [x]) => backend.standardize(x!, 13, columns, 1e-5)),
      named('softmaxGrad', (backend, [x, dy]) => backend.softmaxGrad(dy!, x!, 13, columns)),
      named('logSoftmaxGrad', (backend, [x, dy]) => backend.logSoftmaxGrad(dy!, x!, 13, columns)),
      named('standardizeGrad', (backend, [x, dy]) => backend.standardizeGrad(dy!, x!, 13, columns, 1e-5)),
    ]
  })
  const reductions = [
    { outer: 1, size: 5, inner: 100 },
    { outer: 9, size: 5, inner: 3 },
    { outer: 9, size: 5, inner: 1 },
  ].map((sizes) => {
    const { outer, size, inner } = sizes
    return call(`sum ${JSON.stringify(sizes)}`, outer * size * inner, (backend, [x]) =>
      backend.reduce('sum', x!, sizes),
    )
  })
  return [...rows, ...reductions]
}

/** The result of a call, and its operands afterwards. No result of an earlier call is left where this one goes. */
function resultsOf([{ operands, run }, homesOf]: [Call, Home[]]): TypedArray[] {
  scope(() => wasm.fill(200_000, 7, 'float32'))
  return scope(() => {
    const placed = operands.map((values, i) => place(values, homesOf[i % homesOf.length]!))
    const result = run(wasm, placed as Storage[]) as CpuStorage | undefined
    return [...placed, ...(result === undefined ? [] : [result])].map((each) => each.view().slice())
  })
}

// The sign of a NaN is left open by WebAssembly.
const sameBits = (a: TypedArray, b: TypedArray) => a.length === b.length && a.every((x, i) => Object.is(x, b[i]))

describe('threads', () => {
  afterAll(() => setThreads(1))

  it('give the bits of one, for every function of the backend', async () => {
    const cases = someCalls()
    const alone = cases.map(resultsOf)
    for (const threads of [2, 3]) {
      const team = await divideEverything(threads, 1)
      cases.forEach((each, i) => {
        resultsOf(each).forEach((values, j) => {
          if (!sameBits(values, alone[i]![j]!)) expect.fail(`${each[0].name}: other bits on ${threads} threads`)
        })
      })
      expect(team.helped).toBeGreaterThan(0)
    }
  })

  it('end with their process or worker, and park when there is no work', async () => {
    const loader = new URL('../../support/tsx-in-threads.mjs', import.meta.url).href
    const argv = ['--import', loader, fileURLToPath(new URL('threads-program.ts', import.meta.url))]
    const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: 20_000 })
    for (const share of JSON.parse(stdout)) expect(share).toBeLessThan(0.05)
  })

  // A team of two after one call. `state` is that before the call, times in milliseconds before now.
  const teamAfter = ({ since, lastCall, ...state }: { since: number; lastCall: number; [field: string]: unknown }) => {
    const team = new Team()
    team.resize(2)
    const now = performance.now()
    Object.assign(team, { ...state, since: now - since, lastCall: now - lastCall })
    let parts = 0
    team.split(instantiate(transferKernels, false), 1e6, 16, 16, () => parts++)
    expect(parts).toBe(1)
    return team
  }

  it.each([
    ['left out where work is done no faster with them', { speedAlone: Infinity, since: 101 }, false],
    ['kept where it is', { speedAlone: 1, done: 1e6, since: 101 }, true],
    ['kept later where it is faster', { kept: 5, speedAlone: 1, done: 1e6, since: 101 }, true],
    ['compared anew where they no longer gain', { kept: 5, speedAlone: Infinity, since: 101 }, false],
    ['compared anew after four seconds', { kept: 40, speedAlone: 1, done: 1e6, since: 101 }, false],
  ])('are %s', (_, state, kept) => expect(teamAfter({ isReady: true, lastCall: 0, ...state }).isReady).toBe(kept))

  it('are tried again when their pause is over, also if there was no work meanwhile', () => {
    expect(teamAfter({ span: 5000, since: 5200, lastCall: 5100 })).toMatchObject({ span: 100, done: 1e6 })
  })

  it('are not left out by the first call of a program', () => {
    const team = new Team()
    team.resize(2)
    team.split(instantiate(transferKernels, false), 1e6, 16, 16, () => {})
    expect(team).toMatchObject({ span: 100, done: 1e6 })
  })

  it('are measured when they have done 200 parts, or have had 50 ms for them', async () => {
    setThreads(2)
    const team = new Team()
    team.resize(2)
    while (!team.start()) await new Promise((resolve) => setTimeout(resolve, 1))
    const began = performance.now()
    team.calibrate()
    if (performance.now() - began < 50) expect(team.helped).toBeGreaterThanOrEqual(200)
    expect(team.helped).toBeGreaterThan(0)
  })

  it('are from 1 to 64', () => {
    expect(() => setThreads(0)).toThrow(ValueError)
    expect(() => setThreads(1.5)).toThrow(/got 1\.5; expected a whole number from 1 to 64, or "auto"/)
    setThreads(3)
    expect(getThreads()).toBe(3)
  })
})
