// The command line of `npm run bench:kernels`, and the cases that it chooses.

import { Command, InvalidArgumentError } from 'commander'
import { JSON_OPTION, namesOf, positiveIntegers } from './arguments.ts'
import { type KernelCase, memoryCases, networkCases, squareCases } from './kernel-cases.ts'

export const KERNELS = ['matmul', 'add', 'tanh', 'sum', 'softmax', 'adam'] as const

/** Devices by the names of their places. */
export const DEVICES = {
  cpu: ['wasm', 'reference'],
  gpu: ['gpu.js webgpu'],
  wgsl: ['wgsl'],
  gl: ['gpu.js headlessgl'],
  emulated: ['gpu.js webasm', 'gpu.js cpu'],
} as const

export type DeviceName = keyof typeof DEVICES
const deviceNames = Object.keys(DEVICES) as DeviceName[]

export interface KernelOptions {
  readonly full: boolean
  readonly only?: readonly (typeof KERNELS)[number][]
  readonly size?: readonly number[]
  readonly device?: readonly DeviceName[]
  readonly threads: number
  readonly json?: string | true
}

export function kernelProgram(): Command {
  return new Command('bench:kernels')
    .description('Times the kernels of each backend: a choice of sizes within a minute, or all of them.')
    .option('--full', 'every size, the emulated devices and the crossover of CPU and GPU; several minutes', false)
    .option('--only <kernels>', `some of ${KERNELS.join(', ')}`, namesOf('kernel', KERNELS))
    .option('--size <sides>', 'sides of the square matrices, such as 64,256; other kernels take side² numbers', sides)
    .option('--device <devices>', `some of ${deviceNames.join(', ')}`, namesOf('device', deviceNames))
    .option('--threads <count>', 'threads of the backend wasm', (text) => positiveIntegers(text)[0]!, 1)
    .option(...JSON_OPTION)
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      '\nEvery run writes runs/bench/kernels.json and runs/bench/kernels.html. With --json use "npm run --silent bench:kernels",\n' +
        'which leaves out npm\'s own lines, or name a file. "npm run bench:compare -- a.json b.json" compares two of them.',
    )
}

const LARGEST = 8192

function sides(text: string): number[] {
  const values = positiveIntegers(text)
  const tooLarge = values.find((side) => side > LARGEST)
  if (tooLarge !== undefined) throw new InvalidArgumentError(`got ${tooLarge}; expected sides of at most ${LARGEST}`)
  return values
}

/** Products from small to large, then the kernels limited by memory bandwidth. Given sizes, the products of networks are omitted. */
export function chosenCases({ full, only = KERNELS, size }: KernelOptions): KernelCase[] {
  const squares = size ?? (full ? [16, 32, 64, 128, 256, 512, 1024, 2048] : [64, 256])
  const lengths = (size ?? (full ? [128, 1024] : [128])).map((side) => side ** 2)
  const networks = size === undefined ? networkCases : []
  const all = [...squareCases(squares), ...networks, ...lengths.flatMap(memoryCases)]
  return all.filter(({ kernel }) => only.some((name) => name === kernel))
}
