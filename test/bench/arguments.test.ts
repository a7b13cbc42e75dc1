import { describe, expect, it } from 'vitest'
import { chosenCases, type KernelOptions, kernelProgram } from '../../bench/lib/kernel-options.ts'
import { rowsOf } from '../../bench/lib/kernel-report.ts'

const parsed = (...argv: string[]) =>
  kernelProgram()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(argv, { from: 'user' })
    .opts<KernelOptions>()

describe('the options of bench:kernels', () => {
  it('narrow kernels, sizes and devices', () => {
    const options = parsed('--only', 'matmul,add', '--size', '256', '--device', 'cpu,gpu,gl', '--json', 'a.json')
    expect(options).toEqual({
      ...{ full: false, threads: 1, only: ['matmul', 'add'], size: [256], device: ['cpu', 'gpu', 'gl'] },
      json: 'a.json',
    })
    expect(chosenCases(options).map(({ kernel, shape }) => `${kernel} ${shape}`)).toEqual([
      'matmul 256×256 · 256×256',
      'add 65536',
    ])
  })

  it('--full measures more than the default', () => {
    expect(chosenCases(parsed('--full')).length).toBeGreaterThan(chosenCases(parsed()).length)
  })

  it.each([
    [['--only', 'matmull'], 'Did you mean "matmul"?'],
    [['--device', 'gq'], 'Did you mean "gl"?'],
    [['--onyl', 'add'], 'Did you mean --only?'],
    [['--size', '0'], 'expected positive integers'],
    [['--size', '100000'], 'expected sides of at most 8192'],
    [['extra'], 'too many arguments'],
  ])('%j is an error', (argv, message) => expect(() => parsed(...argv)).toThrow(message))
})

it('a kernel that was left out has no row in the JSON', () => {
  const figure = {
    place: 'wasm',
    kernel: 'add',
    shape: '8',
    flops: 8,
    bytes: 96,
    first: 1,
    steady: 2,
    samples: [1, 2, 3],
    roundTrip: null,
  }
  const rows = rowsOf([figure, { ...figure, kernel: 'sum', samples: [], steady: null }])
  expect(rows).toEqual([
    {
      ...{ name: 'wasm add 8', unit: 'ms', median: 2, p25: 1.5, p75: 2.5, samples: [1, 2, 3] },
      ...{ place: 'wasm', kernel: 'add', shape: '8', first: 1, roundTrip: null },
    },
  ])
})
